import { useComputed } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { continues, dayKey, dayTitle } from '../lib/time.js';
import { conversationHash, replace, route } from '../router.js';
import { conversationById, isNotes, titleOf } from '../store/conversations.js';
import { drafts } from '../store/drafts.js';
import { notice } from '../store/notices.js';
import { outbox } from '../store/outbox.js';
import { release, unreadFrom } from '../store/reading.js';
import { myId } from '../store/session.js';
import { today } from '../store/today.js';
import { openTimeline } from '../store/timelines.js';
import { editing, focusComposer } from '../store/ui.js';
import { EmptyConversation } from './empty-conversation.js';
import { JumpButton } from './jump-button.js';
import { Message } from './message.js';
import { PendingMessage } from './pending-message.js';
import { seenBy } from './seen.js';
import { useActiveMessage } from './use-active-message.js';
import { useScroll } from './use-scroll.js';

/**
 * The messages of a conversation, from any place in its history.
 *
 * @param {{ place: import('../router.js').ConversationPlace }} props
 */
export function MessageList({ place }) {
	const { id, number } = place;
	const timeline = useMemo(() => openTimeline(id), [id]);
	const box = useRef(/** @type {HTMLDivElement | null} */ (null));
	const [divider, setDivider] = useState(() => {
		const c = conversationById(id);
		return c && c.unread > 0 ? c.read_number : null;
	});
	const scroll = useScroll({ box, timeline, divider, setDivider });
	const active = useActiveMessage(box);

	const before = useRef(/** @type {typeof place | null} */ (null));

	useEffect(() => {
		const ready = timeline.state.value === 'ready';
		if (number) {
			if (!ready || !timeline.items.value.some((m) => m.number === number))
				timeline.load(number).then((outcome) =>
					outcome === 'shown' && expectMessage(timeline, number));
			scroll.goTo({ kind: 'number', number });
		} else if (!before.current) {
			const c = conversationById(id);
			if (!ready || timeline.hasAfter.value)
				timeline.load(c && c.unread > 40 ? c.read_number + 1 : undefined);
		} else if (!place.panel && !before.current.panel) {
			/* Back from a message, or here once more: to the end. */
			scroll.toEnd(true);
		}
		before.current = place;
	}, [timeline, place]);

	const items = timeline.items.value;
	const pending = timeline.hasAfter.value ? []
		: outbox.value.filter((e) => e.conversation_id === id
			&& !items.some((m) => m.id === e.message_id || m.client_id === e.client_id));

	/* What I say is said at the end: go and see it there. */
	const sending = outbox.value.findLast((e) => e.conversation_id === id
		&& e.state === 'sending')?.client_id;
	useLayoutEffect(() => {
		if (sending) {
			release(id);
			scroll.toEnd(false);
		}
	}, [sending]);

	useEffect(() => () => release(id), [id]);
	const from = unreadFrom.value.get(id);

	/* What the composer is about, and not its every letter. */
	const about = useComputed(() => (editing.value?.conversation_id === id ? editing.value.id
		: drafts.value.get(id)?.reply_to?.id)).value;

	const state = timeline.state.value;
	return html`<div class="timeline-frame">
		<div class="timeline" ref=${box} role="log" aria-live="off" aria-label="Messages"
			aria-busy=${timeline.loading.value || state === 'empty'} tabindex="-1" ...${active.handlers}>
			<div class="timeline-content">
				${timeline.hasBefore.value
					? html`<${More} words="Load earlier messages" busy=${timeline.paging.value === 'before'}
						onClick=${() => timeline.loadBefore()} />`
					: state === 'ready' && items.length > 0
						&& html`<p class="timeline-begin">${begin(id)}</p>`}
				${state === 'loading' && html`<${Placeholder} />`}
				${state === 'failed' && html`<${Failed} onRetry=${() => timeline.reload()} />`}
				${state === 'ready' && items.length === 0 && pending.length === 0
					&& html`<${EmptyConversation} id=${id} />`}
				<${Days} items=${items} divider=${from ? from - 1 : divider} active=${active.number}
					about=${about} pending=${pending} id=${id} />
				${timeline.hasAfter.value && html`<${More} words="Load later messages"
					busy=${timeline.paging.value === 'after'} onClick=${() => timeline.loadAfter()} />`}
			</div>
		</div>
		${!scroll.atEnd && state === 'ready' && html`<${JumpButton}
			id=${id} onClick=${() => {
				scroll.toEnd(true);
				focusComposer();
			}} />`}
	</div>`;
}

/** Where there is more; scrolling there loads it, too. @param {{ words: string, busy: boolean, onClick: () => void }} props */
function More({ words, busy, onClick }) {
	return html`<p class="timeline-more"><button type="button" class="link-button" aria-disabled=${busy}
		onClick=${onClick}>${busy ? 'Loading…' : words}</button></p>`;
}

/**
 * A link may be wrong: then to the end.
 *
 * @param {import('../store/timelines.js').Timeline} timeline
 * @param {number} number
 */
function expectMessage({ id, items }, number) {
	const { value: place } = route;
	if (place.page !== 'conversation' || place.id !== id || place.number !== number
		|| items.value.some((m) => m.number === number))
		return;
	notice('There is no such message.');
	replace(conversationHash(id));
}

/**
 * @param {{ items: Message[], divider: number | null, active: number | null,
 *	about: number | undefined, pending: Pending[], id: number }} props
 */
function Days({ items, divider, active, about, pending, id }) {
	/** @type {{ key: string, at: string, rows: any[] }[]} */
	const days = [];
	/** @param {string} at */
	const dayOf = (at) => {
		const key = dayKey(at);
		if (days.at(-1)?.key !== key)
			days.push({ key, at, rows: [] });
		return /** @type {{ rows: any[] }} */ (days.at(-1));
	};
	const mine = myId.value;
	const lastOwn = items.findLast((m) => m.author.id === mine && !m.deleted_at);
	/* The divider has its place only where the message before it is loaded, too. */
	const newFrom = divider === null || items[0]?.number > divider + 1 ? undefined
		: items.find((m) => m.number > divider && m.author.id !== mine)?.number;
	/** @type {Message | undefined} */
	let before;
	for (const message of items) {
		const day = dayOf(message.created_at);
		const isNew = message.number === newFrom;
		if (isNew)
			day.rows.push(html`<div class="new-divider" key="new" role="separator"
				aria-label="New messages"><span>New</span></div>`);
		day.rows.push(html`<${Message} key=${message.id} message=${message}
			first=${isNew || !continues(before, message)} active=${active === message.number} marked=${about === message.id}
			last=${message === items.at(-1)}
			seen=${message === lastOwn ? seenBy(id, message.number) : ''} />`);
		before = message;
	}
	for (const entry of pending) {
		const joined = before && before.author.id === mine && !before.deleted_at && !entry.reply_to
			&& Date.parse(entry.created_at) - Date.parse(before.created_at) < 300_000;
		dayOf(entry.created_at).rows.push(html`<${PendingMessage} key=${entry.client_id}
			entry=${entry} first=${!joined && entry === pending[0]} />`);
	}
	return days.map((day) => {
		const title = dayTitle(day.at, today.value);
		return html`<section class="day" key=${day.key} aria-label=${title}>
			<h3 class="day-title"><span>${title}</span></h3>
			${day.rows}
		</section>`;
	});
}

/** What stands above the first message. @param {number} id */
function begin(id) {
	const c = conversationById(id);
	if (!c || isNotes(c))
		return 'This is the beginning of your notes.';
	return c.kind === 'direct'
		? html`This is the beginning of your conversation with <bdi>${titleOf(c)}</bdi>.`
		: html`This is the beginning of <bdi>${titleOf(c)}</bdi>.`;
}

/** Grey lines, shown only when loading takes long enough to be noticed. */
function Placeholder() {
	return html`<div class="timeline-placeholder" aria-hidden="true">
		${[1, 2, 3, 4, 5].map((n) => html`<div key=${n}><i></i><p></p></div>`)}
	</div>`;
}

/** @param {{ onRetry: () => void }} props */
function Failed({ onRetry }) {
	return html`<div class="timeline-failed">
		<p>Couldn’t load the messages.</p>
		<button type="button" class="button" onClick=${onRetry}>Try again</button>
	</div>`;
}
