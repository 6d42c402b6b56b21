/* members.js -- who is in the conversations looked at, and how far they read. */

import { signal } from '@preact/signals';
import * as api from '../api.js';
import { know } from './people.js';
import { reduceMembers } from './reduce.js';

/** @type {import('@preact/signals').Signal<Map<number, Member[]>>} */
export const members = signal(new Map());

/** @type {Map<number, StreamEvent[]>} events that come while a list is on its way */
const journals = new Map();

/** @param {number} id of the conversation */
export async function loadMembers(id) {
	/** @type {StreamEvent[]} */
	const journal = [];
	journals.set(id, journal);
	try {
		const { items } = await api.getMembers(id);
		know(items.map((m) => m.user));
		/* Only the list asked for last: it is the newest. */
		if (journals.get(id) === journal)
			put(id, journal.reduce(reduceMembers, items));
	} finally {
		if (journals.get(id) === journal)
			journals.delete(id);
	}
}

/**
 * @param {number} id
 * @param {StreamEvent} event
 */
export function apply(id, event) {
	journals.get(id)?.push(event);
	know([event.user]);
	const old = members.value.get(id);
	if (!old)
		return;
	const next = reduceMembers(old, event);
	if (next !== old)
		put(id, next);
}

/**
 * @param {number} id
 * @param {Member[]} list
 */
function put(id, list) {
	members.value = new Map(members.value).set(id, list);
}

/** @param {number} id */
export function drop(id) {
	journals.delete(id);
	const next = new Map(members.value);
	if (next.delete(id))
		members.value = next;
}

export function reset() {
	members.value = new Map();
	journals.clear();
}
