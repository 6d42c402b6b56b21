import { signal } from '@preact/signals';
import { html } from '../lib/html.js';
import { stepIn } from '../lib/keys.js';
import { Icon } from './icon.js';
import { Popup } from './popup.js';

/**
 * @typedef {{ label: string, icon: string, onSelect: () => void, danger?: boolean,
 *	checked?: boolean }} MenuItem
 */

/**
 * @type {import('@preact/signals').Signal<{ anchor: DOMRect | null, label: string,
 *	items: MenuItem[], head?: any } | null>}
 */
const open = signal(null);

/**
 * @param {DOMRect | null} anchor null for a sheet
 * @param {string} label
 * @param {MenuItem[]} items
 * @param {any} [head] what stands above the items
 */
export function openMenu(anchor, label, items, head) {
	open.value = { anchor, label, items, head };
}

export function closeMenu() {
	open.value = null;
}

/** Is a menu shown that stands on this message or control? */
export const menuIsOpen = () => open.value !== null;

/** @param {KeyboardEvent} event */
function onKeyDown(event) {
	const list = /** @type {HTMLElement} */ (event.currentTarget);
	/** @type {HTMLElement[]} */
	const items = [...list.querySelectorAll('[role^=menuitem]')].map((el) => /** @type {any} */ (el));
	const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
	const to = stepIn(event, at, items.length);
	if (to === undefined || items.length === 0)
		return;
	event.preventDefault();
	items[(to + items.length) % items.length].focus();
}

/** The one menu of the page. */
export function Menu() {
	const menu = open.value;
	if (!menu)
		return null;
	return html`<${Popup} anchor=${menu.anchor} label=${menu.label} class="menu"
		role=${menu.head ? 'dialog' : 'menu'} onClose=${closeMenu} onKeyDown=${onKeyDown}>
		${menu.head}
		${menu.head ? html`<div role="menu" aria-label=${menu.label}><${Items} items=${menu.items} /></div>`
			: html`<${Items} items=${menu.items} />`}
	</${Popup}>`;
}

/** @param {{ items: MenuItem[] }} props */
function Items({ items }) {
	return items.map((item) => html`<button type="button" key=${item.label}
		role=${item.checked === undefined ? 'menuitem' : 'menuitemradio'}
		aria-checked=${item.checked} class="menu-item ${item.danger ? 'is-danger' : ''}"
		onClick=${() => {
			closeMenu();
			item.onSelect();
		}}>
		<${Icon} name=${item.icon} size=${16} /><span>${item.label}</span>
		${item.checked && html`<${Icon} name="check" size=${16} class="menu-check" />`}
	</button>`);
}
