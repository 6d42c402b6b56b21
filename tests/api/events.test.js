/* The logs: pages, long-polls, /sync, resync and epoch. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { checkEvent } from '../support/contract.js';
import { sleep, startInstance } from '../support/instance.js';
import { allEvents, conversationOf, createGroup, expectProblem, people, say,
	startConversation } from '../support/people.js';
import { Replica, startReplica } from '../support/replica.js';

let natter, ann, bob, eve;

before(async () => {
	natter = await startInstance();
	[ann, bob, eve] = await people(natter, 'ann', 'bob', 'eve');
});
after(() => natter?.stop());

test('a log is paged in order, and every event fits its description', async () => {
	const id = await createGroup(ann, [bob]);
	for (let i = 1; i <= 10; i++)
		await say(ann, id, `${i}`);
	const path = `/conversations/${id}/events`;
	const all = await allEvents(bob.api, path);
	all.forEach((event) => checkEvent(event));
	assert.deepEqual(all.map((e) => e.seq), all.map((_, i) => i + 1));
	assert.ok(all.every((e) => e.stream === `c:${id}`));
	const { body } = await bob.api.get(`${path}?after=3&limit=4`);
	assert.deepEqual(body.items, all.slice(3, 7));
	assert.equal(body.last_seq, all.length);
	assert.equal(body.epoch, (await bob.api.get('/me')).body.epoch);
	const end = await bob.api.get(`${path}?after=${all.length}`);
	assert.deepEqual(end.body.items, []);
	assert.equal(end.body.last_seq, all.length);
});

test('a page of the log is the same for all members', async () => {
	const [ann, bob] = await people(natter, 'one', 'two');
	const id = await createGroup(ann, [bob]);
	const said = await say(ann, id, 'x');
	await bob.api.put(`/messages/${said.id}/reactions/${encodeURIComponent('👍')}`);
	const strip = (text) => text.replaceAll(/"presence":"\w+"/g, '""');
	const one = await ann.api.get(`/conversations/${id}/events`);
	const two = await bob.api.get(`/conversations/${id}/events`);
	assert.equal(strip(one.text), strip(two.text));
	assert.doesNotMatch(one.text, /"mine"/);
});

test('a long-poll answers as soon as something happens', async () => {
	const id = await createGroup(ann, [bob]);
	const { last_seq } = await conversationOf(bob, id);
	const poll = bob.api.get(`/conversations/${id}/events?after=${last_seq}&wait=20`);
	await sleep(300);
	const said = performance.now();
	await say(ann, id, 'wake up');
	const answer = await poll;
	assert.ok(performance.now() - said < 2000, 'within 2 s of the message');
	assert.deepEqual(answer.body.items.map((e) => e.message?.text), ['wake up']);
	const own = (await bob.api.get('/me')).body.last_seq;
	const mine = bob.api.get(`/me/events?after=${own}&wait=20`);
	await sleep(100);
	await createGroup(ann, [bob]);
	assert.deepEqual((await mine).body.items.map((e) => e.type), ['conversation.joined']);
});

test('a long-poll with something there answers at once', async () => {
	const id = await createGroup(ann, [bob]);
	await say(ann, id, 'x');
	const answer = await bob.api.get(`/conversations/${id}/events?after=0&wait=25`);
	assert.ok(answer.ms < 1500, `${answer.ms} ms`);
	assert.ok(answer.body.items.length > 0);
});

test('a long-poll ends after its time with an empty page', async () => {
	const id = await createGroup(ann, [bob]);
	const { last_seq } = await conversationOf(bob, id);
	const answer = await bob.api.get(`/conversations/${id}/events?after=${last_seq}&wait=2`);
	assert.equal(answer.status, 200);
	assert.ok(answer.ms > 1500 && answer.ms < 5000, `${answer.ms} ms`);
	assert.deepEqual([answer.body.items, answer.body.last_seq], [[], last_seq]);
});

test('who is removed while waiting gets the removal or nothing', async () => {
	const id = await createGroup(ann, [eve]);
	const { last_seq } = await conversationOf(eve, id);
	const poll = eve.api.get(`/conversations/${id}/events?after=${last_seq}&wait=10`);
	await sleep(200);
	await ann.api.delete(`/conversations/${id}/members/${eve.id}`);
	await say(ann, id, 'not for eve');
	const answer = await poll;
	assert.ok([200, 404].includes(answer.status));
	assert.doesNotMatch(answer.text, /not for eve/);
	expectProblem(await eve.api.get(`/conversations/${id}/events?after=${last_seq}`), 404, 'not_found');
});

test('bad parameters are refused', async () => {
	const id = await createGroup(ann);
	for (const path of [`/conversations/${id}/events`, '/me/events'])
		for (const query of ['after=-1', 'after=x', 'wait=26', 'wait=-1', 'wait=x', 'limit=0',
			'limit=501', 'after=1&after=2', 'after=1.5', 'after=18446744073709551616'])
			expectProblem(await ann.api.get(`${path}?${query}`), 400, 'bad_input');
});

test('after what is ahead of the log: resync', async () => {
	const id = await createGroup(ann);
	const { last_seq } = await conversationOf(ann, id);
	expectProblem(await ann.api.get(`/conversations/${id}/events?after=${last_seq + 1}`), 410, 'resync');
	expectProblem(await ann.api.get(`/conversations/${id}/events?after=${last_seq + 1}&wait=5`), 410, 'resync');
	expectProblem(await ann.api.get('/me/events?after=999999'), 410, 'resync');
});

test('after what the log has dropped: resync, and a client loads afresh', async () => {
	const id = await createGroup(ann, [bob]);
	const replica = new Replica(bob);
	await replica.load();
	for (let i = 0; i < 6; i++)
		await say(ann, id, `${i}`);
	const { last_seq } = await conversationOf(ann, id);
	await natter.sql(`DELETE FROM events WHERE stream = 'c' AND stream_id = ${id} AND seq <= ${last_seq - 2}`);
	const path = `/conversations/${id}/events`;
	for (const after of [0, last_seq - 3])
		for (const wait of ['', '&wait=3'])
			expectProblem(await bob.api.get(`${path}?after=${after}${wait}`), 410, 'resync');
	assert.deepEqual((await bob.api.get(`${path}?after=${last_seq - 2}`)).body.items.map((e) => e.seq),
		[last_seq - 1, last_seq]);
	await assert.rejects(replica.catchUp());
	await replica.load();
	assert.deepEqual(replica.snapshot(), await replica.fresh());
	const late = await startReplica(bob);
	await say(ann, id, 'on we go');
	await late.expectConverged();
	await late.stop();
});

test('an empty log behind the end: resync as well', async () => {
	const id = await createGroup(ann, [bob]);
	await say(ann, id, 'x');
	const { last_seq } = await conversationOf(ann, id);
	await natter.sql(`DELETE FROM events WHERE stream = 'c' AND stream_id = ${id}`);
	expectProblem(await bob.api.get(`/conversations/${id}/events?after=0`), 410, 'resync');
	assert.deepEqual((await bob.api.get(`/conversations/${id}/events?after=${last_seq}`)).body.items, []);
});

test('sync tells when anything changed anywhere', async () => {
	const [me, you] = await people(natter, 'me', 'you');
	const id = await startConversation(me, you);
	const group = await createGroup(you, [me]);
	const first = (await me.api.get('/sync')).body;
	const { items } = (await me.api.get('/conversations')).body;
	assert.ok([id, group].every((one) => items.some((c) => c.id === one)));
	assert.equal(first.sum, items.reduce((sum, c) => sum + c.last_seq, 0));
	assert.equal(first.last_seq, (await me.api.get('/me')).body.last_seq);
	const query = ({ sum, last_seq }) => `/sync?wait=15&sum=${sum}&after=${last_seq}`;
	for (const change of [
		() => say(you, id, 'in one'),
		() => say(you, group, 'in the other'),
		() => createGroup(you, [me]),
		() => me.api.put(`/conversations/${id}/read`, { number: 1 })]) {
		const known = (await me.api.get('/sync')).body;
		const poll = me.api.get(query(known));
		await sleep(150);
		const at = performance.now();
		await change();
		const answer = await poll;
		assert.ok(performance.now() - at < 2500, 'within 2.5 s');
		assert.notDeepEqual(answer.body, known);
	}
	const known = (await me.api.get('/sync')).body;
	const quiet = await me.api.get(`/sync?wait=2&sum=${known.sum}&after=${known.last_seq}`);
	assert.deepEqual(quiet.body, known);
	assert.ok(quiet.ms > 1500);
	const stale = await me.api.get(`/sync?wait=20&sum=${known.sum - 1}&after=${known.last_seq}`);
	assert.ok(stale.ms < 1500);
	for (const bad of ['wait=26', 'sum=-1', 'after=x'])
		expectProblem(await me.api.get(`/sync?${bad}`), 400, 'bad_input');
});

test('every answer names the epoch', async () => {
	const { epoch } = (await ann.api.get('/me')).body;
	assert.match(epoch, /^[A-Za-z0-9_-]{8,64}$/);
	for (const answer of [
		await ann.api.get('/conversations'),
		await ann.api.get('/conversations/999999999'),
		await ann.api.post('/conversations', {}),
		await ann.api.get('/site'),
		await ann.api.get('/nothing-here'),
		await ann.api.put('/me', {})])
		assert.equal(answer.headers['x-natter-epoch'], epoch, answer.text.slice(0, 100));
	assert.equal((await ann.api.get('/site')).body.epoch, epoch);
});
