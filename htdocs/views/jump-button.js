import { html } from '../lib/html.js';
import { conversations } from '../store/conversations.js';
import { Icon } from './icon.js';

/** Back to the newest message. @param {{ id: number, onClick: () => void }} props */
export function JumpButton({ id, onClick }) {
	const unread = conversations.value.get(id)?.unread ?? 0;
	return html`<button type="button" class="jump-latest" onClick=${onClick}>
		<${Icon} name="arrow-down" size=${16} />
		${unread > 0 ? `${unread} new` : 'Jump to latest'}
	</button>`;
}
