/*
 * The verbs of the tests: people who sign up, talk and hear each other.
 *
 *	const [ann, bob] = await people(natter, 'ann', 'bob');
 *	const talk = await startConversation(ann, bob);
 *	await say(ann, talk, 'hello');
 *	await expectMessage(bob, talk, 'hello');
 *
 * A person has `api`, a client with a token of scopes read and write. Sessions
 * cost a password hash; person.signIn() makes one where a test is about them.
 */

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from './http.js';
import { until } from './instance.js';

export const PASSWORD = 'correct horse battery staple';

export class Person {
	constructor(natter, user, token) {
		this.natter = natter;
		this.user = user;
		this.id = user.id;
		this.username = user.username;
		this.token = token;
		this.api = new Client(natter, { token });
		this.password = null;
	}

	/** The same person, where a backup was restored. */
	at(natter) {
		const self = new Person(natter, this.user, this.token);
		self.password = this.password;
		return self;
	}

	/** A browser that is signed in: a client with a session cookie. */
	async signIn() {
		const browser = new Client(this.natter, { browser: true });
		if (this.password === null) {
			const code = await signInCode(this.natter, this.username);
			this.password = PASSWORD;
			const redeemed = await browser.post('/links/redeem',
				{ code, password: this.password });
			assert.equal(redeemed.status, 201, redeemed.text);
		} else {
			const answer = await browser.post('/session',
				{ username: this.username, password: this.password });
			assert.equal(answer.status, 201, answer.text);
		}
		assert.notEqual(browser.cookie, '', 'a session cookie was set');
		return browser;
	}

	/** Another token of this person, made on the command line. */
	async newToken(scopes) {
		const text = await this.natter.cli(['token', 'add', 'extra',
			'--user', this.username, '--scopes', scopes]);
		return new Client(this.natter, { token: lastWord(text) });
	}
}

/** The secret at the end of what a command printed. */
function lastWord(text) {
	return text.trim().split(/\s+/).at(-1);
}

/** A name that nobody in this instance has yet. */
export function freshName(natter, stem = 'user') {
	return `${stem}${++natter.people}-${randomBytes(2).toString('hex')}`;
}

/** The code at the end of a one-time or invitation link. */
export function codeOf(text) {
	const found = text.match(/https?:\/\/\S+?([A-Za-z0-9_-]{16,})\s*$/m);
	assert.notEqual(found, null, `no link in: ${text}`);
	return found[1];
}

export async function signInCode(natter, username) {
	return codeOf(await natter.cli(['user', 'reset', username]));
}

export async function invitationCode(natter) {
	return codeOf(await natter.cli(['invite', 'add']));
}

/** One new person. The name gets a suffix, so that tests never meet. */
export async function person(natter, stem, { admin = false } = {}) {
	const username = freshName(natter, stem);
	await natter.cli(['user', 'add', username, ...admin ? ['--admin'] : []]);
	const token = lastWord(await natter.cli(['token', 'add', 'tests',
		'--user', username, '--scopes', admin ? 'read,write,admin' : 'read,write']));
	const me = await new Client(natter, { token }).get('/me');
	assert.equal(me.status, 200, me.text);
	return new Person(natter, me.body.user, token);
}

export async function people(natter, ...stems) {
	const all = [];
	for (const stem of stems)
		all.push(await person(natter, stem));
	return all;
}

/** Through the door that strangers use; a browser with its session. */
export async function signUp(natter, { stem = 'new', password = PASSWORD, ...rest } = {}) {
	const browser = new Client(natter, { browser: true });
	const username = freshName(natter, stem);
	const answer = await browser.post('/users', { username, password,
		invite: await invitationCode(natter), ...rest });
	assert.equal(answer.status, 201, answer.text);
	return { browser, user: answer.body.user, username, password };
}

export async function startConversation(from, to) {
	const answer = await from.api.post('/conversations', { kind: 'direct', user_id: to.id });
	assert.ok([200, 201].includes(answer.status), answer.text);
	return answer.body.id;
}

export async function createGroup(owner, members = [], more = {}) {
	const answer = await owner.api.post('/conversations', { kind: 'group',
		name: 'Group ' + randomBytes(3).toString('hex'), visibility: 'private',
		user_ids: members.map((member) => member.id), ...more });
	assert.equal(answer.status, 201, answer.text);
	return answer.body.id;
}

/** Post a message; it has to be taken. */
export async function say(from, conversation, text, more = {}) {
	const answer = await from.api.post(`/conversations/${conversation}/messages`,
		{ text, client_id: randomUUID(), ...more });
	assert.equal(answer.status, 201, answer.text);
	return answer.body;
}

/** The newest page has a message with that text. */
export async function expectMessage(reader, conversation, text) {
	return until(`'${text}' is in conversation ${conversation}`, async () => {
		const page = await reader.api.get(`/conversations/${conversation}/messages`);
		assert.equal(page.status, 200, page.text);
		return page.body.items.find((message) => message.text === text);
	});
}

/** Every message of a conversation, by paging forward. */
export async function allMessages(client, conversation) {
	const all = [];
	for (;;) {
		const after = all.at(-1)?.number ?? 0;
		const page = await client.get(
			`/conversations/${conversation}/messages?after=${after}&limit=200`);
		assert.equal(page.status, 200, page.text);
		all.push(...page.body.items);
		if (!page.body.has_after)
			return all;
		assert.ok(page.body.items.length > 0, 'has_after, but an empty page');
	}
}

/** Every event of a log, by paging. */
export async function allEvents(client, path, after = 0) {
	const all = [];
	for (;;) {
		const page = await client.get(`${path}?after=${all.at(-1)?.seq ?? after}&limit=200`);
		assert.equal(page.status, 200, page.text);
		all.push(...page.body.items);
		if ((all.at(-1)?.seq ?? after) >= page.body.last_seq)
			return all;
		assert.ok(page.body.items.length > 0, 'more events, but an empty page');
	}
}

export async function conversationOf(who, id) {
	const answer = await who.api.get(`/conversations/${id}`);
	assert.equal(answer.status, 200, answer.text);
	return answer.body;
}

export function expectProblem(answer, status, code) {
	assert.equal(answer.status, status, `${answer.asked}: ${answer.text}`);
	assert.match(answer.headers['content-type'], /^application\/problem\+json/);
	if (code !== undefined)
		assert.equal(answer.body.code, code, answer.text);
	assert.equal(answer.body.status, status);
	for (const { detail } of [answer.body, ...answer.body.errors ?? []])
		assert.match(detail, /^[A-Z].*\.$/, 'a sentence');
	if (status === 429 || status === 503)
		assert.match(answer.headers['retry-after'] ?? '', /^[1-9]\d*$/);
	return answer.body;
}

/** What must not be told apart: all but the request's id and the clock. */
export function appearance(answer) {
	const { headers, status } = answer;
	const shown = { ...headers };
	for (const name of ['date', 'connection', 'keep-alive', 'x-request-id'])
		delete shown[name];
	const body = { ...answer.body };
	for (const name of ['instance', 'request_id', 'request'])
		delete body[name];
	delete shown['content-length'];
	return { status, headers: shown, body };
}
