import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { html } from '../lib/html.js';
import { memo } from '../lib/memo.js';
import { purify } from '../lib/purify.js';
import { onlyEmoji } from '../lib/text.js';
import { clockTime, fullTime } from '../lib/time.js';
import { hashHere } from '../router.js';
import { me } from '../store/session.js';
import { Avatar } from './avatar.js';
import { useCodeBlocks } from './code-blocks.js';
import { MessageToolbar } from './message-toolbar.js';
import { Reactions } from './reactions.js';
import { ReplyQuote } from './reply-quote.js';

/**
 * One message. The first of a group shows who and when.
 *
 * @typedef {{ message: Message, first: boolean, active: boolean, marked: boolean,
 *	last: boolean, seen: string }} Props
 */
export const Message = memo((/** @type {Props} */ { message, first, active, marked, last, seen }) => {
	const { author } = message;
	const time = clockTime(message.created_at);
	const name = author.display_name || author.username;
	return html`<article class="message ${first ? 'is-first' : ''} ${active ? 'is-active' : ''} ${marked ? 'is-marked' : ''}"
		data-number=${message.number} data-id=${message.id} tabindex=${last ? 0 : -1}
		aria-label="${name}, ${time}" aria-describedby="text-${message.id}">
		<div class="message-gutter">
			${first ? html`<${Avatar} user=${author} />`
				: html`<time class="message-side-time" datetime=${message.created_at}
					title=${fullTime(message.created_at)}>${time}</time>`}
		</div>
		<div class="message-main">
			${first && html`<header class="message-head">
				<span class="message-author" dir="auto">${name}</span>
				${author.kind === 'bot' && html`<span class="tag">bot</span>`}
				<time class="message-time" datetime=${message.created_at}
					title=${fullTime(message.created_at)}>${time}</time>
			</header>`}
			${message.reply_to && html`<${ReplyQuote} quote=${message.reply_to}
				conversation_id=${message.conversation_id} />`}
			${message.deleted_at ? html`<p class="message-deleted" id="text-${message.id}">Message deleted</p>`
				: html`<${Text} message=${message} />`}
			${message.reactions.length > 0 && html`<${Reactions} message=${message} />`}
			${seen && html`<p class="message-seen" title=${seen.split('\n')[1] ?? ''}>${seen.split('\n')[0]}</p>`}
		</div>
		${active && !message.deleted_at && html`<${MessageToolbar} message=${message} />`}
	</article>`;
});

/** @param {{ message: Message }} props */
function Text({ message }) {
	const box = useRef(/** @type {HTMLDivElement | null} */ (null));
	const safe = useMemo(() => purify(message.html), [message.html]);
	const username = me.value?.username;
	useCodeBlocks(box, safe);

	useLayoutEffect(() => {
		for (const el of box.current?.querySelectorAll('.mention') ?? []) {
			const who = /** @type {HTMLElement} */ (el).dataset.username;
			el.classList.toggle('is-me', who === username || who === 'all');
		}
	}, [safe, username]);

	/* One goes to a place in this application without leaving it. */
	useLayoutEffect(() => {
		for (const link of box.current?.querySelectorAll('a') ?? []) {
			const hash = hashHere(link.href);
			if (hash) {
				link.setAttribute('href', hash);
				link.removeAttribute('target');
			}
		}
	}, [safe]);

	useLayoutEffect(() => {
		const el = box.current;
		if (!el || !message.edited_at)
			return undefined;
		const mark = document.createElement('span');
		mark.className = 'message-edited';
		mark.title = fullTime(message.edited_at);
		mark.textContent = 'edited';
		(el.querySelector(':scope > p:last-child') ?? el).append(' ', mark);
		return () => mark.remove();
	}, [safe, message.edited_at]);

	return html`<div class="message-text ${onlyEmoji(message.text) ? 'is-emoji' : ''}" dir="auto"
		id="text-${message.id}" ref=${box} dangerouslySetInnerHTML=${{ __html: safe }}></div>`;
}
