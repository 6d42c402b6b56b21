/* people.js -- users seen so far, and who is online. */

import { signal } from '@preact/signals';

/** @type {Map<number, User>} */
const known = new Map();

/** @type {import('@preact/signals').Signal<Map<number, 'online' | 'offline'>>} */
export const presence = signal(new Map());

/**
 * Remembers users as they come along in answers.
 *
 * @param {(User | null | undefined)[]} users
 */
export function know(users) {
	let changed = null;
	for (const user of users) {
		if (!user)
			continue;
		known.set(user.id, { ...known.get(user.id), ...user });
		if (user.presence && presence.value.get(user.id) !== user.presence) {
			changed ??= new Map(presence.value);
			changed.set(user.id, user.presence);
		}
	}
	if (changed)
		presence.value = changed;
}

/**
 * @param {number} user_id
 * @param {'online' | 'offline'} state
 */
export function setPresence(user_id, state) {
	presence.value = new Map(presence.value).set(user_id, state);
}

/** @param {number} id */
export const isOnline = (id) => presence.value.get(id) === 'online';

/** @param {number} id */
export const nameOf = (id) => known.get(id)?.display_name || known.get(id)?.username || 'Somebody';

/** Everybody known, to be found without asking the server. */
export const everybody = () => [...known.values()];

export function reset() {
	known.clear();
	presence.value = new Map();
}
