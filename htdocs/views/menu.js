import { html } from '../lib/html.js';
import { stepIn } from '../lib/keys.js';
import { menu } from '../store/ui.js';
import { Icon } from './icon.js';
import { Popup } from './popup.js';

/** @typedef {import('../store/ui.js').MenuItem} MenuItem */

/**
 * @param {DOMRect | null} anchor null for a sheet
 * @param {string} label
 * @param {MenuItem[]} items
 * @param {any} [head] what stands above the items
 */
export function openMenu(anchor, label, items, head) {
	menu.value = { anchor, label, items, head };
}

export function closeMenu() {
	menu.value = null;
}

/** Is a menu shown that stands on this message or control? */
export const menuIsOpen = () => menu.value !== null;

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
	const open = menu.value;
	if (!open)
		return null;
	return html`<${Popup} anchor=${open.anchor} label=${open.label} class="menu"
		role=${open.head ? 'dialog' : 'menu'} onClose=${closeMenu} onKeyDown=${onKeyDown}>
		${open.head}
		${open.head ? html`<div role="menu" aria-label=${open.label}><${Items} items=${open.items} /></div>`
			: html`<${Items} items=${open.items} />`}
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
