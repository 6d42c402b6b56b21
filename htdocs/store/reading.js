/*
 * reading.js -- how far I have read. The mark moves here at once and on the
 * server a moment later; what could not be told is told again.
 */

import { signal } from '@preact/signals';
import * as api from '../api.js';
import { change, conversationById } from './conversations.js';
import { insist } from './insist.js';
import { moveRead, reduceRead } from './reduce.js';

const delayMs = 300;

/** Messages may come while the server is asked; then it is asked again. */
const mostTries = 3;

/** @type {Map<number, { number: number, back: boolean }>} conversation -> mark not told yet */
const untold = new Map();

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * Conversation -> the message from which on I want it unread. As long as it
 * is open, looking at it doesn't make it read.
 *
 * @type {import('@preact/signals').Signal<Map<number, number>>}
 */
export const unreadFrom = signal(new Map());

/**
 * @param {number} id
 * @param {number} number
 */
export function markRead(id, number) {
	const c = conversationById(id);
	if (!c || number <= c.read_number || unreadFrom.value.has(id))
		return;
	change(id, (old) => reduceRead(old, number));
	untold.set(id, { number, back: false });
	timer ??= setTimeout(tell, delayMs);
}

/**
 * @param {number} id
 * @param {number} number of the first message that is to be new again
 */
export function markUnread(id, number) {
	unreadFrom.value = new Map(unreadFrom.value).set(id, number);
	change(id, (old) => moveRead(old, number - 1));
	untold.set(id, { number: number - 1, back: true });
	tell();
}

/** From now on looking at it makes it read. @param {number} id */
export function release(id) {
	const next = new Map(unreadFrom.value);
	if (next.delete(id))
		unreadFrom.value = next;
}

/** Tells the server what it doesn't know yet; of each conversation one after another. */
export async function tell() {
	clearTimeout(timer);
	timer = undefined;
	await Promise.all([...untold.keys()].map((id) => insist(`read ${id}`, () => tellOne(id))));
}

/** @param {number} id */
async function tellOne(id) {
	const mark = untold.get(id);
	if (!mark)
		return;
	try {
		await api.putRead(id, mark.number, mark.back);
	} catch (error) {
		if (error instanceof api.ApiError && !error.passing && untold.get(id) === mark)
			untold.delete(id);
		throw error;
	}
	if (untold.get(id) === mark)
		untold.delete(id);
	if (mark.back || conversationById(id)?.mentions)
		recountLater(id);
}

/**
 * The server's mark, with what it hasn't been told yet.
 *
 * @param {Conversation} c
 */
export function withUntold(c) {
	const mark = untold.get(c.id);
	if (!mark)
		return c;
	return mark.back ? moveRead(c, mark.number) : reduceRead(c, mark.number);
}

/**
 * What only the server knows: whether a mark that goes back is news or an
 * echo, and how many mentions are above a mark in the middle.
 *
 * @param {number} id
 */
async function recount(id) {
	for (let n = 0; n < mostTries && !untold.has(id); n++) {
		const before = conversationById(id)?.read_number;
		if (before === undefined)
			return;
		const fresh = await api.getConversation(id);
		const now = conversationById(id);
		if (!now || untold.has(id) || now.read_number !== before)
			return;
		if (now.last_number === fresh.last_number) {
			const { read_number, unread, mentions } = fresh;
			change(id, (old) => ({ ...old, read_number, unread, mentions }));
			return;
		}
	}
}

/** @param {number} id */
export function recountLater(id) {
	insist(`recount ${id}`, () => recount(id));
}

/** @param {number} id a conversation I am no longer in */
export function forget(id) {
	untold.delete(id);
	release(id);
}

export function reset() {
	clearTimeout(timer);
	timer = undefined;
	untold.clear();
	unreadFrom.value = new Map();
}
