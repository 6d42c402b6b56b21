/*
 * reading.js -- how far I have read. The mark moves here at once and on the
 * server a moment later; what could not be told is told on the next connect.
 */

import * as api from '../api.js';
import { change, conversationById } from './conversations.js';
import { reduceRead } from './reduce.js';

const delayMs = 300;

/** @type {Map<number, number>} conversation -> number not told yet */
const untold = new Map();

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * @param {number} id
 * @param {number} number
 */
export function markRead(id, number) {
	const c = conversationById(id);
	if (!c || number <= c.read_number)
		return;
	change(id, (old) => reduceRead(old, number));
	untold.set(id, number);
	timer ??= setTimeout(tell, delayMs);
}

/** Tells the server what it doesn't know yet. */
export async function tell() {
	clearTimeout(timer);
	timer = undefined;
	for (const [id, number] of [...untold]) {
		try {
			await api.putRead(id, number);
			if (untold.get(id) === number)
				untold.delete(id);
			if (conversationById(id)?.mentions)
				await recount(id);
		} catch (error) {
			if (!(error instanceof api.ApiError))
				throw error;
			if (error.status === 403 || error.status === 404)
				untold.delete(id);
		}
	}
}

/**
 * Mentions below a read mark in the middle can only be counted by the server.
 *
 * @param {number} id
 */
export async function recount(id) {
	const fresh = await api.getConversation(id);
	change(id, (old) => (old.read_number === fresh.read_number
		&& old.last_number === fresh.last_number
		&& old.mentions !== fresh.mentions ? { ...old, mentions: fresh.mentions } : old));
}

/** @param {number} id a conversation I am no longer in */
export function forget(id) {
	untold.delete(id);
}

export function reset() {
	clearTimeout(timer);
	timer = undefined;
	untold.clear();
}
