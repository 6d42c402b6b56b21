import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { plainLine, shorten } from '../lib/text.js';
import { onArrived } from '../store/apply.js';
import { conversations, listed } from '../store/conversations.js';
import { connection } from '../store/live.js';
import { loadMembers } from '../store/members.js';
import { announce } from '../store/notices.js';
import { myId } from '../store/session.js';
import { takeIn } from '../store/sync.js';
import { editing } from '../store/ui.js';
import { ApiError, getConversation } from '../api.js';
import { Composer } from './composer.js';
import { ConversationHeader } from './conversation-header.js';
import { MessageList } from './message-list.js';
import { TypingLine } from './typing-line.js';

/**
 * One conversation: header, messages, composer.
 *
 * @param {{ place: import('../router.js').ConversationPlace }} props
 */
export function ConversationPane({ place }) {
	const { id } = place;
	const conversation = conversations.value.get(id);
	const here = conversation !== undefined;
	const left = useRef(0);

	useEffect(() => {
		if (here) {
			left.current = id;
			loadMembers(id).catch(ignoreApi);
			return () => {
				editing.value = null;
			};
		}
		/* Perhaps it was started a moment ago. */
		if (left.current !== id)
			getConversation(id).then(takeIn).catch(ignoreApi);
		return undefined;
	}, [id, here]);

	useEffect(() => onArrived((message) => {
		if (message.conversation_id === id && message.author.id !== myId.value)
			announce(`${message.author.display_name}: ${shorten(plainLine(message.text), 160)}`);
	}), [id]);

	if (!conversation)
		return listed.value ? html`<${Missing} />` : html`<main class="pane" tabindex="-1" aria-busy="true"></main>`;
	return html`<main class="pane" tabindex="-1" data-conversation=${id}>
		<${ConversationHeader} conversation=${conversation} />
		${connection.value === 'reconnecting' && html`<${OfflineBar} />`}
		<${MessageList} place=${place} />
		<${Composer} key=${id} conversation=${conversation} />
		<${TypingLine} id=${id} />
	</main>`;
}

/** A short break is not worth a word. */
function OfflineBar() {
	const [shown, setShown] = useState(false);

	useEffect(() => {
		const timer = setTimeout(() => setShown(true), 1_000);
		return () => clearTimeout(timer);
	}, []);

	return shown && html`<p class="offline-bar">Reconnecting… your messages are kept.</p>`;
}

function Missing() {
	return html`<main class="home" tabindex="-1"><div class="home-box">
		<h2>This conversation isn’t here</h2>
		<p class="quiet">It doesn’t exist, or you are not a member of it any more.</p>
		<a class="button" href="#/">Back to your conversations</a>
	</div></main>`;
}

/** @param {unknown} error shown by what is missing; tried again on reconnect */
function ignoreApi(error) {
	if (!(error instanceof ApiError))
		throw error;
}
