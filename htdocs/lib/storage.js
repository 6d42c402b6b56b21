/*
 * What this browser keeps, under names of this site only: several sites may
 * share an origin under different paths.
 */

const site = `natter:${globalThis.location?.pathname ?? '/'}:`;

/**
 * @param {string} key
 * @returns {any} undefined when there is nothing, or nothing readable
 */
export function load(key) {
	try {
		const text = localStorage.getItem(site + key);
		return text === null ? undefined : JSON.parse(text);
	} catch {
		return undefined;
	}
}

/**
 * @param {string} key
 * @param {unknown} value
 */
export function save(key, value) {
	saveText(key, JSON.stringify(value));
}

/**
 * @param {string} key
 * @param {string} text
 */
export function saveText(key, text) {
	try {
		localStorage.setItem(site + key, text);
	} catch {
		/* Full or blocked: the page works, it only forgets. */
	}
}

/** @param {string} key */
export function forget(key) {
	try {
		localStorage.removeItem(site + key);
	} catch {
		/* Blocked storage holds nothing. */
	}
}

/**
 * The keys that begin so.
 *
 * @param {string} prefix
 */
function keysOf(prefix) {
	try {
		return Array.from({ length: localStorage.length }, (_, i) => localStorage.key(i) ?? '')
			.filter((key) => key.startsWith(site + prefix)).map((key) => key.slice(site.length));
	} catch {
		/* Blocked storage holds nothing. */
		return [];
	}
}

/**
 * Everything whose key begins so.
 *
 * @param {string} prefix
 * @returns {[string, any][]} the rest of each key, and its value
 */
export const loadAll = (prefix) => keysOf(prefix)
	.map((key) => /** @type {[string, any]} */ ([key.slice(prefix.length), load(key)]))
	.filter(([, value]) => value !== undefined);

/** @param {string} prefix */
export const forgetAll = (prefix) => keysOf(prefix).forEach(forget);
