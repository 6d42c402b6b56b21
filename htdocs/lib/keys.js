/* Keyboard chords. Ctrl stands for Cmd on a Mac. */

const mac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? '');

/**
 * "ctrl+shift+k", "alt+arrowup", "escape".
 *
 * @param {KeyboardEvent} event
 */
export function chord(event) {
	const key = event.key.toLowerCase();
	const parts = [];
	if (mac ? event.metaKey : event.ctrlKey)
		parts.push('ctrl');
	if (event.altKey)
		parts.push('alt');
	/* A printed sign already tells of Shift: "?" is "?", not "shift+?". */
	if (event.shiftKey && (key.length > 1 || /[a-z]/.test(key)))
		parts.push('shift');
	return [...parts, key].join('+');
}

/**
 * How a chord is written for people.
 *
 * @param {string} text e.g. "ctrl+k"
 */
export function chordNames(text) {
	/** @type {Record<string, string>} */
	const names = {
		ctrl: mac ? '⌘' : 'Ctrl', alt: mac ? '⌥' : 'Alt', shift: mac ? '⇧' : 'Shift',
		arrowup: '↑', arrowdown: '↓', escape: 'Esc', enter: 'Enter', delete: 'Del', pageup: 'PgUp',
	};
	return text.split('+').map((part) => names[part] ?? part.toUpperCase());
}

/**
 * Where an arrow, Home or End leads in a list; undefined for any other key.
 *
 * @param {KeyboardEvent} event
 * @param {number} at
 * @param {number} length
 */
export function stepIn(event, at, length) {
	if (event.altKey || event.ctrlKey || event.metaKey)
		return undefined;
	return { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: length - 1 }[event.key];
}

/**
 * Is the person typing text there?
 *
 * @param {EventTarget | null} target
 */
export function isTyping(target) {
	return target instanceof HTMLElement
		&& (target.isContentEditable || target.matches('input, textarea, select'));
}
