import { html } from '../lib/html.js';
import { IconButton } from './icon-button.js';
import { react, reply, showMessageMenu } from './message-actions.js';

/**
 * What one does most, on the message under the mouse or with the focus.
 *
 * @param {{ message: Message }} props
 */
export function MessageToolbar({ message }) {
	return html`<div class="message-toolbar" role="group" aria-label="Message actions">
		<${IconButton} icon="smile-plus" label="React" aria-haspopup="dialog"
			onClick=${(/** @type {any} */ e) => react(message, e.currentTarget)} />
		<${IconButton} icon="reply" label="Reply" onClick=${() => reply(message)} />
		<${IconButton} icon="ellipsis" label="More" aria-haspopup="menu"
			onClick=${(/** @type {any} */ e) => showMessageMenu(message, e.currentTarget)} />
	</div>`;
}
