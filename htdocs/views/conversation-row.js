import { useLayoutEffect, useRef } from 'preact/hooks';
import { html } from '../lib/html.js';
import { memo } from '../lib/memo.js';
import { plainLine, shorten } from '../lib/text.js';
import { listTime } from '../lib/time.js';
import { conversationHash, route } from '../router.js';
import { isNotes, titleOf } from '../store/conversations.js';
import { drafts } from '../store/drafts.js';
import { isOnline } from '../store/people.js';
import { myId } from '../store/session.js';
import { today } from '../store/today.js';
import { typing } from '../store/typing.js';
import { showConversationMenu } from './conversation-actions.js';
import { ConversationSign } from './conversation-sign.js';
import { Icon } from './icon.js';

/** One conversation in the list. */
export const ConversationRow = memo((/** @type {{ conversation: Conversation }} */ { conversation: c }) => {
	const place = route.value;
	const current = place.page === 'conversation' && place.id === c.id;
	const muted = c.notify === 'nothing';
	const unread = c.unread > 0 && !muted;
	const last = c.last_message;
	const box = useRef(/** @type {HTMLElement | null} */ (null));

	/* By shortcut or link one gets to conversations that are scrolled away. */
	useLayoutEffect(() => {
		if (current)
			box.current?.scrollIntoView({ block: 'nearest' });
	}, [current]);

	return html`<a ref=${box} class="row ${unread ? 'is-unread' : ''} ${muted ? 'is-muted' : ''}"
		href=${conversationHash(c.id)} aria-current=${current ? 'page' : undefined}
		data-conversation=${c.id} onContextMenu=${(/** @type {MouseEvent} */ event) => {
			event.preventDefault();
			showConversationMenu(c, new DOMRect(event.clientX, event.clientY));
		}}>
		<${ConversationSign} conversation=${c} />
		<span class="row-text">
			<span class="row-line">
				<span class="row-name" dir="auto">${titleOf(c)}</span>
				${c.kind === 'direct' && !isNotes(c) && c.peer && isOnline(c.peer.id)
					&& html`<span class="unseen">, online</span>`}
				${muted && html`<span class="row-muted" title="Muted"><${Icon} name="bell-off" size=${13} /></span>`}
				${last && html`<time class="row-time" datetime=${last.created_at}>${listTime(last.created_at, today.value)}</time>`}
			</span>
			<span class="row-line">
				<span class="row-preview" dir="auto"><${Preview} conversation=${c} /></span>
				<${Badge} conversation=${c} />
			</span>
		</span>
	</a>`;
});

/** @param {{ conversation: Conversation }} props */
function Preview({ conversation: c }) {
	if ((typing.value.get(c.id) ?? []).length > 0)
		return html`<em>typing…</em>`;
	const draft = drafts.value.get(c.id);
	const place = route.value;
	if (draft?.text && !(place.page === 'conversation' && place.id === c.id))
		return html`<strong class="row-draft">Draft:</strong> ${shorten(draft.text, 80)}`;
	const last = c.last_message;
	if (!last)
		return isNotes(c) ? 'Only you can see these' : c.topic || 'Nothing said yet';
	if (last.deleted_at)
		return html`<em>Message deleted</em>`;
	const who = isNotes(c) ? '' : last.author.id === myId.value ? 'You: '
		: c.kind === 'group' ? `${last.author.display_name.split(' ')[0]}: ` : '';
	return who + shorten(plainLine(last.text), 80);
}

/** How much is new; a mention is marked. @param {{ conversation: Conversation }} props */
function Badge({ conversation: c }) {
	if (c.unread === 0)
		return null;
	const shown = c.unread > 999 ? '999+' : String(c.unread);
	const mentioned = c.mentions > 0 && c.kind === 'group';
	return html`<span class="badge ${c.notify === 'nothing' || (c.notify === 'mentions' && !mentioned) ? 'is-quiet' : ''}">
		${mentioned && html`<span aria-hidden="true">@</span>`}
		<span class="badge-count">${shown}</span>
		<span class="unseen"> unread${mentioned ? ', you are mentioned' : ''}</span>
	</span>`;
}
