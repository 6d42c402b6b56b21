import { html } from '../lib/html.js';
import { Icon } from './icon.js';

/**
 * A button that is only an icon; its label is its name and its tooltip.
 *
 * @param {{ icon: string, label: string, onClick: (event: MouseEvent) => void,
 *	class?: string, [other: string]: any }} props
 */
export function IconButton({ icon, label, onClick, class: extra = '', ...rest }) {
	return html`<button type="button" class="icon-button ${extra}" aria-label=${label}
		title=${label} onClick=${onClick} ...${rest}><${Icon} name=${icon} /></button>`;
}
