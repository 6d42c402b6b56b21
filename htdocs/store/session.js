/* session.js -- who is signed in, and where. */

import { computed, signal } from '@preact/signals';
import * as api from '../api.js';
import { load, save, saveText } from '../lib/storage.js';

/**
 * starting: nothing is known yet; unreachable: the server doesn't answer;
 * signed_out; ended: signed in before, the session is gone; signed_in.
 *
 * @type {import('@preact/signals').Signal<
 *	'starting' | 'unreachable' | 'signed_out' | 'ended' | 'signed_in'>}
 */
export const status = signal('starting');

/** @type {import('@preact/signals').Signal<Site>} */
export const site = signal({
	name: 'Natter', registration: 'closed', epoch: '', signed_in: false,
	limits: { text_characters: 16000 },
});

/** @type {import('@preact/signals').Signal<User | null>} */
export const me = signal(null);

/** @type {import('@preact/signals').Signal<Settings>} */
export const settings = signal({});

export const myId = computed(() => me.value?.id ?? 0);

/** The site's description, for the pages before sign-in. */
export async function loadSite() {
	site.value = await api.getSite();
}

/**
 * Asks who is signed in.
 *
 * @returns {Promise<{ epoch: string, last_seq: number }>}
 */
export async function loadMe() {
	const answer = await api.getMe();
	me.value = answer.user;
	settings.value = answer.settings ?? {};
	save('last-user', answer.user.username);
	showTheme();
	return answer;
}

/** The name last used here, to fill in the form. */
export const lastUsername = () => /** @type {string} */ (load('last-user') ?? '');

/** @param {Settings} change */
export async function changeSettings(change) {
	const before = settings.value;
	settings.value = { ...before, ...change };
	showTheme();
	try {
		await api.patchMe({ settings: change });
	} catch (error) {
		/* As it was, but for what has been changed since. */
		const keys = /** @type {(keyof Settings)[]} */ (Object.keys(change));
		const back = keys.filter((key) => settings.value[key] === change[key])
			.map((key) => [key, before[key]]);
		settings.value = { ...settings.value, ...Object.fromEntries(back) };
		showTheme();
		throw error;
	}
}

/** @param {string} display_name */
export async function changeName(display_name) {
	const answer = await api.patchMe({ display_name });
	me.value = { .../** @type {User} */ (me.value), ...answer.user };
}

/** theme.js reads what is kept here before the first paint. */
function showTheme() {
	const theme = settings.value.theme ?? 'system';
	saveText('theme', theme);
	if (theme === 'system')
		delete document.documentElement.dataset.theme;
	else
		document.documentElement.dataset.theme = theme;
}
