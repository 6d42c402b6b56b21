/*
 * The promise of the store: whatever the stream loses, doubles or reorders,
 * what is held in the end equals a fresh load.
 */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { endSession } from '../../htdocs/api.js';
import { applyNow } from '../../htdocs/store/apply.js';
import { conversations } from '../../htdocs/store/conversations.js';
import * as members from '../../htdocs/store/members.js';
import * as outbox from '../../htdocs/store/outbox.js';
import { changeSettings, me, settings } from '../../htdocs/store/session.js';
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
		this.pageSize = 5;
		this.read = 0;
		/** @type {any[]} */
		this.mine = [];
		this.members = [ana, bo];
		/** What is asked for and refused. @type {(path: string) => number} */
		this.refuses = () => 0;
	}

	/** @param {any} event */
	log(event) {
		const logged = { ...event, stream: 'c:9', seq: this.events.length + 1, at: 'now' };
		this.events.push(logged);
		return structuredClone(logged);
	}

	/** @param {string} text @param {any} [more] */
	say(text, more) {
		const number = this.messages.length + 1;
		const message = { id: 100 + number, conversation_id: 9, number, seq: this.events.length + 1,
			author: bo, text, html: `<p>${text}</p>`, created_at: '2026-11-22T10:00:00.000Z',
			edited_at: null, deleted_at: null, reply_to: null, reactions: [], ...more };
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
			return { epoch: 'e', items: this.mine.slice(after), last_seq: this.mine.length };
		if (pathname.endsWith('/members'))
			return { items: this.members.map((user) => ({ user, role: 'member', read_number: 0 })) };
		if (pathname.endsWith('/messages') && body)
			return this.say(JSON.parse(body).text, { ...JSON.parse(body), author: ana }).message;
		if (pathname.endsWith('/read')) {
			const { number, back } = JSON.parse(body ?? '');
			this.read = back ? number : Math.max(this.read, number);
			return { read_number: this.read, unread: this.messages.length - this.read };
		}
		if (pathname.endsWith('/conversations'))
			return { epoch: 'e', items: [this.conversation()] };
		if (pathname.endsWith('/events'))
			return this.resync ? null
				: { epoch: 'e', items: this.events.slice(after, after + this.pageSize), last_seq: this.events.length };
		if (pathname.endsWith('/messages'))
			return { items: this.messages.slice(-50), has_before: this.messages.length > 50, has_after: false };
		return this.conversation();
	}
}

/** What shows the theme. */
globalThis.document = /** @type {any} */ ({ documentElement: { dataset: {} } });

/** @type {Server} */
let server;

/** When the server last had something to do. */
let busyAt = 0;

globalThis.fetch = /** @type {any} */ (async (/** @type {string} */ url, /** @type {any} */ init) => {
	busyAt = Infinity;
	await new Promise((done) => setTimeout(done, Math.random() * 4));
	const status = server.refuses(url);
	const body = status || structuredClone(server.answer(url, init?.body));
	await new Promise((done) => setTimeout(done, Math.random() * 4));
	busyAt = performance.now();
	init.signal.throwIfAborted();
	if (status)
		return new Response('{}', { status });
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
	for (const part of [sync, positions, store, timelines, members, reading, outbox])
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

/** @param {string} path */
const refuseOnly = (path, status = 503) => {
	let times = 0;
	server.refuses = (asked) => (asked.includes(path) && ++times ? status : 0);
	return () => times;
};

const refuseNothing = () => {
	server.refuses = () => 0;
};

/** @param {() => unknown} ask until it is so */
async function until(ask) {
	for (const begun = performance.now(); !ask();) {
		assert.ok(performance.now() - begun < 20_000, 'it never comes true');
		await new Promise((done) => setTimeout(done, 5));
	}
}

const failsToday = () => assert.rejects(sync.catchUp(), { status: 503 });

const held = () => positions.positionOf('c:9');

test('messages that can’t be loaded afresh are not shown as if they were all', async () => {
	for (let n = 0; n < 1100; n++)
		server.say(`while away ${n}`);
	refuseOnly('/messages');
	await sync.catchUp();
	const timeline = timelines.openTimeline(9);
	await until(() => timeline.state.value === 'failed');
	assert.deepEqual(timeline.items.value, []);
	sync.receive(server.say('live'));
	refuseNothing();
	await sync.catchUp();
	assert.equal(timeline.items.value.length, 50);
	compare();
});

test('so it is where the log no longer reaches back', async () => {
	server.say('lost');
	server.resync = true;
	refuseOnly('/messages');
	sync.receive(server.say('three'));
	await until(() => timelines.openTimeline(9).state.value === 'failed');
	refuseNothing();
	server.resync = false;
	await sync.catchUp();
	assert.equal(timelines.openTimeline(9).items.value.length, 3);
	compare();
});

test('a page beside messages that have been replaced since is not put there', async () => {
	for (let n = 0; n < 60; n++)
		sync.receive(server.say(`message ${n}`));
	const timeline = timelines.openTimeline(9);
	await timeline.load();
	const loading = timeline.load();
	const paging = timeline.loadBefore();
	await loading;
	await paging;
	assert.equal(timeline.paging.value, null);
	assert.equal(timeline.items.value.length, 50);
	compare();
});

test('messages that couldn’t be loaded are asked for again by a catch-up', async () => {
	timelines.reset();
	const timeline = timelines.openTimeline(9);
	refuseOnly('/messages');
	assert.equal(await timeline.load(), 'failed');
	assert.equal(timeline.state.value, 'failed');
	refuseNothing();
	await sync.catchUp();
	assert.equal(timeline.state.value, 'ready');
	compare();
});

test('a catch-up that fails is tried again by itself', async () => {
	server.say('lost');
	refuseOnly('/conversations');
	await failsToday();
	refuseNothing();
	await until(() => held() === 2);
	compare();
});

test('one list of members that fails keeps nothing else from being caught up, and comes later', async () => {
	refuseOnly('/members');
	await assert.rejects(members.loadMembers(9), { status: 503 });
	server.say('lost');
	await failsToday();
	compare();
	refuseNothing();
	await until(() => members.members.value.get(9)?.length === 2);
});

test('of two lists of members on their way only the newer counts', async () => {
	for (let n = 0; n < 20; n++) {
		members.reset();
		server.members = [ana];
		const older = members.loadMembers(9);
		await new Promise((done) => setTimeout(done, Math.random() * 6));
		server.members = [ana, bo];
		const newer = members.loadMembers(9);
		await older;
		await newer;
		assert.equal(members.members.value.get(9)?.length, 2);
	}
});

test('a range that can’t be had is asked for less and less often', async (t) => {
	const times = refuseOnly('/events');
	t.mock.timers.enable({ apis: ['setTimeout'] });
	/** @param {number} ms */
	const pass = async (ms) => {
		for (let n = 0; n < ms; n += 50) {
			t.mock.timers.tick(50);
			await new Promise(setImmediate);
		}
	};
	server.say('lost');
	for (let n = 0; n < 10; n++) {
		sync.receive(server.say(`message ${n}`));
		await pass(1_000);
	}
	assert.ok(times() > 1 && times() < 8, `${times()} times in ten seconds`);
	refuseNothing();
	await pass(40_000);
	compare();
});

test('a range that is refused for good is not asked for again', async () => {
	const times = refuseOnly('/9/events', 403);
	server.say('lost');
	sync.receive(server.say('three'));
	await until(() => times() === 1);
	await settled();
	await settled();
	assert.equal(times(), 1);
	refuseNothing();
	await sync.catchUp();
	compare();
});

test('however many wait for one, they are applied', async () => {
	server.pageSize = 200;
	const first = server.say('two');
	for (let n = 0; n < 12_000; n++)
		sync.receive(server.log({ type: 'reaction.added' }));
	sync.receive(first);
	await until(() => held() === server.events.length);
	compare();
});

test('a hint is fetched, and one that comes while an older answer is on its way', async () => {
	for (let n = 0; n < 10; n++) {
		const { stream, seq } = server.say(`long ${n}`);
		sync.receive({ type: 'hint', stream, seq });
		await new Promise((done) => setTimeout(done, Math.random() * 6));
	}
	await until(() => held() === server.events.length);
	compare();
});

test('a mark the server could not take is told again; one it refuses is not', async () => {
	sync.receive(server.say('two'));
	let times = refuseOnly('/read');
	reading.markRead(9, 1);
	await until(() => times() === 1);
	refuseNothing();
	await until(() => server.read === 1);
	times = refuseOnly('/read', 422);
	reading.markRead(9, 2);
	await until(() => times() === 1);
	await settled();
	refuseNothing();
	await reading.tell();
	assert.equal(server.read, 1);
});

test('a mark that went back elsewhere counts after a long sleep, too', async () => {
	for (let n = 2; n <= 10; n++)
		sync.receive(server.say(`message ${n}`));
	reading.markRead(9, 10);
	await settled();
	server.read = 4;
	server.mine.push({ type: 'read.moved', stream: 'u:1', seq: 1, conversation_id: 9, read_number: 4 });
	for (let n = 0; n < 700; n++)
		server.log({ type: 'reaction.added' });
	server.say('eleven');
	await sync.catchUp();
	compare();
});

test('a message sent during a catch-up doesn’t wait for its event', async () => {
	timelines.reset();
	outbox.onSent(sync.receivePosted);
	for (let n = 0; n < 20; n++) {
		const catchingUp = sync.catchUp();
		outbox.send(9, `mine ${n}`);
		await catchingUp;
		await until(() => outbox.outbox.value.length === 0);
	}
	assert.equal(server.messages.length, 21);
});

test('a setting the server didn’t take goes back', async () => {
	settings.value = { enter_sends: true, favourites: [1] };
	refuseOnly('/me');
	const refused = changeSettings({ favourites: [1, 9] });
	assert.deepEqual(settings.value.favourites, [1, 9]);
	await assert.rejects(refused, { status: 503 });
	assert.deepEqual(settings.value, { enter_sends: true, favourites: [1] });
});

test('an answer that comes late takes back neither a newer edit nor a deletion', () => {
	const first = server.edit(1, 'first').message;
	const second = server.edit(1, 'second').message;
	first.edited_at = '2026-11-22T10:00:01.000Z';
	second.edited_at = '2026-11-22T10:00:02.000Z';
	const shown = () => timelines.openTimeline(9).items.value[0];
	applyNow(9, { type: 'message.edited', message: second });
	applyNow(9, { type: 'message.edited', message: first });
	assert.equal(shown().text, 'second');
	applyNow(9, { type: 'message.deleted', message_id: first.id, at: '2026-11-22T10:00:03.000Z' });
	applyNow(9, { type: 'message.edited', message: second });
	assert.equal(shown().text, '');
});

test('an answer of a session that is over changes nothing', async () => {
	const late = sync.catchUp();
	endSession();
	sync.reset();
	store.reset();
	await assert.rejects(late, { code: 'session_ended' });
	await settled();
	assert.equal(conversations.value.size, 0);
});
