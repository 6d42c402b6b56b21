/* typing.js -- who is writing where, and saying that I am. */

import { signal } from '@preact/signals';
import * as api from '../api.js';
import { myId } from './session.js';

const shownMs = 5_000;
const everyMs = 3_000;

/** @type {import('@preact/signals').Signal<Map<number, number[]>>} conversation -> users */
export const typing = signal(new Map());

/** @type {Map<string, ReturnType<typeof setTimeout>>} */
const timers = new Map();

let saidAt = 0;
let saidIn = 0;

/**
 * @param {number} conversation_id
 * @param {number} user_id
 */
export function show(conversation_id, user_id) {
	if (user_id === myId.value)
		return;
	const key = `${conversation_id}:${user_id}`;
	clearTimeout(timers.get(key));
	timers.set(key, setTimeout(() => hide(conversation_id, user_id), shownMs));
	const now = typing.value.get(conversation_id) ?? [];
	if (!now.includes(user_id))
		typing.value = new Map(typing.value).set(conversation_id, [...now, user_id]);
}

/**
 * @param {number} conversation_id
 * @param {number} user_id
 */
export function hide(conversation_id, user_id) {
	const key = `${conversation_id}:${user_id}`;
	clearTimeout(timers.get(key));
	timers.delete(key);
	const now = typing.value.get(conversation_id) ?? [];
	if (now.includes(user_id))
		typing.value = new Map(typing.value)
			.set(conversation_id, now.filter((id) => id !== user_id));
}

/** @param {number} conversation_id */
export function say(conversation_id) {
	const now = Date.now();
	if (saidIn === conversation_id && now - saidAt < everyMs)
		return;
	saidIn = conversation_id;
	saidAt = now;
	api.postTyping(conversation_id).catch(() => {
		/* It only says that somebody writes: not worth a word or a retry. */
	});
}

/** After a message is sent the next letter says it anew. */
export function stop() {
	saidAt = 0;
}

export function reset() {
	for (const timer of timers.values())
		clearTimeout(timer);
	timers.clear();
	typing.value = new Map();
}
