/*
 * insist.js -- what an event or a deed makes one ask the server is asked until
 * it is answered: nothing would tell of it once more. Without a connection it
 * waits, since what answers afterwards may be another history of the database.
 */

import { ApiError } from '../api.js';

/** @type {Map<string, { again: boolean, wake: () => void, done: Promise<void> }>} */
const wanted = new Map();

/** Is there no connection? */
let away = false;

/**
 * One at a time of a name.  Wanted once more meanwhile, it is asked once more
 * afterwards, so that the last answer is the newest.
 *
 * @param {string} name
 * @param {() => Promise<unknown>} ask
 * @returns {Promise<void>} when it is answered or refused, or nobody wants it any more
 */
export function insist(name, ask) {
	const other = wanted.get(name);
	if (other) {
		other.again = true;
		return other.done;
	}
	const mine = { again: true, wake: () => {}, done: Promise.resolve() };
	wanted.set(name, mine);
	mine.done = run(mine, ask, () => wanted.get(name) === mine).finally(() => {
		if (wanted.get(name) === mine)
			wanted.delete(name);
	});
	return mine.done;
}

/**
 * @param {{ again: boolean, wake: () => void }} mine
 * @param {() => Promise<unknown>} ask
 * @param {() => boolean} isWanted
 */
async function run(mine, ask, isWanted) {
	for (let failures = 0; mine.again && isWanted();) {
		mine.again = false;
		try {
			await ask();
			failures = 0;
		} catch (error) {
			if (!(error instanceof ApiError))
				throw error;
			if (!error.passing)
				continue;
			mine.again = true;
			const ms = error.pause(++failures);
			await new Promise((done) => {
				const timer = setTimeout(() => {
					if (!away)
						done(undefined);
				}, ms);
				mine.wake = () => {
					clearTimeout(timer);
					done(undefined);
				};
			});
		}
	}
}

/** The connection is lost. */
export function pause() {
	away = true;
}

/** It is back, and the same history: nothing waits any longer. */
export function goOn() {
	away = false;
	for (const { wake } of wanted.values())
		wake();
}

export function reset() {
	away = false;
	const all = [...wanted.values()];
	wanted.clear();
	for (const { wake } of all)
		wake();
}
