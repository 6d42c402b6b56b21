/*
 * sync.js -- every event once and in order, whatever the way loses.
 *
 * The next event of a stream is applied, an older one is ignored, and one from
 * further on waits while the missing range is fetched. To catch up, numbered
 * events are queued, the lists are loaded, and then the queue is applied. What
 * can't be fetched is asked for again, less and less often.
 */

import { batch } from '@preact/signals';
import * as api from '../api.js';
import { backoff } from '../lib/backoff.js';
import { apply, gone, ignoreUnreachable } from './apply.js';
import * as conversations from './conversations.js';
import * as members from './members.js';
import * as outbox from './outbox.js';
import { idOf, myStream, positionOf, setPosition, streamOf } from './positions.js';
import * as reading from './reading.js';
import * as timelines from './timelines.js';

/** A gap often closes by itself: an answer may overtake the stream. */
const gapMs = 200;

/** A timeline further behind than this is loaded afresh. */
const longGap = 1_000;

/** More than this many events of a stream are not kept: they come with the range. */
const mostHeld = 1_000;

/** @type {Map<string, Map<number, StreamEvent>>} events that can't be applied yet */
const held = new Map();

/** @type {Map<string, ReturnType<typeof setTimeout>>} */
const gapTimers = new Map();

/** @type {Map<string, Promise<void>>} */
const fetching = new Map();

/** @type {Map<string, { tries: number, ms: number }>} where the last try brought nothing */
const pauses = new Map();

/** @type {StreamEvent[]} */
let queue = [];

/** @type {Promise<void> | null} */
let catchingUp = null;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let catchUpTimer;

/** How often in a row it failed. */
let failures = 0;

/** Tells what runs now from what was begun before a reset. */
let runs = 0;

let epoch = '';

/** @type {() => void} */
let otherEpoch = () => {};

/** @param {() => void} handler for another history of the database */
export function onOtherEpoch(handler) {
	otherEpoch = handler;
}

/**
 * From here on everything belongs to this history.
 *
 * @param {string} now
 * @param {number} seq of my own stream
 */
export function begin(now, seq) {
	epoch = now;
	setPosition(myStream(), seq);
}

/** @param {string | undefined} other */
export const isOtherEpoch = (other) => !!other && !!epoch && other !== epoch;

/** Is something being fetched that may change the positions? */
export const isBusy = () => catchingUp !== null || fetching.size > 0;

/**
 * One numbered event, from the stream, from a range or from an answer.
 *
 * @param {StreamEvent} event
 */
export function receive(event) {
	if (catchingUp)
		queue.push(event);
	else
		take(event);
}

/** @param {Message} message the server's answer: the event may come later, or have come */
export function receivePosted(message) {
	const { conversation_id, seq, created_at, author } = message;
	const stream = streamOf(conversation_id);
	receive({ type: 'message.posted', stream, seq, at: created_at, actor_id: author.id, message });
	outbox.settleUpTo(conversation_id, positionOf(stream) ?? -1);
}

/** @param {StreamEvent} event or a hint that there is one */
function take(event) {
	const stream = String(event.stream);
	if (Number(event.seq) <= (positionOf(stream) ?? -1))
		return;
	const ahead = held.get(stream) ?? new Map();
	if (ahead.size >= mostHeld) {
		const seq = Math.max(...ahead.keys());
		ahead.clear();
		ahead.set(seq, { type: 'hint', stream, seq });
	}
	held.set(stream, ahead.set(Number(event.seq), event));
	advance(stream);
}

/**
 * Applies what follows. If something is missing before the rest, it is asked for.
 *
 * @param {string} stream
 */
function advance(stream) {
	const ahead = held.get(stream) ?? new Map();
	const next = () => ahead.get((positionOf(stream) ?? NaN) + 1);
	batch(() => {
		for (let event = next(); event && event.type !== 'hint'; event = next()) {
			setPosition(stream, Number(event.seq));
			apply(event);
			/* It tells what all members see alike; my part of it is asked for. */
			if (event.type === 'conversation.joined' && event.conversation)
				want(event.conversation);
		}
	});
	const have = positionOf(stream) ?? -1;
	for (const seq of ahead.keys())
		if (seq <= have)
			ahead.delete(seq);
	if (ahead.size === 0) {
		held.delete(stream);
		pauses.delete(stream);
		clearTimeout(gapTimers.get(stream));
		gapTimers.delete(stream);
	} else if (!gapTimers.has(stream) && !fetching.has(stream)) {
		const hinted = [...ahead.values()].some((e) => e.type === 'hint');
		gapTimers.set(stream, setTimeout(() => fillGap(stream),
			pauses.get(stream)?.ms ?? (hinted ? 0 : gapMs)));
	}
}

/** @param {Conversation} c whose events are wanted up to there */
const want = (c) => take({ type: 'hint', stream: streamOf(c.id), seq: c.last_seq });

/**
 * Fetches what is missing between here and the newest event of a stream.
 *
 * @param {string} stream
 * @returns {Promise<void>}
 */
function fillGap(stream) {
	clearTimeout(gapTimers.get(stream));
	gapTimers.delete(stream);
	let work = fetching.get(stream);
	if (!work) {
		work = fetchGap(stream);
		fetching.set(stream, work);
		work.catch(ignoreUnreachable);
	}
	return work;
}

/** @param {string} stream */
async function fetchGap(stream) {
	const run = runs;
	const before = positionOf(stream);
	const tries = (pauses.get(stream)?.tries ?? 0) + 1;
	let ms = backoff(tries);
	let over = false;
	try {
		await (before === undefined ? fetchUnknown(stream) : fetchRange(stream));
		over = positionOf(stream) === undefined;
	} catch (error) {
		over = !(error instanceof api.ApiError && error.passing);
		if (error instanceof api.ApiError)
			ms = error.pause(tries);
		throw error;
	} finally {
		if (run === runs) {
			fetching.delete(stream);
			if (over)
				held.delete(stream);
			if (over || positionOf(stream) !== before)
				pauses.delete(stream);
			else
				pauses.set(stream, { tries, ms });
			advance(stream);
		}
	}
}

/** @param {string} stream */
async function fetchRange(stream) {
	for (;;) {
		const after = positionOf(stream);
		if (after === undefined)
			return;
		let page;
		try {
			page = stream.startsWith('u:') ? await api.getMyEvents(after)
				: await api.getConversationEvents(idOf(stream), after);
		} catch (error) {
			if (!(error instanceof api.ApiError))
				throw error;
			if (error.code === 'resync')
				await reload(stream);
			else if (error.status === 404)
				gone(idOf(stream));
			else
				throw error;
			return;
		}
		if (isOtherEpoch(page.epoch)) {
			otherEpoch();
			return;
		}
		batch(() => page.items.forEach(take));
		const now = positionOf(stream);
		if (now === undefined || now === after || now >= page.last_seq)
			return;
	}
}

/**
 * A conversation not in the list: look whether it is mine.
 *
 * @param {string} stream
 */
async function fetchUnknown(stream) {
	if (!stream.startsWith('c:'))
		return;
	try {
		adopt(await api.getConversation(idOf(stream)));
	} catch (error) {
		if (!(error instanceof api.ApiError) || error.status !== 404)
			throw error;
	}
}

/**
 * The log no longer reaches back to here.
 *
 * @param {string} stream
 */
async function reload(stream) {
	if (stream.startsWith('u:')) {
		const { last_seq } = await api.getMe();
		setPosition(stream, last_seq);
		await loadList();
		return;
	}
	const id = idOf(stream);
	const fresh = await api.getConversation(id);
	if (timelines.timelineOf(id))
		await members.loadMembers(id);
	jump(fresh, true);
}

/**
 * Makes the store equal to the server, and keeps what arrives meanwhile.
 *
 * @returns {Promise<void>}
 */
export function catchUp() {
	catchingUp ??= runCatchUp();
	return catchingUp;
}

async function runCatchUp() {
	const run = runs;
	clearTimeout(catchUpTimer);
	try {
		await fetchRange(myStream());
		await loadList();
		failures = 0;
	} catch (error) {
		if (run === runs && error instanceof api.ApiError && error.passing)
			catchUpTimer = setTimeout(() => catchUp().catch(ignoreUnreachable), error.pause(++failures));
		throw error;
	} finally {
		if (run === runs) {
			catchingUp = null;
			const waiting = queue;
			queue = [];
			batch(() => waiting.forEach(take));
		}
	}
}

/** One that begins now, not one under way that may have missed something. */
export async function catchUpAnew() {
	await catchingUp?.catch(ignoreUnreachable);
	await catchUp();
}

async function loadList() {
	const list = await api.getConversations();
	if (isOtherEpoch(list.epoch)) {
		otherEpoch();
		return;
	}
	const here = new Set(list.items.map((c) => c.id));
	for (const id of [...conversations.conversations.value.keys()])
		if (!here.has(id))
			gone(id);
	const behind = batch(() => {
		conversations.listed.value = true;
		return list.items.filter((c) => !adopt(c));
	});
	/* One that fails keeps no other from being done. */
	const done = await Promise.allSettled(behind.map(follow));
	done.push(...await Promise.allSettled(timelines.opened()
		.filter((id) => here.has(id))
		.flatMap((id) => [members.loadMembers(id), timelines.retry(id)])));
	const failed = done.find((result) => result.status === 'rejected');
	if (failed)
		throw failed.reason;
}

/**
 * Applies the events between here and there, and what is mine alone of it.
 *
 * @param {Conversation} c
 */
async function follow(c) {
	const stream = streamOf(c.id);
	want(c);
	/* One under way may have been answered before there were as many. */
	await fetching.get(stream)?.catch(ignoreUnreachable);
	await fillGap(stream);
	const exact = positionOf(stream) === c.last_seq;
	const { role, notify, read_number, unread, mentions } = reading.withUntold(c);
	conversations.change(c.id, (old) => ({ ...old, role, notify,
		...exact && { read_number, unread, mentions } }));
	if (!exact)
		reading.recountLater(c.id);
}

/**
 * Takes a conversation as the server describes it, unless its messages are
 * loaded and older than that: then the events between are wanted.
 *
 * @param {Conversation} c
 * @returns {boolean} false if events are wanted first
 */
function adopt(c) {
	const have = positionOf(streamOf(c.id)) ?? -1;
	const known = conversations.conversationById(c.id) !== undefined;
	if (known && have > c.last_seq)
		return true;
	if (known && have < c.last_seq && c.last_seq - have <= longGap && timelines.isLoaded(c.id))
		return false;
	jump(c, known && have < c.last_seq);
	return true;
}

/**
 * Takes a conversation as the server describes it.
 *
 * @param {Conversation} c
 * @param {boolean} missed were there events that will not be applied?
 */
function jump(c, missed) {
	setPosition(streamOf(c.id), c.last_seq);
	conversations.put(reading.withUntold(c));
	outbox.settleUpTo(c.id, c.last_seq);
	if (missed && timelines.isLoaded(c.id))
		timelines.timelineOf(c.id)?.reload();
}

/**
 * A conversation that the caller has just started, joined or changed.
 *
 * @param {Conversation} c
 */
export function takeIn(c) {
	if (!adopt(c))
		want(c);
}

export function reset() {
	for (const timer of gapTimers.values())
		clearTimeout(timer);
	gapTimers.clear();
	held.clear();
	fetching.clear();
	pauses.clear();
	queue = [];
	catchingUp = null;
	clearTimeout(catchUpTimer);
	failures = 0;
	runs++;
	epoch = '';
}
