/*
 * positions.js -- how far each stream has been applied: "c:12" for a
 * conversation, "u:3" for the user, and the seq of its last event.
 */

import { conversations } from './conversations.js';
import { myId } from './session.js';

/** @type {Map<string, number>} */
const positions = new Map();

/** @param {string} stream */
export const positionOf = (stream) => positions.get(stream);

/**
 * @param {string} stream
 * @param {number} seq
 */
export const setPosition = (stream, seq) => positions.set(stream, seq);

/** @param {string} stream */
export const dropPosition = (stream) => positions.delete(stream);

/** @param {number} id */
export const streamOf = (id) => `c:${id}`;

export const myStream = () => `u:${myId.value}`;

/** @param {string} stream */
export const idOf = (stream) => Number(stream.slice(2));

/** What heartbeats are compared with. */
export function position() {
	let sum = 0;
	for (const id of conversations.value.keys())
		sum += positions.get(streamOf(id)) ?? 0;
	return { sum, after: positions.get(myStream()) ?? 0 };
}

export function reset() {
	positions.clear();
}
