import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { rememberFocus } from '../lib/focus.js';
import { html } from '../lib/html.js';
import { place } from '../lib/place.js';

/**
 * A floating box: closes on Esc and on a click elsewhere, and gives the focus
 * back. On a phone it is a sheet at the foot of the page.
 *
 * @param {{ anchor: DOMRect | null, label: string, class?: string, role?: string,
 *	onClose: () => void, children?: any, onKeyDown?: (event: KeyboardEvent) => void }} props
 */
export function Popup({ anchor, label, class: extra = '', role = 'dialog', onClose, children, onKeyDown }) {
	const box = useRef(/** @type {HTMLDivElement | null} */ (null));
	const closed = useRef(onClose);
	closed.current = onClose;

	useLayoutEffect(() => {
		const el = /** @type {HTMLDivElement} */ (box.current);
		const giveBack = rememberFocus();
		const onToggle = (/** @type {any} */ event) => {
			if (event.newState === 'closed')
				closed.current();
		};
		el.addEventListener('toggle', onToggle);
		el.showPopover();
		/** @type {HTMLElement | null} */
		const first = el.querySelector('[role=menuitem], input, button');
		/* A field would call up the keyboard of a phone, which hides what is to be seen. */
		if (first?.matches('input') && matchMedia('(pointer: coarse)').matches)
			el.focus();
		else
			first?.focus();
		return () => {
			el.removeEventListener('toggle', onToggle);
			if (el.contains(document.activeElement) || document.activeElement === document.body)
				giveBack();
		};
	}, []);

	useEffect(() => {
		const el = /** @type {HTMLDivElement} */ (box.current);
		if (!anchor)
			return undefined;
		const sizes = new ResizeObserver(() => place(el, anchor));
		place(el, anchor);
		sizes.observe(el);
		return () => sizes.disconnect();
	}, [anchor]);

	return html`<div ref=${box} popover="auto" tabindex="-1" class="popup ${anchor ? '' : 'is-sheet'} ${extra}"
		role=${role} aria-label=${label} onKeyDown=${onKeyDown}>${children}</div>`;
}

/** Is the page too narrow for things that float beside others? */
export const isNarrow = () => matchMedia('(max-width: 700px)').matches;

/**
 * Where a popup of this control stands; null makes it a sheet.
 *
 * @param {Element} control
 */
export const anchorOf = (control) => (isNarrow() ? null : control.getBoundingClientRect());
