/*
 * router.js -- the place in the application, kept in the fragment, so that
 * links work under any path and need nothing from the server.
 */

import { signal } from '@preact/signals';

/**
 * @typedef {{ page: 'home' }
 *	| { page: 'conversation', id: number, number?: number, panel?: boolean }
 *	| { page: 'join' | 'welcome', code: string }} Route
 */

/** @param {string} hash @returns {Route} */
export function parseRoute(hash) {
	const link = /^#\/(join|welcome)\/([\w-]+)$/.exec(hash);
	if (link)
		return { page: /** @type {'join' | 'welcome'} */ (link[1]), code: link[2] };
	const place = /^#\/c\/(\d+)(?:\/m\/(\d+)|(\/info))?$/.exec(hash);
	if (!place)
		return { page: 'home' };
	return {
		page: 'conversation', id: Number(place[1]),
		number: place[2] ? Number(place[2]) : undefined,
		panel: place[3] !== undefined,
	};
}

/** @type {import('@preact/signals').Signal<Route>} */
export const route = signal(parseRoute(globalThis.location?.hash ?? ''));

/** Places visited in this page, to tell "back" from "up". */
const visited = [globalThis.location?.hash ?? ''];

export function listen() {
	addEventListener('hashchange', () => {
		if (visited.at(-2) === location.hash)
			visited.pop();
		else
			visited.push(location.hash);
		route.value = parseRoute(location.hash);
	});
}

/** @param {string} hash */
export function go(hash) {
	location.hash = hash;
}

/** @param {string} hash without a new entry in the history */
export function replace(hash) {
	visited.pop();
	location.replace(hash);
}

/**
 * To the place above: back, if that is where one came from.
 *
 * @param {string} hash
 */
export function goUp(hash) {
	if ((visited.at(-2) || '#/') === hash && visited.length > 1)
		history.back();
	else
		go(hash);
}

/** @param {number} id */
export const conversationHash = (id) => `#/c/${id}`;

/** @param {number} id @param {number} number */
export const messageHash = (id, number) => `#/c/${id}/m/${number}`;

/** @param {number} id */
export const panelHash = (id) => `#/c/${id}/info`;

/** @param {string} hash @returns {string} the whole address, to be shared */
export const addressOf = (hash) => new URL(hash, location.href).href;
