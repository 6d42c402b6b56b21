/*
 * live.js -- keeps the store equal to the server.
 *
 * Every stream ("c:12" for a conversation, "u:3" for the user) has a position:
 * the seq of the last event applied. The next one is applied, an older one is
 * ignored, and one from further on waits while the missing range is fetched.
 * After each connect: queue what arrives, catch up by SQL, apply the queue.
 */

import { batch, signal } from '@preact/signals';
import * as api from '../api.js';
import { openEvents } from '../events.js';
import * as conversations from './conversations.js';
import * as drafts from './drafts.js';
import * as members from './members.js';
import { announce } from './notices.js';
import * as outbox from './outbox.js';
import * as people from './people.js';
import * as reading from './reading.js';
import { reduceConversation, reduceRead } from './reduce.js';
import { loadMe, me, myId, status } from './session.js';
import * as timelines from './timelines.js';
import * as typing from './typing.js';

/** @typedef {import('../events.js').Rung} Rung */

/** @type {import('@preact/signals').Signal<Rung | 'connecting' | 'reconnecting'>} */
export const connection = signal('connecting');

/** Rises with every fresh start: what views hold from before is void. */
export const generation = signal(0);

/** A gap often closes by itself: an answer may overtake the stream. */
const gapMs = 200;
const disagreeMs = 2_000;

/** A timeline further behind than this is loaded afresh. */
const longGap = 1_000;

/** @type {Map<string, number>} */
const positions = new Map();

/** @type {Map<string, Map<number, StreamEvent>>} events ahead of a gap */
const held = new Map();

/** @type {Map<string, ReturnType<typeof setTimeout>>} */
const gapTimers = new Map();

/** @type {Map<string, Promise<void>>} */
const fetching = new Map();

/** @type {StreamEvent[]} */
let queue = [];

/** @type {Promise<void> | null} */
let catchingUp = null;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let disagreement;

/** @type {{ close: () => void } | null} */
let stream = null;

let epoch = '';
let greetedBefore = false;

/** Signed in: loads the list and opens the stream. */
export async function start() {
	stop();
	const first = await loadMe();
	epoch = first.epoch;
	positions.set(userStream(), first.last_seq);
	people.know([me.value]);
	drafts.loadDrafts();
	outbox.loadOutbox();
	generation.value++;
	status.value = 'signed_in';
	stream = openEvents({
		onEvents: receive,
		onOpen: opened,
		onClose() {
			connection.value = greetedBefore ? 'reconnecting' : 'connecting';
		},
		position: () => ({ sum: sum(), after: positions.get(userStream()) ?? 0 }),
		onBehind: catchUp,
	});
	await catchUp();
}

/** Forgets everything that belongs to the session. */
export function stop() {
	stream?.close();
	stream = null;
	clearTimeout(disagreement);
	for (const timer of gapTimers.values())
		clearTimeout(timer);
	gapTimers.clear();
	positions.clear();
	held.clear();
	fetching.clear();
	queue = [];
	catchingUp = null;
	epoch = '';
	greetedBefore = false;
	connection.value = 'connecting';
	batch(() => {
		for (const part of [conversations, timelines, members, people,
			typing, reading, drafts, outbox])
			part.reset();
	});
}

/** @param {Rung} rung */
async function opened(rung) {
	const again = greetedBefore;
	greetedBefore = true;
	connection.value = rung;
	try {
		/* One that began before this stream may have missed what it missed. */
		await catchingUp?.catch(ignoreUnreachable);
		await catchUp();
	} catch (error) {
		ignoreUnreachable(error);
		return;
	}
	if (again)
		announce('Connected again.');
	outbox.flush();
	reading.tell();
}

const userStream = () => `u:${myId.value}`;

/** The sum that heartbeats are compared with. */
function sum() {
	let total = 0;
	for (const id of conversations.conversations.value.keys())
		total += positions.get(`c:${id}`) ?? 0;
	return total;
}

/**
 * Everything that comes by the live stream.
 *
 * @param {StreamEvent[]} events
 */
function receive(events) {
	batch(() => {
		for (const event of events) {
			if (event.seq === undefined || event.type === 'hint')
				ephemeral(event);
			else if (catchingUp)
				queue.push(event);
			else
				take(event);
		}
	});
}

/** @param {StreamEvent} event */
function ephemeral(event) {
	if (event.epoch && epoch && event.epoch !== epoch) {
		startAfresh();
		return;
	}
	switch (event.type) {
	case 'heartbeat':
		compare(event);
		break;
	case 'typing':
		typing.show(Number(event.conversation_id), Number(event.user_id));
		break;
	case 'presence':
		people.setPresence(Number(event.user_id), event.state ?? 'offline');
		break;
	case 'read':
		members.apply(Number(event.conversation_id), event);
		break;
	case 'session.ended':
		api.getMe().catch(() => {
			/* If it was this session, api.js has said so. */
		});
		break;
	case 'hint': {
		const { stream: name = '', seq = 0 } = event;
		if (seq > (positions.get(name) ?? -1))
			fillGap(name);
		break;
	}
	}
}

/**
 * A heartbeat tells what the server has. If that is more than what is here,
 * and still is in a moment, something was lost on the way.
 *
 * @param {StreamEvent} beat
 */
function compare(beat) {
	const differs = () => beat.sum !== undefined && !catchingUp && fetching.size === 0
		&& ((beat.last_seq ?? 0) > (positions.get(userStream()) ?? 0) || beat.sum !== sum());
	clearTimeout(disagreement);
	if (!differs())
		return;
	const before = sum();
	disagreement = setTimeout(() => {
		if (differs() && sum() === before)
			catchUp().catch(ignoreUnreachable);
	}, disagreeMs);
}

/** Another history of the database: nothing held here may be kept. */
function startAfresh() {
	start().catch(ignoreUnreachable);
}

/**
 * One numbered event, from the stream, from a range or from an answer.
 *
 * @param {StreamEvent} event
 */
function take(event) {
	const name = String(event.stream);
	const seq = Number(event.seq);
	const have = positions.get(name);
	if (have === undefined) {
		fillGap(name);
		return;
	}
	if (seq <= have)
		return;
	if (seq > have + 1) {
		if (!held.has(name))
			held.set(name, new Map());
		held.get(name)?.set(seq, event);
		if (!gapTimers.has(name) && !fetching.has(name))
			gapTimers.set(name, setTimeout(() => fillGap(name), gapMs));
		return;
	}
	positions.set(name, seq);
	apply(event);
	const next = held.get(name)?.get(seq + 1);
	held.get(name)?.delete(seq + 1);
	if (next)
		take(next);
	else if (held.get(name)?.size === 0)
		held.delete(name);
}

/**
 * Fetches what is missing between here and the newest event of a stream.
 *
 * @param {string} name
 * @returns {Promise<void>}
 */
function fillGap(name) {
	clearTimeout(gapTimers.get(name));
	gapTimers.delete(name);
	let work = fetching.get(name);
	if (!work) {
		work = (positions.has(name) ? fetchRange(name) : fetchUnknown(name))
			.finally(() => {
				fetching.delete(name);
				releaseHeld(name);
			});
		fetching.set(name, work);
		work.catch(ignoreUnreachable);
	}
	return work;
}

/** @param {string} name */
function releaseHeld(name) {
	const have = positions.get(name) ?? 0;
	const waiting = [...held.get(name)?.values() ?? []]
		.filter((e) => Number(e.seq) > have)
		.sort((a, b) => Number(a.seq) - Number(b.seq));
	held.delete(name);
	batch(() => waiting.forEach(take));
}

/** @param {string} name */
async function fetchRange(name) {
	for (;;) {
		const after = positions.get(name);
		if (after === undefined)
			return;
		let page;
		try {
			page = name.startsWith('u:') ? await api.getMyEvents(after)
				: await api.getConversationEvents(idOf(name), after);
		} catch (error) {
			if (!(error instanceof api.ApiError))
				throw error;
			if (error.code === 'resync')
				await reload(name);
			else if (error.status === 404)
				gone(idOf(name));
			else
				throw error;
			return;
		}
		if (page.epoch !== epoch) {
			startAfresh();
			return;
		}
		batch(() => page.items.forEach(take));
		const have = positions.get(name) ?? 0;
		if (page.items.length === 0 || have >= page.last_seq)
			return;
	}
}

/**
 * An event of a conversation not in the list: look whether it is mine.
 *
 * @param {string} name
 */
async function fetchUnknown(name) {
	if (!name.startsWith('c:'))
		return;
	try {
		adopt(await api.getConversation(idOf(name)));
	} catch (error) {
		if (!(error instanceof api.ApiError) || error.status !== 404)
			throw error;
	}
}

/** @param {string} name */
const idOf = (name) => Number(name.slice(2));

/**
 * The log no longer reaches back to here.
 *
 * @param {string} name
 */
async function reload(name) {
	if (name.startsWith('u:')) {
		const { last_seq } = await api.getMe();
		positions.set(name, last_seq);
		await loadList();
		return;
	}
	const id = idOf(name);
	const fresh = await api.getConversation(id);
	positions.set(name, fresh.last_seq);
	conversations.put(fresh);
	await timelines.timelineOf(id)?.load();
	if (members.members.value.has(id))
		await members.loadMembers(id);
}

/** Makes the store equal to the server, and keeps what arrives meanwhile. */
function catchUp() {
	catchingUp ??= (async () => {
		try {
			await fetchRange(userStream());
			await loadList();
		} finally {
			catchingUp = null;
			const waiting = queue;
			queue = [];
			batch(() => waiting.forEach(take));
		}
	})();
	return catchingUp;
}

async function loadList() {
	const user = myId.value;
	const list = await api.getConversations();
	if (user !== myId.value)
		return;
	if (list.epoch !== epoch) {
		startAfresh();
		return;
	}
	const here = new Set(list.items.map((c) => c.id));
	for (const id of [...conversations.conversations.value.keys()])
		if (!here.has(id))
			gone(id);
	const behind = list.items.filter((c) => !adopt(c));
	conversations.listed.value = true;
	await Promise.all(behind.map(async (c) => {
		await fillGap(`c:${c.id}`);
		conversations.change(c.id, (old) => ({
			...reduceRead(old, c.read_number),
			role: c.role, notify: c.notify,
		}));
	}));
	await Promise.all([...members.members.value.keys()]
		.filter((id) => timelines.isLoaded(id))
		.map((id) => members.loadMembers(id)));
}

/**
 * Takes a conversation as the server describes it, unless its messages are
 * loaded and older than that: then the events between are wanted.
 *
 * @param {Conversation} c
 * @returns {boolean} false if events are wanted first
 */
function adopt(c) {
	const name = `c:${c.id}`;
	const have = positions.get(name);
	const old = conversations.conversationById(c.id);
	if (old && have !== undefined && have > c.last_seq)
		return true;
	if (old && have !== undefined && have < c.last_seq && timelines.isLoaded(c.id)) {
		if (c.last_seq - have <= longGap)
			return false;
		timelines.timelineOf(c.id)?.load();
	}
	positions.set(name, c.last_seq);
	/* A read mark set here may not have reached the server yet. */
	conversations.put(old ? reduceRead(c, old.read_number) : c);
	return true;
}

/**
 * A conversation the caller has just started, joined or changed.
 *
 * @param {Conversation} c
 */
export function takeIn(c) {
	if (!adopt(c))
		fillGap(`c:${c.id}`).catch(ignoreUnreachable);
}

/** @param {number} id a conversation I am no longer in */
function gone(id) {
	positions.delete(`c:${id}`);
	held.delete(`c:${id}`);
	conversations.remove(id);
	timelines.drop(id);
	members.drop(id);
}

/**
 * A change the server has confirmed, before its event is here.
 *
 * @param {number} conversation_id
 * @param {StreamEvent} event without seq
 */
export function applyNow(conversation_id, event) {
	batch(() => {
		timelines.timelineOf(conversation_id)?.apply(event);
		if (me.value && !event.type.startsWith('member.')) {
			const user = me.value;
			conversations.change(conversation_id, (c) => reduceConversation(c, event, user));
		}
	});
}

/** @param {StreamEvent} event the next of its stream */
function apply(event) {
	const name = String(event.stream);
	if (name.startsWith('u:'))
		applyMine(event);
	else
		applyShared(idOf(name), event);
}

/**
 * @param {number} id
 * @param {StreamEvent} event
 */
function applyShared(id, event) {
	const user = me.value;
	if (!user)
		return;
	if (event.type === 'member.removed' && event.user_id === user.id) {
		gone(id);
		return;
	}
	const before = conversations.conversationById(id);
	people.know([event.user, event.message?.author]);
	conversations.change(id, (c) => reduceConversation(c, event, user));
	timelines.timelineOf(id)?.apply(event);
	members.apply(id, event);
	if (event.type === 'message.posted' && event.message) {
		typing.hide(id, event.message.author.id);
		outbox.settle(event.message);
		arrived(event.message);
	}
	if (before && (event.type === 'message.edited' || event.type === 'message.deleted')
		&& Number(event.message?.number ?? event.number) > before.read_number
		&& before.mentions > 0)
		reading.recount(id).catch(ignoreUnreachable);
}

/** @param {StreamEvent} event */
function applyMine(event) {
	switch (event.type) {
	case 'conversation.joined':
		if (event.conversation)
			takeIn(event.conversation);
		break;
	case 'conversation.left':
		gone(Number(event.conversation_id));
		break;
	case 'conversation.updated': {
		const update = event.conversation;
		if (update)
			conversations.change(update.id, (c) => ({ ...c, notify: update.notify ?? c.notify }));
		break;
	}
	case 'read.moved': {
		const id = Number(event.conversation_id);
		const number = Number(event.read_number);
		conversations.change(id, (c) => reduceRead(c, number));
		reading.recount(id).catch(ignoreUnreachable);
		break;
	}
	case 'user.updated':
		if (event.user)
			me.value = { .../** @type {User} */ (me.value), ...event.user };
		break;
	case 'settings.changed':
		loadMe().catch(ignoreUnreachable);
		break;
	case 'session.ended':
		ephemeral(event);
		break;
	}
}

/** @type {(message: Message) => void} */
let arrived = () => {};

/** @param {(message: Message) => void} handler gets each new message once */
export function onArrived(handler) {
	arrived = handler;
}

outbox.onSent((message) => {
	receive([{
		type: 'message.posted', stream: `c:${message.conversation_id}`,
		seq: message.seq, at: message.created_at, message,
	}]);
	if (message.seq <= (positions.get(`c:${message.conversation_id}`) ?? -1))
		outbox.settle(message);
});

/** @param {unknown} error the next connect or heartbeat puts it right */
function ignoreUnreachable(error) {
	if (!(error instanceof api.ApiError))
		throw error;
}

