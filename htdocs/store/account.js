/* account.js -- signing in and out, and what happens when the session ends. */

import * as api from '../api.js';
import * as drafts from './drafts.js';
import * as live from './live.js';
import { notice } from './notices.js';
import * as outbox from './outbox.js';
import { loadSite, me, site, status } from './session.js';

/** First thing, and again until the server answers: who is it? */
export async function begin() {
	api.onUnauthenticated(sessionEnded);
	try {
		await loadSite();
	} catch (error) {
		if (!(error instanceof api.ApiError))
			throw error;
		status.value = 'unreachable';
		return;
	}
	if (site.value.signed_in)
		await enter();
	else
		status.value = 'signed_out';
}

/** With a session: everything is loaded. Without: the sign-in page. */
export async function enter() {
	try {
		await live.start();
	} catch (error) {
		if (!(error instanceof api.ApiError))
			throw error;
		if (error.status === 401)
			status.value = status.value === 'ended' ? 'ended' : 'signed_out';
		else if (status.value !== 'signed_in')
			status.value = 'unreachable';
	}
}

/**
 * @param {string} username
 * @param {string} password
 */
export async function signIn(username, password) {
	await api.postSession({ username, password });
	await enter();
}

/** @param {{ username: string, password: string, display_name: string, invite?: string }} form */
export async function signUp(form) {
	await api.postUser(form);
	await enter();
}

/** @param {{ code: string, password: string, display_name?: string }} form */
export async function redeem(form) {
	await api.redeemLink(form);
	await enter();
}

/** Drafts and unsent messages of this person leave the browser too. */
export async function signOut() {
	try {
		await api.deleteSession();
	} catch (error) {
		if (!(error instanceof api.ApiError))
			throw error;
		if (error.status !== 401) {
			notice(`Couldn’t sign out. ${error.message}`);
			return;
		}
	}
	drafts.forgetDrafts();
	outbox.forgetOutbox();
	live.stop();
	me.value = null;
	status.value = 'signed_out';
}

/** The server doesn't know the session any more: drafts stay, and the place. */
function sessionEnded() {
	if (status.value !== 'signed_in')
		return;
	status.value = 'ended';
	live.stop();
	drafts.reset();
	me.value = null;
}
