/* ui.js -- what is open on the page. */

import { signal } from '@preact/signals';

/**
 * The open dialog: its name and what it is about.
 *
 * @type {import('@preact/signals').Signal<{ name: string, props: Record<string, any> } | null>}
 */
export const dialog = signal(null);

/**
 * @param {string} name
 * @param {Record<string, any>} [props]
 */
export function openDialog(name, props = {}) {
	dialog.value = { name, props };
}

export function closeDialog() {
	dialog.value = null;
}

/**
 * @typedef {{ label: string, icon: string, onSelect: () => void, danger?: boolean,
 *	checked?: boolean }} MenuItem
 */

/**
 * The open menu; without an anchor it is a sheet.
 *
 * @type {import('@preact/signals').Signal<{ anchor: DOMRect | null, label: string,
 *	items: MenuItem[], head?: any } | null>}
 */
export const menu = signal(null);

/**
 * The open picker of emoji.
 *
 * @type {import('@preact/signals').Signal<{ anchor: DOMRect | null,
 *	onPick: (emoji: string) => void } | null>}
 */
export const picker = signal(null);

/** @type {import('@preact/signals').Signal<Message | null>} the message being edited */
export const editing = signal(null);

/** @type {import('@preact/signals').Signal<number>} rises when the composer should take focus */
export const composerFocus = signal(0);

export function focusComposer() {
	composerFocus.value++;
}

/** Nothing that is open outlives the session. */
export function reset() {
	for (const part of [dialog, menu, picker, editing])
		part.value = null;
}
