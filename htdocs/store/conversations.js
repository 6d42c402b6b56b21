/* conversations.js -- the conversations I am in. */

import { computed, signal } from '@preact/signals';
import { know } from './people.js';
import { me } from './session.js';

/** @type {import('@preact/signals').Signal<Map<number, Conversation>>} */
export const conversations = signal(new Map());

/** Has the list come yet? */
export const listed = signal(false);

/** Newest activity first; archived ones apart. */
export const sorted = computed(() =>
	[...conversations.value.values()]
		.sort((a, b) => (activity(b) < activity(a) ? -1 : activity(b) > activity(a) ? 1 : b.id - a.id)));

/** How many messages want to be seen, by each conversation's own setting. */
export const totalUnread = computed(() => {
	let total = 0;
	for (const c of conversations.value.values())
		total += wanted(c);
	return total;
});

/** @param {Conversation} c */
const activity = (c) => c.last_message?.created_at ?? c.active_at ?? '';

/** @param {Conversation} c */
function wanted(c) {
	if (c.archived || c.notify === 'nothing')
		return 0;
	return c.notify === 'mentions' ? c.mentions : c.unread;
}

/** @param {number} id */
export const conversationById = (id) => conversations.value.get(id);

/** @param {Conversation} c is it the conversation with oneself? */
export const isNotes = (c) => c.kind === 'direct' && c.peer?.id === me.value?.id;

/** @param {Conversation} c */
export function titleOf(c) {
	if (c.kind === 'group')
		return c.name || 'Unnamed group';
	if (isNotes(c))
		return 'Notes to myself';
	return c.peer?.display_name || c.peer?.username || 'Somebody';
}

/** @param {Conversation[]} list */
export function put(...list) {
	know(list.flatMap((c) => [c.peer, c.last_message?.author]));
	const next = new Map(conversations.value);
	for (const c of list)
		next.set(c.id, c);
	conversations.value = next;
}

/**
 * @param {number} id
 * @param {(c: Conversation) => Conversation} with_
 */
export function change(id, with_) {
	const old = conversations.value.get(id);
	if (!old)
		return;
	const next = with_(old);
	if (next !== old)
		conversations.value = new Map(conversations.value).set(id, next);
}

/** @param {number} id */
export function remove(id) {
	const next = new Map(conversations.value);
	if (next.delete(id))
		conversations.value = next;
}

export function reset() {
	conversations.value = new Map();
	listed.value = false;
}
