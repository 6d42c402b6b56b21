/*
 * The promise of the store: whatever the stream loses, doubles or reorders,
 * what is held in the end equals a fresh load.
 */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { conversations } from '../../htdocs/store/conversations.js';
import { me } from '../../htdocs/store/session.js';
import * as positions from '../../htdocs/store/positions.js';
import * as store from '../../htdocs/store/conversations.js';
import * as reading from '../../htdocs/store/reading.js';
import * as sync from '../../htdocs/store/sync.js';
import * as timelines from '../../htdocs/store/timelines.js';

const ana = { id: 1, username: 'ana', display_name: 'Ana', kind: 'person' };
const bo = { id: 2, username: 'bo', display_name: 'Bo', kind: 'person' };

/** A server with one conversation, as small as the questions asked of it. */
class Server {
	constructor() {
		/** @type {any[]} */
		this.messages = [];
		/** @type {any[]} */
		this.events = [];
		this.resync = false;
		this.asked = 0;
		this.read = 0;
	}

	/** @param {any} event */
	log(event) {
		const logged = { ...event, stream: 'c:9', seq: this.events.length + 1, at: 'now' };
		this.events.push(logged);
		return structuredClone(logged);
	}

	/** @param {string} text */
	say(text) {
		const number = this.messages.length + 1;
		const message = { id: 100 + number, conversation_id: 9, number, seq: this.events.length + 1,
			author: bo, text, html: `<p>${text}</p>`, created_at: '2026-11-22T10:00:00.000Z',
			edited_at: null, deleted_at: null, reply_to: null, reactions: [] };
		this.messages.push(message);
		return this.log({ type: 'message.posted', message: { ...message, reactions: [] } });
	}

	/** @param {number} number @param {string} text */
	edit(number, text) {
		const message = this.messages[number - 1];
		Object.assign(message, { text, html: `<p>${text}</p>`, edited_at: 'now' });
		return this.log({ type: 'message.edited', message: structuredClone(message) });
	}

	/** @param {number} number */
	react(number) {
		const message = this.messages[number - 1];
		const has = message.reactions.length > 0;
		message.reactions = has ? [] : [{ emoji: '👍', count: 1, user_ids: [2] }];
		return this.log({ type: has ? 'reaction.removed' : 'reaction.added',
			message_id: message.id, emoji: '👍', user_id: 2 });
	}

	conversation() {
		return { id: 9, kind: 'direct', role: 'member', peer: bo, last_seq: this.events.length,
			last_number: this.messages.length, read_number: this.read,
			unread: this.messages.length - this.read, mentions: 0,
			member_count: 2, archived: false, notify: 'all', last_message: this.messages.at(-1) ?? null };
	}

	/** @param {string} url @param {string} [body] */
	answer(url, body) {
		this.asked++;
		const { pathname, searchParams } = new URL(url, 'http://localhost');
		const after = Number(searchParams.get('after'));
		if (pathname.endsWith('/me/events'))
			return { epoch: 'e', items: [], last_seq: 0 };
		if (pathname.endsWith('/read')) {
			const { number, back } = JSON.parse(body ?? '');
			this.read = back ? number : Math.max(this.read, number);
			return { read_number: this.read, unread: this.messages.length - this.read };
		}
		if (pathname.endsWith('/conversations'))
			return { epoch: 'e', items: [this.conversation()] };
		if (pathname.endsWith('/events'))
			return this.resync ? null
				: { epoch: 'e', items: this.events.slice(after, after + 5), last_seq: this.events.length };
		if (pathname.endsWith('/messages'))
			return { items: this.messages.slice(-50), has_before: this.messages.length > 50, has_after: false };
		return this.conversation();
	}
}

/** @type {Server} */
let server;

/** When the server last had something to do. */
let busyAt = 0;

globalThis.fetch = /** @type {any} */ (async (/** @type {string} */ url, /** @type {any} */ init) => {
	busyAt = Infinity;
	await new Promise((done) => setTimeout(done, Math.random() * 4));
	const body = structuredClone(server.answer(url, init?.body));
	await new Promise((done) => setTimeout(done, Math.random() * 4));
	busyAt = performance.now();
	return body ? new Response(JSON.stringify(body))
		: new Response('{"code":"resync"}', { status: 410 });
});

/** Nothing was asked for as long as the store may think before it asks. */
async function settled() {
	const begun = performance.now();
	do
		await new Promise((done) => setTimeout(done, 10));
	while (performance.now() - Math.max(begun, busyAt) < 350);
}

/** What is held, in the words of a fresh load. */
function compare() {
	const shown = timelines.openTimeline(9).items.value
		.map((m) => [m.number, m.text, m.reactions.length]);
	assert.deepEqual(shown, server.messages.slice(-50)
		.map((m) => [m.number, m.text, m.reactions.length]).slice(-shown.length));
	const c = /** @type {Conversation} */ (conversations.value.get(9));
	assert.equal(c.last_number, server.messages.length);
	assert.equal(c.unread, server.messages.length - server.read);
	assert.equal(positions.positionOf('c:9'), server.events.length);
}

beforeEach(async () => {
	for (const part of [sync, positions, store, timelines, reading])
		part.reset();
	server = new Server();
	me.value = /** @type {User} */ (ana);
	server.say('first');
	sync.begin('e', 0);
	await sync.catchUp();
	await timelines.openTimeline(9).load();
});

test('events in order need no question', async () => {
	const asked = server.asked;
	sync.receive(server.say('two'));
	sync.receive(server.edit(2, 'zwei'));
	sync.receive(server.react(2));
	compare();
	assert.equal(server.asked, asked);
});

test('a doubled event changes nothing', () => {
	const event = server.say('two');
	sync.receive(event);
	sync.receive(structuredClone(event));
	compare();
});

test('two that overtake each other need no question', async () => {
	const asked = server.asked;
	const two = server.say('two');
	const three = server.say('three');
	sync.receive(three);
	sync.receive(two);
	compare();
	await settled();
	assert.equal(server.asked, asked);
});

test('a lost event is fetched', async () => {
	server.say('lost');
	sync.receive(server.say('three'));
	await settled();
	compare();
});

test('a range longer than a page is fetched whole', async () => {
	for (let n = 0; n < 23; n++)
		server.say(`lost ${n}`);
	sync.receive(server.say('last'));
	await settled();
	compare();
});

test('where the log no longer reaches back, all is loaded afresh', async () => {
	server.say('lost');
	const event = server.say('three');
	server.resync = true;
	sync.receive(event);
	await settled();
	compare();
});

test('a page that was asked for before an event and answered after it', async () => {
	for (let n = 0; n < 30; n++) {
		const loading = timelines.openTimeline(9).load();
		await new Promise((done) => setTimeout(done, Math.random() * 6));
		sync.receive(server.say(`during ${n}`));
		sync.receive(server.edit(1 + n, `changed ${n}`));
		await loading;
		compare();
	}
});

test('a thousand events with losses, doubles and swaps', async () => {
	/** @type {StreamEvent[]} */
	let late = [];
	for (let n = 0; n < 1000; n++) {
		const dice = Math.random();
		const some = 1 + Math.floor(Math.random() * server.messages.length);
		const event = server.messages.length < 45 && dice < 0.3 ? server.say(`message ${n}`)
			: dice < 0.7 ? server.edit(some, `edit ${n}`) : server.react(some);
		const fate = Math.random();
		if (fate < 0.1)
			late.push(event);
		else if (fate > 0.15)
			sync.receive(event);
		if (fate > 0.95)
			sync.receive(structuredClone(event));
		if (late.length > 3) {
			late.reverse().forEach(sync.receive);
			late = [];
		}
		if (n % 50 === 0)
			await new Promise((done) => setTimeout(done, 5));
		if (n % 333 === 0)
			await sync.catchUp();
	}
	await settled();
	await sync.catchUp();
	await settled();
	compare();
});

/** @param {number} read_number @param {number} seq */
const moved = (read_number, seq) => sync.receive({ type: 'read.moved', stream: 'u:1', seq,
	conversation_id: 9, read_number });

test('a read mark goes back where another device put it', async () => {
	server.say('two');
	sync.receive(server.say('three'));
	await settled();
	reading.markRead(9, 3);
	await settled();
	moved(3, 1);
	compare();
	server.read = 1;
	moved(1, 2);
	await settled();
	compare();
});

test('an echo of an older mark doesn’t take a newer one back', async () => {
	sync.receive(server.say('two'));
	reading.markRead(9, 1);
	await settled();
	reading.markRead(9, 2);
	moved(1, 1);
	await settled();
	assert.equal(conversations.value.get(9)?.unread, 0);
	compare();
});

test('what I call unread stays so while it is looked at, and through a catch-up', async () => {
	sync.receive(server.say('two'));
	reading.markRead(9, 2);
	await settled();
	reading.markUnread(9, 2);
	reading.markRead(9, 2);
	await sync.catchUp();
	await settled();
	assert.equal(server.read, 1);
	compare();
	reading.release(9);
	reading.markRead(9, 2);
	await settled();
	assert.equal(server.read, 2);
	compare();
});
