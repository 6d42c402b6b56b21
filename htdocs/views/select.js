import { html } from '../lib/html.js';

/**
 * A labelled choice among few.
 *
 * @param {{ label: string, name: string, value: string, options: [string, string][],
 *	onChange?: (value: string) => void }} props
 */
export function Select({ label, name, value, options, onChange }) {
	return html`<div class="field">
		<label for="select-${name}">${label}</label>
		<select id="select-${name}" name=${name}
			onChange=${(/** @type {any} */ e) => onChange?.(e.target.value)}>
			${options.map(([key, text]) => html`<option key=${key} value=${key}
				selected=${key === value}>${text}</option>`)}
		</select>
	</div>`;
}
