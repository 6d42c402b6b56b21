import { html } from '../lib/html.js';
import { plainLine, shorten } from '../lib/text.js';
import { IconButton } from './icon-button.js';

/**
 * What is being replied to or edited, with a way out.
 *
 * @param {{ edited: Message | null, reply_to?: Quote | null, onLeave: () => void,
 *	onDelete: (() => void) | null }} props
 */
export function ComposerContext({ edited, reply_to, onLeave, onDelete }) {
	if (!edited && !reply_to)
		return null;
	return html`<div class="composer-context">
		<span class="composer-context-text">${edited ? html`<strong>Editing your message</strong>`
			: html`<strong>Reply to <bdi>${reply_to?.author?.display_name}</bdi></strong>${' '}
				<span dir="auto">${shorten(plainLine(reply_to?.text ?? ''), 120)}</span>`}</span>
		${onDelete && html`<button type="button" class="link-button is-danger" onClick=${onDelete}>Delete</button>`}
		<${IconButton} icon="x" label=${edited ? 'Stop editing' : 'Don’t reply'} onClick=${onLeave} />
	</div>`;
}
