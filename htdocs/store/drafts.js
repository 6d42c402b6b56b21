/* drafts.js -- what was begun and not sent, kept in this browser. */

import { signal } from '@preact/signals';
import { forget, forgetAll, loadAll, save } from '../lib/storage.js';
import { myId } from './session.js';

/** @type {import('@preact/signals').Signal<Map<number, Draft>>} */
export const drafts = signal(new Map());

const key = (/** @type {number | string} */ id) => `u${myId.value}:draft:${id}`;

/** Reads what an earlier visit left. */
export function loadDrafts() {
	drafts.value = new Map(loadAll(key('')).map(([id, draft]) => [Number(id), draft]));
}

/**
 * @param {number} conversation_id
 * @param {Draft} draft empty ones are forgotten
 */
export function keepDraft(conversation_id, draft) {
	const next = new Map(drafts.value);
	if (draft.text.trim() === '' && !draft.reply_to) {
		if (!next.delete(conversation_id))
			return;
		forget(key(conversation_id));
	} else {
		next.set(conversation_id, draft);
		save(key(conversation_id), draft);
	}
	drafts.value = next;
}

/** How many are kept, by other tabs too; where nothing can be kept, this one's. */
export const countDrafts = () => Math.max(drafts.value.size, loadAll(key('')).length);

/** Signing out on purpose leaves nothing behind, of other tabs neither. */
export function forgetDrafts() {
	forgetAll(key(''));
	reset();
}

export function reset() {
	drafts.value = new Map();
}
