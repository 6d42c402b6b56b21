/*
 * outbox.js -- messages on their way. Each is kept in this browser until the
 * server has it, and is sent again under the same client_id, so that it is
 * said once however often it is tried. One conversation's messages go one
 * after another, in the order they were written.
 */

import { signal } from '@preact/signals';
import * as api from '../api.js';
import { randomId } from '../lib/id.js';
import { forget, forgetAll, load, loadAll, save } from '../lib/storage.js';
import { announce } from './notices.js';
import { myId } from './session.js';

/** @type {import('@preact/signals').Signal<Pending[]>} oldest first */
export const outbox = signal([]);

/** @type {Set<number>} conversations with a request under way */
const busy = new Set();

/** @type {Map<number, ReturnType<typeof setTimeout>>} */
const timers = new Map();

/** @type {Map<string, number>} tries so far */
const tries = new Map();

/** @type {(message: Message) => void} */
let sent = () => {};

/** @param {(message: Message) => void} handler gets each message the server took */
export function onSent(handler) {
	sent = handler;
}

const key = (/** @type {string} */ id) => `u${myId.value}:outbox:${id}`;

/** Reads what an earlier visit could not send. */
export function loadOutbox() {
	outbox.value = loadAll(key(''))
		.map(([, entry]) => /** @type {Pending} */ (
			{ ...entry, state: entry.state === 'failed' ? 'failed' : 'waiting' }))
		.sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
}

/**
 * @param {number} conversation_id
 * @param {string} text
 * @param {Quote | null} [reply_to]
 */
export function send(conversation_id, text, reply_to) {
	/** @type {Pending} */
	const entry = {
		client_id: randomId(), conversation_id, text, reply_to,
		created_at: new Date().toISOString(), state: 'sending',
	};
	outbox.value = [...outbox.value, entry];
	save(key(entry.client_id), entry);
	pump(conversation_id);
}

/** @param {string} client_id */
export function retry(client_id) {
	const entry = find(client_id);
	if (!entry)
		return;
	change(client_id, { state: 'sending', error: undefined });
	pump(entry.conversation_id);
}

/** @param {string} client_id */
export function discard(client_id) {
	outbox.value = outbox.value.filter((e) => e.client_id !== client_id);
	tries.delete(client_id);
	forget(key(client_id));
}

/** Tries everything that waits, for instance when the connection is back. */
export function flush() {
	tries.clear();
	for (const id of new Set(outbox.value.map((e) => e.conversation_id)))
		pump(id);
}

/**
 * The message stands in the timeline: its pending row goes.
 *
 * @param {Message} message
 */
export function settle(message) {
	if (message.author.id !== myId.value)
		return;
	for (const e of outbox.value)
		if (e.client_id === message.client_id || e.message_id === message.id)
			discard(e.client_id);
}

/**
 * Everything up to there has been applied: what was sent before will not come
 * as an event.
 *
 * @param {number} conversation_id
 * @param {number} seq
 */
export function settleUpTo(conversation_id, seq) {
	for (const e of outbox.value)
		if (e.conversation_id === conversation_id && e.seq !== undefined && e.seq <= seq)
			discard(e.client_id);
}

/** @param {number} conversation_id */
async function pump(conversation_id) {
	clearTimeout(timers.get(conversation_id));
	if (busy.has(conversation_id))
		return;
	busy.add(conversation_id);
	try {
		for (;;) {
			const entry = outbox.value.find((e) => e.conversation_id === conversation_id
				&& (e.state === 'sending' || e.state === 'waiting'));
			if (!entry || !await attempt(entry))
				return;
		}
	} finally {
		busy.delete(conversation_id);
	}
}

/**
 * @param {Pending} entry
 * @returns {Promise<boolean>} go on with the next one?
 */
async function attempt(entry) {
	const { client_id, conversation_id, text, reply_to } = entry;
	const user = myId.value;
	try {
		const message = await api.postMessage(conversation_id,
			{ text, client_id, reply_to: reply_to?.id });
		if (user !== myId.value)
			return false;
		change(client_id, { state: 'sent', message_id: message.id, seq: message.seq });
		sent(message);
		return true;
	} catch (error) {
		if (!(error instanceof api.ApiError))
			throw error;
		if (user !== myId.value || !find(client_id))
			return false;
		if (error.status === 401) {
			change(client_id, { state: 'waiting' });
			return false;
		}
		if (error.passing) {
			change(client_id, { state: 'waiting' });
			const n = (tries.get(client_id) ?? 0) + 1;
			tries.set(client_id, n);
			timers.set(conversation_id, setTimeout(() => pump(conversation_id), error.pause(n)));
			return false;
		}
		change(client_id, { state: 'failed', error: error.message });
		announce('Your message couldn’t be sent.');
		return true;
	}
}

/** @param {string} client_id */
const find = (client_id) => outbox.value.find((e) => e.client_id === client_id);

/**
 * @param {string} client_id
 * @param {Partial<Pending>} with_
 */
function change(client_id, with_) {
	outbox.value = outbox.value.map((e) =>
		(e.client_id === client_id ? { ...e, ...with_ } : e));
	const entry = find(client_id);
	/* Whoever signs out in another tab has forgotten it. */
	if (entry && load(key(client_id)) !== undefined)
		save(key(client_id), entry);
}

export function reset() {
	for (const timer of timers.values())
		clearTimeout(timer);
	timers.clear();
	tries.clear();
	outbox.value = [];
}

/** How many are kept, by other tabs too; where nothing can be kept, this one's. */
export const countUnsent = () => Math.max(outbox.value.length, loadAll(key('')).length);

/** Signing out on purpose leaves nothing behind, of other tabs neither. */
export function forgetOutbox() {
	forgetAll(key(''));
	reset();
}
