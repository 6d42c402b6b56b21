/* notices.js -- short words to the person: shown, or only spoken. */

import { signal } from '@preact/signals';
import { ApiError } from '../api.js';

/** @type {import('@preact/signals').Signal<{ id: number, text: string }[]>} */
export const notices = signal([]);

/** What the one polite announcer says to assistive technology. */
export const announcement = signal('');

let lastId = 0;

/** @param {string} text */
export function notice(text) {
	const id = ++lastId;
	notices.value = [...notices.value.slice(-2), { id, text }];
	setTimeout(() => dismiss(id), 6_000);
}

/** @param {number} id */
export function dismiss(id) {
	notices.value = notices.value.filter((n) => n.id !== id);
}

/** @param {string} text */
export function announce(text) {
	/* The same text twice is only spoken again if it differs. */
	announcement.value = announcement.value === text ? `${text}\u00a0` : text;
}

/** The next person is told nothing of this one. */
export function reset() {
	notices.value = [];
	announcement.value = '';
}

/**
 * Does something that may fail, and says so if it does.
 *
 * @template T
 * @param {Promise<T>} work
 * @param {string} what e.g. "Couldn’t rename the group."
 * @returns {Promise<T | undefined>}
 */
export async function trying(work, what) {
	try {
		return await work;
	} catch (error) {
		if (!(error instanceof ApiError))
			throw error;
		tell(error, what);
		return undefined;
	}
}

/**
 * That the session is over is seen anyway.
 *
 * @param {ApiError} error
 * @param {string} what
 */
export function tell(error, what) {
	if (error.status !== 401 && error.code !== 'session_ended')
		notice(`${what} ${error.message}`);
}
