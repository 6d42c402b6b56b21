import { useRef, useState } from 'preact/hooks';
import { copy } from '../lib/clipboard.js';
import { html } from '../lib/html.js';
import { announce } from '../store/notices.js';
import { Icon } from './icon.js';

/** A value to take along. @param {{ label: string, value: string }} props */
export function CopyField({ label, value }) {
	const field = useRef(/** @type {HTMLInputElement | null} */ (null));
	const [copied, setCopied] = useState(false);

	async function onCopy() {
		field.current?.select();
		if (await copy(value)) {
			setCopied(true);
			announce('Copied.');
			setTimeout(() => setCopied(false), 2_000);
		}
	}

	return html`<div class="copy-field">
		<input ref=${field} readonly value=${value} aria-label=${label}
			onFocus=${(/** @type {any} */ e) => e.target.select()} />
		<button type="button" class="button" onClick=${onCopy}>
			<${Icon} name=${copied ? 'check' : 'copy'} size=${16} /> ${copied ? 'Copied' : 'Copy'}</button>
	</div>`;
}
