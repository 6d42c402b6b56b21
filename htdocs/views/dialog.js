import { useLayoutEffect, useRef } from 'preact/hooks';
import { rememberFocus } from '../lib/focus.js';
import { html } from '../lib/html.js';
import { closeDialog } from '../store/ui.js';
import { IconButton } from './icon-button.js';

/**
 * A modal dialog: Esc and a click beside it close it, and the focus returns.
 *
 * @param {{ title: string, class?: string, bare?: boolean, children?: any }} props
 */
export function Dialog({ title, class: extra = '', bare = false, children }) {
	const box = useRef(/** @type {HTMLDialogElement | null} */ (null));

	useLayoutEffect(() => {
		const el = /** @type {HTMLDialogElement} */ (box.current);
		const giveBack = rememberFocus();
		el.showModal();
		/** @type {HTMLElement | null} */
		const first = el.querySelector('[autofocus]');
		first?.focus();
		return () => {
			el.close();
			giveBack();
		};
	}, []);

	/** @param {MouseEvent} event */
	function onMouseDown(event) {
		if (event.target === box.current)
			closeDialog();
	}

	return html`<dialog ref=${box} class="dialog ${extra}" aria-label=${title}
		onMouseDown=${onMouseDown} onCancel=${(/** @type {Event} */ e) => {
			if (e.target !== box.current)
				return;
			e.preventDefault();
			closeDialog();
		}}>
		<div class="dialog-box" tabindex="-1">
			${!bare && html`<header class="dialog-head"><h2>${title}</h2>
				<${IconButton} icon="x" label="Close" onClick=${closeDialog} /></header>`}
			${children}
		</div>
	</dialog>`;
}
