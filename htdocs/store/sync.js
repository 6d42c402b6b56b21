/*
 * sync.js -- every event once and in order, whatever the way loses.
 *
 * The next event of a stream is applied, an older one is ignored, and one from
 * further on waits while the missing range is fetched. To catch up, numbered
 * events are queued, the lists are loaded, and then the queue is applied.
 */

import { batch } from '@preact/signals';
import * as api from '../api.js';
import { apply, gone, ignoreUnreachable } from './apply.js';
import * as conversations from './conversations.js';
import * as members from './members.js';
import { idOf, myStream, positionOf, setPosition, streamOf } from './positions.js';
import * as reading from './reading.js';
import { reduceRead } from './reduce.js';
import { myId } from './session.js';
import * as timelines from './timelines.js';

/** A gap often closes by itself: an answer may overtake the stream. */
const gapMs = 200;

/** A timeline further behind than this is loaded afresh. */
const longGap = 1_000;

/** @type {Map<string, Map<number, StreamEvent>>} events that can't be applied yet */
const held = new Map();

/** @type {Map<string, ReturnType<typeof setTimeout>>} */
const gapTimers = new Map();

/** @type {Map<string, Promise<void>>} */
const fetching = new Map();

/** @type {StreamEvent[]} */
let queue = [];

/** @type {Promise<void> | null} */
let catchingUp = null;

/** Tells the present run from one of before a reset. */
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

/** @param {StreamEvent} event */
function take(event) {
	const stream = String(event.stream);
	const seq = Number(event.seq);
	const have = positionOf(stream);
	if (have === undefined) {
		hold(event);
		fillGap(stream);
		return;
	}
	if (seq <= have)
		return;
	if (seq > have + 1) {
		hold(event);
		if (!gapTimers.has(stream) && !fetching.has(stream))
			gapTimers.set(stream, setTimeout(() => fillGap(stream), gapMs));
		return;
	}
	setPosition(stream, seq);
	apply(event);
	if (event.type === 'conversation.joined' && event.conversation)
		joined(event.conversation);
	const ahead = held.get(stream);
	ahead?.delete(seq);
	const next = ahead?.get(seq + 1);
	if (next) {
		take(next);
	} else if (ahead?.size === 0) {
		held.delete(stream);
		clearTimeout(gapTimers.get(stream));
		gapTimers.delete(stream);
	}
}

/** @param {StreamEvent} event */
function hold(event) {
	const stream = String(event.stream);
	if (!held.has(stream))
		held.set(stream, new Map());
	held.get(stream)?.set(Number(event.seq), event);
}

/**
 * The event tells what all members see alike; my part of it is asked for.
 *
 * @param {Conversation} c
 */
function joined(c) {
	if (c.last_seq > (positionOf(streamOf(c.id)) ?? -1))
		fillGap(streamOf(c.id));
}

/**
 * Fetches what is missing between here and the newest event of a stream.
 *
 * @param {string} stream
 * @returns {Promise<void>}
 */
export function fillGap(stream) {
	clearTimeout(gapTimers.get(stream));
	gapTimers.delete(stream);
	let work = fetching.get(stream);
	if (!work) {
		work = (positionOf(stream) === undefined ? fetchUnknown(stream) : fetchRange(stream))
			.finally(() => {
				fetching.delete(stream);
				release(stream);
			});
		fetching.set(stream, work);
		work.catch(ignoreUnreachable);
	}
	return work;
}

/** @param {string} stream */
function release(stream) {
	const have = positionOf(stream);
	const waiting = [...held.get(stream)?.values() ?? []]
		.filter((e) => have !== undefined && Number(e.seq) > have)
		.sort((a, b) => Number(a.seq) - Number(b.seq));
	held.delete(stream);
	batch(() => waiting.forEach(take));
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
		if (page.items.length === 0 || (positionOf(stream) ?? 0) >= page.last_seq)
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
	setPosition(stream, fresh.last_seq);
	conversations.put(fresh);
	await timelines.timelineOf(id)?.reload();
	if (members.members.value.has(id))
		await members.loadMembers(id);
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
	const run = ++runs;
	try {
		await fetchRange(myStream());
		await loadList();
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
	const user = myId.value;
	const list = await api.getConversations();
	if (user !== myId.value)
		return;
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
	await Promise.all(behind.map(async (c) => {
		await fillGap(streamOf(c.id));
		conversations.change(c.id, (old) =>
			({ ...reduceRead(old, c.read_number), role: c.role, notify: c.notify }));
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
	const stream = streamOf(c.id);
	const have = positionOf(stream);
	const old = conversations.conversationById(c.id);
	if (old && have !== undefined && have > c.last_seq)
		return true;
	if (old && have !== undefined && have < c.last_seq && timelines.isLoaded(c.id)) {
		if (c.last_seq - have <= longGap)
			return false;
		timelines.timelineOf(c.id)?.reload();
	}
	setPosition(stream, c.last_seq);
	conversations.put(reading.withUntold(c));
	return true;
}

/**
 * A conversation that the caller has just started, joined or changed.
 *
 * @param {Conversation} c
 */
export function takeIn(c) {
	if (!adopt(c))
		fillGap(streamOf(c.id));
}

export function reset() {
	for (const timer of gapTimers.values())
		clearTimeout(timer);
	gapTimers.clear();
	held.clear();
	fetching.clear();
	queue = [];
	catchingUp = null;
	runs++;
	epoch = '';
}
