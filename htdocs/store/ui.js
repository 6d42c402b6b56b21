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

/** @type {import('@preact/signals').Signal<Message | null>} the message being edited */
export const editing = signal(null);

/** @type {import('@preact/signals').Signal<number>} rises when the composer should take focus */
export const composerFocus = signal(0);

export function focusComposer() {
	composerFocus.value++;
}
