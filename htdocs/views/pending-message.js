import { html } from '../lib/html.js';
import { clockTime } from '../lib/time.js';
import { discard, retry } from '../store/outbox.js';
import { me } from '../store/session.js';
import { Avatar } from './avatar.js';
import { Icon } from './icon.js';
import { ReplyQuote } from './reply-quote.js';

/**
 * A message on its way, as it was typed.
 *
 * @param {{ entry: Pending, first: boolean }} props
 */
export function PendingMessage({ entry, first }) {
	const user = me.value;
	if (!user)
		return null;
	return html`<article class="message is-pending is-${entry.state} ${first ? 'is-first' : ''}"
		data-client-id=${entry.client_id} data-state=${entry.state}
		aria-label="${user.display_name}, not sent yet" aria-describedby="text-${entry.client_id}">
		<div class="message-gutter">${first && html`<${Avatar} user=${user} />`}</div>
		<div class="message-main">
			${first && html`<header class="message-head">
				<span class="message-author" dir="auto">${user.display_name}</span>
				<time class="message-time" datetime=${entry.created_at}>${clockTime(entry.created_at)}</time>
			</header>`}
			${entry.reply_to && html`<${ReplyQuote} quote=${entry.reply_to}
				conversation_id=${entry.conversation_id} />`}
			<div class="message-text is-plain" id="text-${entry.client_id}" dir="auto">${entry.text}</div>
			<${State} entry=${entry} />
		</div>
	</article>`;
}

/** @param {{ entry: Pending }} props */
function State({ entry }) {
	if (entry.state === 'sending')
		return html`<p class="pending-state is-slow"><${Icon} name="clock" size=${13} /> Sending…</p>`;
	if (entry.state === 'sent')
		return null;
	const failed = entry.state === 'failed';
	return html`<p class="pending-state ${failed ? 'is-failed' : ''}">
		<${Icon} name=${failed ? 'circle-alert' : 'clock'} size=${13} />
		<span>${failed ? `Couldn’t send. ${entry.error ?? ''}` : 'Waiting to send.'}</span>
		<button type="button" class="link-button" onClick=${() => retry(entry.client_id)}>Retry</button>
		<button type="button" class="link-button" onClick=${() => discard(entry.client_id)}>Delete</button>
	</p>`;
}
