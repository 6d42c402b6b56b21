/* Live delivery: WebSocket, server-sent events, typing, presence, heartbeats. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { Client } from '../support/http.js';
import { sleep, startInstance, until } from '../support/instance.js';
import { allEvents, conversationOf, createGroup, expectProblem, people, person, say, startConversation }
	from '../support/people.js';
import { openEventSource, openLines, openLongPoll, openWebSocket, Refused } from '../support/stream.js';

let natter, ann, bob, eve, talk;

before(async () => {
	natter = await startInstance();
	[ann, bob, eve] = await people(natter, 'ann', 'bob', 'eve');
	talk = await startConversation(ann, bob);
});
after(() => natter?.stop());

for (const [name, open] of [['WebSocket', openWebSocket], ['SSE', openEventSource], ['lines', openLines]]) {
	test(`${name}: hello first, then what happens, in order, within a second`, async () => {
		const stream = await open(bob.api);
		const hello = stream.events[0];
		assert.equal(hello.user_id, bob.id);
		assert.equal(hello.epoch, (await bob.api.get('/me')).body.epoch);
		const said = await say(ann, talk, `hello by ${name}`);
		const answered = performance.now();
		const heard = await stream.expectEvent('message.posted', (e) => e.message.id === said.id);
		assert.ok(heard.heard_at - answered < 1000, `${heard.heard_at - answered} ms later`);
		assert.equal(heard.stream, `c:${talk}`);
		assert.equal(heard.seq, said.seq);
		assert.equal(heard.actor_id, ann.id);
		assert.equal(heard.message.text, said.text);
		assert.ok(heard.message.reactions.every((r) => r.mine === undefined));
		for (let i = 0; i < 30; i++)
			await say(i % 2 ? ann : bob, talk, `${name} ${i}`);
		await stream.expectEvent('message.posted', (e) => e.message.text === `${name} 29`);
		const seqs = stream.numbered.filter((e) => e.stream === `c:${talk}`).map((e) => e.seq);
		assert.deepEqual(seqs, seqs.map((_, i) => seqs[0] + i), 'no gap, no double');
		stream.checkAll();
		await stream.close();
	});

	test(`${name}: what travels is what stands in the log`, async () => {
		const stream = await open(bob.api);
		const id = await createGroup(ann, [bob, eve]);
		const said = await say(ann, id, 'one');
		await ann.api.patch(`/messages/${said.id}`, { text: 'two' });
		const thumb = encodeURIComponent('👍');
		await eve.api.put(`/messages/${said.id}/reactions/${thumb}`);
		await eve.api.delete(`/messages/${said.id}/reactions/${thumb}`);
		await ann.api.patch(`/conversations/${id}`, { topic: 'news' });
		await ann.api.patch(`/conversations/${id}/members/${eve.id}`, { role: 'admin' });
		await ann.api.delete(`/messages/${said.id}`);
		await eve.api.delete(`/conversations/${id}/members/${eve.id}`);
		await stream.expectEvent('member.removed', (e) => e.stream === `c:${id}`);
		await stream.expectEvent('conversation.joined', (e) => e.conversation_id === id);
		const log = await allEvents(bob.api, `/conversations/${id}/events`);
		const live = stream.numbered.filter((e) => e.stream === `c:${id}`);
		const key = (e) => `${e.seq} ${e.type} ${e.actor_id} ${e.message_id ?? ''} ${e.user_id ?? ''}`;
		assert.deepEqual(live.map(key), log.slice(-live.length).map(key));
		for (const type of ['message.posted', 'message.edited', 'reaction.added', 'reaction.removed',
			'conversation.updated', 'member.changed', 'message.deleted', 'member.removed'])
			assert.ok(live.some((e) => e.type === type), type);
		stream.checkAll();
		await stream.close();
	});

	test(`${name}: a stream of one conversation has only that one`, async () => {
		const other = await createGroup(ann, [bob]);
		const stream = await open(bob.api, `/conversations/${other}/events`);
		await say(ann, talk, 'elsewhere');
		const said = await say(ann, other, 'here');
		await stream.expectEvent('message.posted', (e) => e.message.id === said.id);
		await sleep(200);
		assert.ok(stream.numbered.every((e) => e.stream === `c:${other}`),
			stream.numbered.map((e) => e.stream).join(' '));
		stream.checkAll();
		await stream.close();
	});

	test(`${name}: strangers get no stream`, async () => {
		const anonymous = new Client(natter);
		for (const [client, path, status] of [
			[anonymous, '/events', 401],
			[anonymous, `/conversations/${talk}/events`, 401],
			[new Client(natter, { token: 'natter_' + 'x'.repeat(43) }), '/events', 401],
			[eve.api, `/conversations/${talk}/events`, 404],
			[ann.api, '/conversations/999999999/events', 404]])
			await assert.rejects(open(client, path), (error) => {
				assert.ok(error instanceof Refused, String(error));
				assert.equal(error.status, status);
				return true;
			});
	});

	test(`${name}: ids chosen by a client mean nothing and harm nobody`, async () => {
		const before = await natter.pids('push');
		const tries = [
			[{ 'last-event-id': '1:0' }, ''],
			[{ 'if-none-match': '1:' }, ''],
			[{ 'if-modified-since': new Date(Date.now() - 1000).toUTCString(), 'if-none-match': '0' }, ''],
			[{}, '?last_event_id=1:0'],
			[{}, '?channel=u_1&id=u_1'],
			[{ 'x-accel-redirect': '/_push/u_1', 'x-original-uri': '/_push/u_1' }, '']];
		const first = await open(bob.api);
		for (const [headers, query] of tries) {
			const streams = [];
			for (let i = 0; i < 2; i++) {
				try {
					streams.push(await open(bob.api, `/events${query}`, { headers }));
				} catch (error) {
					assert.ok(error instanceof Refused && error.status === 400, String(error));
				}
			}
			const said = await say(ann, talk, 'still here');
			for (const stream of [first, ...streams]) {
				await stream.expectEvent('message.posted', (e) => e.message.id === said.id);
				assert.equal(stream.events[0].user_id, bob.id);
				await (stream === first ? null : stream.close());
			}
		}
		assert.deepEqual(await natter.pids('push'), before, 'no process died of it');
		await first.close();
	});
}

test('hello comes first also while others are writing', async () => {
	let writing = true;
	const writers = [0, 1].map(async () => {
		while (writing)
			await say(ann, talk, 'busy');
	});
	try {
		for (let i = 0; i < 40; i++)
			await (await (i % 2 ? openWebSocket : openEventSource)(bob.api)).close();
	} finally {
		writing = false;
		await Promise.all(writers);
	}
});

test('many tabs of one person hear the same', async () => {
	const streams = await Promise.all([openWebSocket, openWebSocket, openEventSource, openWebSocket]
		.map((open) => open(bob.api)));
	const said = await say(ann, talk, 'to all tabs');
	for (const stream of streams)
		await stream.expectEvent('message.posted', (e) => e.message.id === said.id);
	await streams[0].close();
	const more = await say(ann, talk, 'to the rest');
	for (const stream of streams.slice(1)) {
		await stream.expectEvent('message.posted', (e) => e.message.id === more.id);
		await stream.close();
	}
});

test('a sender hears the own message too', async () => {
	const stream = await openWebSocket(ann.api);
	const said = await say(ann, talk, 'echo');
	const heard = await stream.expectEvent('message.posted', (e) => e.message.id === said.id);
	assert.equal(heard.message.client_id, said.client_id);
	await stream.close();
});

test('a message over 2 KiB travels as a hint, and stands in the log', async () => {
	const stream = await openWebSocket(bob.api);
	const text = 'long '.repeat(3000);
	const said = await say(ann, talk, text);
	const hint = await stream.expectEvent('hint', (e) => e.seq === said.seq);
	assert.deepEqual([hint.stream, hint.seq], [`c:${talk}`, said.seq]);
	const page = await bob.api.get(`/conversations/${talk}/events?after=${said.seq - 1}&limit=1`);
	assert.equal(page.body.items[0].message.text, text);
	assert.ok(stream.frames.every((frame) => frame.length < 64 * 1024));
	await stream.close();
});

test('a new conversation is heard by who is in it, from its first message on', async () => {
	const stream = await openWebSocket(eve.api);
	const id = await startConversation(ann, eve);
	const said = await say(ann, id, 'nice to meet you');
	const joined = await stream.expectEvent('conversation.joined', (e) => e.conversation_id === id);
	assert.equal(joined.stream, `u:${eve.id}`);
	await stream.expectEvent('message.posted', (e) => e.message.id === said.id);
	await stream.close();
});

test('nothing of other conversations is heard', async () => {
	const stream = await openWebSocket(eve.api);
	const secret = await createGroup(ann, [bob]);
	await say(ann, secret, 'canary-5c1f');
	await bob.api.post(`/conversations/${secret}/typing`);
	await ann.api.patch(`/conversations/${secret}`, { topic: 'canary-5c1f' });
	await bob.api.put(`/conversations/${secret}/read`, { number: 1 });
	const id = await startConversation(ann, eve);
	const said = await say(ann, id, 'end');
	await stream.expectEvent('message.posted', (e) => e.message.id === said.id);
	assert.ok(stream.frames.every((frame) => !frame.includes('canary')
		&& !frame.includes(`"c:${secret}"`) && !frame.includes(`"conversation_id":${secret},`)));
	await stream.close();
});

test('typing is heard by the others, and never stored', async () => {
	const id = await createGroup(ann, [bob]);
	const [theirs, mine, stranger] = await Promise.all(
		[bob, ann, eve].map((who) => openWebSocket(who.api)));
	const { last_seq } = (await bob.api.get(`/conversations/${id}`)).body;
	const single = await openWebSocket(bob.api, `/conversations/${id}/events`);
	assert.equal((await ann.api.post(`/conversations/${id}/typing`)).status, 204);
	for (const stream of [theirs, single]) {
		const heard = await stream.expectEvent('typing', (e) => e.conversation_id === id);
		assert.deepEqual([heard.user_id, heard.seq], [ann.id, undefined]);
	}
	await sleep(200);
	assert.deepEqual(stranger.of('typing'), []);
	assert.equal((await bob.api.get(`/conversations/${id}`)).body.last_seq, last_seq);
	for (const stream of [theirs, mine, stranger, single])
		await stream.close();
});

test('presence follows who comes and goes', async () => {
	const [one, two] = await people(natter, 'one', 'two');
	await startConversation(one, two);
	const watch = await openWebSocket(one.api);
	const shown = async () => (await one.api.get(`/users/${two.id}`)).body.presence;
	assert.equal(await shown(), 'offline');
	const tab = await openWebSocket(two.api);
	const second = await openWebSocket(two.api);
	await watch.expectEvent('presence', (e) => e.user_id === two.id && e.state === 'online');
	await until('two is shown online', async () => await shown() === 'online');
	const from = watch.events.length;
	await tab.close();
	await sleep(500);
	assert.equal(await shown(), 'online', 'another tab is still open');
	await second.close();
	await watch.expectEvent('presence', (e) => e.user_id === two.id && e.state === 'offline',
		{ from, timeout: 60_000 });
	await until('two is shown offline', async () => await shown() === 'offline');
	await watch.close();
});

test('presence is not told to those who share no conversation', async () => {
	const [one, two] = await people(natter, 'one', 'two');
	const watch = await openWebSocket(one.api);
	const tab = await openWebSocket(two.api);
	await sleep(500);
	assert.deepEqual(watch.of('presence').filter((e) => e.user_id === two.id), []);
	await watch.close();
	await tab.close();
});

test('a heartbeat comes every 25 s and says where things are', async () => {
	const [one, two] = await people(natter, 'one', 'two');
	const id = await startConversation(one, two);
	await say(two, id, 'x');
	const [socket, source, single] = [await openWebSocket(one.api), await openEventSource(one.api),
		await openLines(one.api, `/conversations/${id}/events`)];
	const beat = await socket.expectEvent('heartbeat', () => true, { timeout: 32_000 });
	const { epoch, last_seq } = (await one.api.get('/me')).body;
	assert.deepEqual([beat.epoch, beat.last_seq], [epoch, last_seq]);
	assert.equal(beat.sum, (await one.api.get('/sync')).body.sum);
	await source.expectEvent('heartbeat', () => true, { timeout: 10_000 });
	const of_one = await single.expectEvent('heartbeat', () => true, { timeout: 26_000 });
	assert.equal(of_one.last_seq, (await conversationOf(one, id)).last_seq);
	assert.equal(of_one.sum, undefined);
	for (const stream of [socket, source, single])
		await stream.close();
});

test('a client that sends frames is cut off, and nobody else', async () => {
	const good = await openWebSocket(bob.api);
	const frames = [
		(socket) => socket.send('hello'),
		(socket) => socket.send(Buffer.alloc(1024)),
		(socket) => socket.send('x'.repeat(1 << 20)),
		(socket) => socket.ping(Buffer.alloc(125)),
	];
	for (const send of frames) {
		const bad = await openWebSocket(bob.api);
		send(bad.socket);
		await sleep(100);
		await bad.close();
	}
	const said = await say(ann, talk, 'after bad frames');
	await good.expectEvent('message.posted', (e) => e.message.id === said.id);
	await good.close();
});

test('SSE has the headers that keep proxies from holding it back', async () => {
	const stream = await openEventSource(bob.api);
	assert.match(stream.headers['content-type'], /^text\/event-stream/);
	assert.match(stream.headers['cache-control'] ?? '', /no-(cache|store)/);
	assert.equal(stream.headers['access-control-allow-origin'], undefined);
	await stream.close();
});

test('a long-poll follower hears everything, in order', async () => {
	const id = await createGroup(ann, [bob]);
	const stream = await openLongPoll(bob.api, `/conversations/${id}/events`);
	for (let i = 0; i < 20; i++)
		await say(ann, id, `poll ${i}`);
	await stream.expectEvent('message.posted', (e) => e.message.text === 'poll 19');
	const seqs = stream.numbered.map((e) => e.seq);
	assert.deepEqual(seqs, seqs.map((_, i) => seqs[0] + i));
	assert.equal(stream.of('message.posted').length, 20);
	await stream.close();
});

test('how to ask for a stream: in any case of letters, and a handshake has to be one', async () => {
	for (const [accept, type] of [['Text/Event-Stream', /^text\/event-stream/],
		['text/html, APPLICATION/X-NDJSON', /^application\/x-ndjson/]]) {
		const stream = await openEventSource(ann.api, '/events', { headers: { accept }, hello: false });
		assert.match(stream.headers['content-type'], type);
		await stream.close();
	}
	for (const headers of [{}, { 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==', 'sec-websocket-version': '12' }]) {
		const answer = await ann.api.get('/events', { fresh: true,
			headers: { ...headers, connection: 'upgrade', upgrade: 'websocket' } });
		expectProblem(answer, 400, 'bad_input');
	}
});

test('the internals of push are not reachable from outside', async () => {
	const token = { authorization: `Bearer ${ann.token}` };
	for (const path of ['_push/u_1', '_push/c_1_1', '_wait?stream=c:1&after=0&for=1', '_waited',
		'pub', 's/u_1', 'came?channel=u_1', 'gone?channel=u_1', 'nchan_stub_status', 'stub_status'])
		for (const method of ['GET', 'POST', 'DELETE']) {
			const answer = await new Client(natter).send(method, natter.path + path,
				method === 'POST' ? '{}' : undefined, { headers: token });
			assert.ok([404, 405].includes(answer.status), `${method} ${path}: ${answer.status}`);
		}
	await new Promise((done, fail) => {
		const socket = new WebSocket(`ws://127.0.0.1:${natter.port}/_push/u_${ann.id}`, { headers: token });
		socket.on('open', () => fail(new Error('subscribed by its internal address')));
		socket.on('unexpected-response', (request, response) => {
			request.destroy();
			assert.equal(response.statusCode, 404);
			done();
		});
		socket.on('error', () => done());
	});
});

test('a stream needs no query, and a token in it is no credential', async () => {
	const answer = await new Client(natter).get(`/events?access_token=${ann.token}&token=${ann.token}`,
		{ headers: { accept: 'text/event-stream' } });
	expectProblem(answer, 401, 'unauthenticated');
});

test('a plain GET of /events is a page of one\'s own stream', async () => {
	const page = await ann.api.get('/events?after=1&limit=2');
	assert.equal(page.body.items[0].seq, 2);
	assert.deepEqual(page.body, (await ann.api.get('/me/events?after=1&limit=2')).body);
	expectProblem(await ann.api.get('/events?after=9999'), 410, 'resync');
});

test('400 messages in a burst all arrive, once and in order', async () => {
	const [one, two] = await people(natter, 'one', 'two');
	const id = await startConversation(one, two);
	const stream = await openWebSocket(two.api);
	await Promise.all([0, 1, 2, 3].map(async (n) => {
		for (let i = 0; i < 100; i++)
			await say(n % 2 ? one : two, id, `${n} ${i}`);
	}));
	const { last_seq } = (await two.api.get(`/conversations/${id}`)).body;
	await stream.expectEvent('message.posted', (e) => e.seq === last_seq);
	const seqs = stream.numbered.filter((e) => e.stream === `c:${id}`).map((e) => e.seq);
	assert.deepEqual(seqs, seqs.map((_, i) => seqs[0] + i));
	assert.equal(seqs.at(-1), last_seq);
	await stream.close();
});
