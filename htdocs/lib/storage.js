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
 * Everything whose key begins so.
 *
 * @param {string} prefix
 * @returns {[string, any][]} the rest of each key, and its value
 */
export function loadAll(prefix) {
	/** @type {[string, any][]} */
	const found = [];
	try {
		for (let i = 0; i < localStorage.length; i++) {
			const key = localStorage.key(i) ?? '';
			if (!key.startsWith(site + prefix))
				continue;
			const value = load(key.slice(site.length));
			if (value !== undefined)
				found.push([key.slice(site.length + prefix.length), value]);
		}
	} catch {
		/* Blocked storage holds nothing. */
	}
	return found;
}
