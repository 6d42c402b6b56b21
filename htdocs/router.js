/*
 * router.js -- the place in the application, kept in the fragment, so that
 * links work under any path and need nothing from the server.
 */

import { signal } from '@preact/signals';

/** @typedef {{ page: 'conversation', id: number, number?: number, panel?: boolean }} ConversationPlace */

/** @typedef {{ page: 'home' } | ConversationPlace | { page: 'join' | 'welcome', code: string }} Route */

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

/** Places visited in this page, by their index in the history; each entry keeps its own. */
const places = /** @type {string[]} */ ([]);

let here = 0;

/** Notes where in the history the page is. */
function arrive() {
	const index = history.state?.index;
	if (index === undefined) {
		here = places.length ? here + 1 : 0;
		places.length = here;
		history.replaceState({ index: here }, '');
	} else {
		here = index;
	}
	places[here] = location.hash || '#/';
}

export function listen() {
	arrive();
	addEventListener('hashchange', () => {
		arrive();
		route.value = parseRoute(location.hash);
	});
	/* A link to where one is leads there again. */
	addEventListener('click', (event) => {
		const link = event.target instanceof Element ? event.target.closest('a') : null;
		if (link?.getAttribute('href') === location.hash)
			go(location.hash);
	});
}

/** @param {string} hash */
export function go(hash) {
	if (hash === location.hash)
		route.value = parseRoute(hash);
	else
		location.hash = hash;
}

/** @param {string} hash without a new entry in the history */
export function replace(hash) {
	history.replaceState(history.state, '', hash);
	arrive();
	route.value = parseRoute(hash);
}

/**
 * To the place above: back to it, if one has been there.
 *
 * @param {string} hash
 */
export function goUp(hash) {
	const index = places.lastIndexOf(hash, here - 1);
	if (here > 0 && index >= 0)
		history.go(index - here);
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

/**
 * The fragment of an address that leads to a conversation here.
 *
 * @param {string} address
 * @returns {string | undefined}
 */
export function hashHere(address) {
	const [, hash] = /(#.*)$/.exec(address) ?? [, ''];
	const { page } = parseRoute(hash);
	return page === 'conversation' && addressOf(hash) === address ? hash : undefined;
}
