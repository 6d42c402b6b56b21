import { html } from '../lib/html.js';
import { plainLine, shorten } from '../lib/text.js';
import { messageHash } from '../router.js';
import { Icon } from './icon.js';

/**
 * One line of what is replied to; it leads there.
 *
 * @param {{ quote: Quote, conversation_id: number }} props
 */
export function ReplyQuote({ quote, conversation_id }) {
	return html`<a class="reply-quote" href=${messageHash(conversation_id, quote.number)}>
		<${Icon} name="reply" size=${13} /><span class="unseen">In reply to </span>
		${quote.deleted ? html`<span class="reply-text"><em>Message deleted</em></span>`
			: html`<span class="reply-author" dir="auto">${quote.author?.display_name}</span>
				<span class="reply-text" dir="auto">${shorten(plainLine(quote.text ?? ''), 160)}</span>`}
	</a>`;
}
