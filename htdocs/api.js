/*
 * api.js -- one function per endpoint. The only file that fetches.
 *
 * Every function answers with the parsed body, or throws ApiError. Addresses
 * are relative, so that Natter lives under any path.
 */

import { backoff } from './lib/backoff.js';
import { count } from './lib/text.js';

/** A refused or failed request. `status` 0: the server was not reached. */
export class ApiError extends Error {
	/**
	 * @param {number} status
	 * @param {string} code
	 * @param {string} detail for people
	 * @param {{ pointer: string, code: string, detail: string }[]} errors
	 * @param {number} retryAfter seconds; 0 when the server did not say
	 */
	constructor(status, code, detail, errors = [], retryAfter = 0) {
		super(detail);
		this.status = status;
		this.code = code;
		this.errors = errors;
		this.retryAfter = retryAfter;
	}

	/** Would the same request perhaps succeed later? */
	get passing() {
		return this.status === 0 || this.status === 429 || this.status >= 500;
	}

	/**
	 * How many milliseconds to wait before the same request.
	 *
	 * @param {number} n tries so far
	 */
	pause(n) {
		return Math.max(this.retryAfter * 1000, backoff(n));
	}
}

/**
 * Answers made for programs, in words for people.
 *
 * @type {Record<string, (retryAfter: number) => string>}
 */
const words = {
	bad_credentials: () => 'The username or the password is wrong.',
	username_taken: () => 'Somebody else has this username.',
	rate_limited: (s) => `That was too often. Try again in ${s < 60 ? count(s, 'second') : count(Math.ceil(s / 60), 'minute')}.`,
	internal: () => 'Something went wrong on the server. Try again.',
	unavailable: () => 'The server is busy just now. Try again in a moment.',
};

/** @type {() => void} */
let unauthenticated = () => {};

/**
 * What to do when the session is gone.
 *
 * @param {() => void} handler
 */
export function onUnauthenticated(handler) {
	unauthenticated = handler;
}

/** Everything asked for in this session. */
let session = new AbortController();

/** What is under way is of no use to the next session. */
export function endSession() {
	session.abort();
	session = new AbortController();
}

/**
 * @param {string} method
 * @param {string} path below /api/v1
 * @param {object} [body]
 * @param {{ timeout?: number, signal?: AbortSignal }} [options]
 * @returns {Promise<any>}
 */
async function request(method, path, body, { timeout = 20_000, signal } = {}) {
	const ended = session.signal;
	const signals = [ended, AbortSignal.timeout(timeout), ...signal ? [signal] : []];
	let response;
	let text;
	try {
		response = await fetch(`./api/v1${path}`, {
			method,
			headers: body === undefined ? { Accept: 'application/json' }
				: { 'Accept': 'application/json', 'Content-Type': 'application/json' },
			body: body === undefined ? undefined : JSON.stringify(body),
			cache: 'no-store',
			signal: AbortSignal.any(signals),
		});
		text = await response.text();
	} catch {
		if (ended.aborted)
			throw new ApiError(0, 'session_ended', 'The session has ended.');
		throw new ApiError(0, 'unreachable', 'The server can’t be reached.');
	}
	/** @type {any} */
	let answer = null;
	try {
		answer = text === '' ? null : JSON.parse(text);
	} catch {
		/* Not ours: a proxy's page. The status decides. */
	}
	if (response.ok)
		return answer;
	const code = answer?.code ?? 'http_error';
	const retryAfter = Number(response.headers.get('Retry-After')) || 0;
	const error = new ApiError(response.status, code,
		words[code]?.(retryAfter) ?? answer?.detail ?? `The server answered ${response.status}.`,
		answer?.errors ?? [], retryAfter);
	if (error.status === 401 && error.code !== 'bad_credentials')
		unauthenticated();
	throw error;
}

/** @param {Record<string, string | number | undefined>} values */
function query(values) {
	const pairs = Object.entries(values).filter(([, value]) => value !== undefined);
	return pairs.length ? `?${new URLSearchParams(pairs.map(([k, v]) => [k, String(v)]))}` : '';
}

/* Accounts and sign-in */

/** @returns {Promise<Site>} */
export const getSite = () => request('GET', '/site');

/** @returns {Promise<{ user: User, settings: Settings, epoch: string, last_seq: number }>} */
export const getMe = () => request('GET', '/me');

/** @param {{ display_name?: string, settings?: Settings }} change */
export const patchMe = (change) => request('PATCH', '/me', change);

/** @param {{ username: string, password: string }} body */
export const postSession = (body) => request('POST', '/session', body);

export const deleteSession = () => request('DELETE', '/session');

/** @param {{ username: string, password: string, display_name: string, invite?: string }} body */
export const postUser = (body) => request('POST', '/users', body);

/** @param {string} code @returns {Promise<Link>} */
export const checkLink = (code) => request('POST', '/links/check', { code });

/** @param {{ code: string, password: string, display_name?: string }} body */
export const redeemLink = (body) => request('POST', '/links/redeem', body);

/** @param {string} current_password @param {string} new_password */
export const putPassword = (current_password, new_password) =>
	request('PUT', '/me/password', { current_password, new_password });

/** @returns {Promise<{ items: Session[] }>} */
export const getSessions = () => request('GET', '/sessions');

/** @param {number} id */
export const deleteOneSession = (id) => request('DELETE', `/sessions/${id}`);

export const deleteOtherSessions = () => request('DELETE', '/sessions');

/** @returns {Promise<{ items: Token[] }>} */
export const getTokens = () => request('GET', '/tokens');

/** @param {{ name: string, scopes: string[], expires_at?: string }} body @returns {Promise<Token>} */
export const postToken = (body) => request('POST', '/tokens', body);

/** @param {number} id */
export const deleteToken = (id) => request('DELETE', `/tokens/${id}`);

/** @returns {Promise<{ items: Invite[] }>} */
export const getInvites = () => request('GET', '/invites');

/** @param {{ uses?: number, expires_at?: string }} body @returns {Promise<Invite>} */
export const postInvite = (body) => request('POST', '/invites', body);

/** @param {number} id */
export const deleteInvite = (id) => request('DELETE', `/invites/${id}`);

/** @param {string} q @param {AbortSignal} [signal] @returns {Promise<{ items: User[] }>} */
export const getUsers = (q, signal) =>
	request('GET', `/users${query({ q, limit: 20 })}`, undefined, { signal });

/* Conversations */

/** @returns {Promise<{ items: Conversation[], epoch: string }>} */
export const getConversations = () => request('GET', '/conversations');

/** @param {number} id @returns {Promise<Conversation>} */
export const getConversation = (id) => request('GET', `/conversations/${id}`);

/** @param {string} q @param {AbortSignal} [signal] @returns {Promise<{ items: PublicGroup[] }>} */
export const getPublicGroups = (q, signal) =>
	request('GET', `/conversations/public${query({ q: q || undefined })}`, undefined, { signal });

/** @param {number} user_id @returns {Promise<Conversation>} */
export const postDirect = (user_id) => request('POST', '/conversations', { kind: 'direct', user_id });

/**
 * @param {{ name: string, visibility: string, topic?: string, user_ids?: number[] }} group
 * @returns {Promise<Conversation>}
 */
export const postGroup = (group) => request('POST', '/conversations', { kind: 'group', ...group });

/** @param {number} id @param {object} change @returns {Promise<Conversation>} */
export const patchConversation = (id, change) => request('PATCH', `/conversations/${id}`, change);

/** @param {number} id */
export const deleteConversation = (id) => request('DELETE', `/conversations/${id}`);

/** @param {number} id @returns {Promise<{ items: Member[] }>} */
export const getMembers = (id) => request('GET', `/conversations/${id}/members`);

/** @param {number} id @param {number} user_id */
export const postMember = (id, user_id) => request('POST', `/conversations/${id}/members`, { user_id });

/** @param {number} id */
export const joinConversation = (id) => request('POST', `/conversations/${id}/members`, {});

/** @param {number} id @param {number} user_id @param {Role} role */
export const patchMember = (id, user_id, role) =>
	request('PATCH', `/conversations/${id}/members/${user_id}`, { role });

/** @param {number} id @param {number} user_id */
export const deleteMember = (id, user_id) =>
	request('DELETE', `/conversations/${id}/members/${user_id}`);

/** @param {number} id @param {number} number @param {boolean} back may the mark go back? */
export const putRead = (id, number, back) =>
	request('PUT', `/conversations/${id}/read`, back ? { number, back } : { number });

/** @param {number} id */
export const postTyping = (id) => request('POST', `/conversations/${id}/typing`, {});

/* Messages */

/**
 * @param {number} id
 * @param {{ before?: number, after?: number, around?: number, limit?: number }} page
 * @returns {Promise<{ items: Message[], has_before: boolean, has_after: boolean }>}
 */
export const getMessages = (id, page) =>
	request('GET', `/conversations/${id}/messages${query({ limit: 50, ...page })}`);

/**
 * @param {number} id
 * @param {{ text: string, reply_to?: number, client_id: string }} body
 * @returns {Promise<Message>}
 */
export const postMessage = (id, body) => request('POST', `/conversations/${id}/messages`, body);

/** @param {number} id @param {string} text @returns {Promise<Message>} */
export const patchMessage = (id, text) => request('PATCH', `/messages/${id}`, { text });

/** @param {number} id */
export const deleteMessage = (id) => request('DELETE', `/messages/${id}`);

/** @param {number} id @param {string} emoji */
export const putReaction = (id, emoji) =>
	request('PUT', `/messages/${id}/reactions/${encodeURIComponent(emoji)}`, {});

/** @param {number} id @param {string} emoji */
export const deleteReaction = (id, emoji) =>
	request('DELETE', `/messages/${id}/reactions/${encodeURIComponent(emoji)}`);

/* Events by SQL: the truth behind the live stream */

/** @param {number} id @param {number} after @returns {Promise<EventPage>} */
export const getConversationEvents = (id, after) =>
	request('GET', `/conversations/${id}/events${query({ after, limit: 200 })}`);

/** @param {number} after @returns {Promise<EventPage>} */
export const getMyEvents = (after) => request('GET', `/me/events${query({ after, limit: 200 })}`);

/**
 * Waits `wait` seconds, 25 at most, until something is new.
 *
 * @param {{ sum: number, after: number, wait: number }} position
 * @param {AbortSignal} signal
 * @returns {Promise<{ epoch: string, last_seq: number, sum: number }>}
 */
export const getSync = (position, signal) =>
	request('GET', `/sync${query(position)}`, undefined, { timeout: 40_000, signal });
