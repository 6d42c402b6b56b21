/* How far one has read, what is unread, and who was named. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstance } from '../support/instance.js';
import { allEvents, conversationOf, createGroup, expectProblem, people, say }
	from '../support/people.js';
import { openWebSocket } from '../support/stream.js';

let natter, ann, bob, eve;

before(async () => {
	natter = await startInstance();
	[ann, bob, eve] = await people(natter, 'ann', 'bob', 'eve');
});
after(() => natter?.stop());

const read = (who, id, number, more = {}) =>
	who.api.put(`/conversations/${id}/read`, { number, ...more });

async function counts(who, id) {
	const { last_number, read_number, unread, mentions } = await conversationOf(who, id);
	assert.equal(unread, last_number - read_number);
	return [read_number, unread, mentions];
}

test('unread is what was said since; saying something reads all', async () => {
	const id = await createGroup(ann, [bob, eve]);
	for (let i = 1; i <= 3; i++)
		await say(ann, id, `${i}`);
	assert.deepEqual(await counts(ann, id), [3, 0, 0]);
	assert.deepEqual(await counts(bob, id), [0, 3, 0]);
	const marked = await read(bob, id, 2);
	assert.deepEqual(marked.body, { read_number: 2, unread: 1 });
	assert.deepEqual(await counts(bob, id), [2, 1, 0]);
	await say(bob, id, '4');
	assert.deepEqual(await counts(bob, id), [4, 0, 0]);
	assert.deepEqual(await counts(ann, id), [3, 1, 0]);
	assert.deepEqual(await counts(eve, id), [0, 4, 0]);
});

test('a read mark never goes back by itself, nor beyond the end', async () => {
	const id = await createGroup(ann, [bob]);
	for (let i = 1; i <= 3; i++)
		await say(ann, id, `${i}`);
	await read(bob, id, 3);
	assert.deepEqual((await read(bob, id, 1)).body, { read_number: 3, unread: 0 });
	const problem = expectProblem(await read(bob, id, 4), 400, 'bad_input');
	assert.equal(problem.errors[0].pointer, '/number');
	assert.deepEqual(await counts(bob, id), [3, 0, 0]);
	for (const number of [-1, '1', 1.5, null, 2 ** 53, true])
		expectProblem(await read(bob, id, number), 400, 'bad_input');
	expectProblem(await read(eve, id, 1), 404, 'not_found');
});

test('marking unread on purpose works', async () => {
	const id = await createGroup(ann, [bob]);
	for (let i = 1; i <= 3; i++)
		await say(ann, id, `${i}`);
	await read(bob, id, 3);
	assert.deepEqual((await read(bob, id, 1, { back: true })).body, { read_number: 1, unread: 2 });
});

test('who joins late starts with nothing unread', async () => {
	const id = await createGroup(ann, [], { visibility: 'public' });
	for (let i = 1; i <= 3; i++)
		await say(ann, id, `${i}`);
	await bob.api.post(`/conversations/${id}/members`, {});
	await ann.api.post(`/conversations/${id}/members`, { user_id: eve.id });
	for (const who of [bob, eve])
		assert.deepEqual(await counts(who, id), [3, 0, 0]);
});

test('mentions count for those who are named, until they have read', async () => {
	const id = await createGroup(ann, [bob, eve]);
	await say(ann, id, `hello @${bob.username}`);
	await say(ann, id, 'hello @all');
	await say(ann, id, `\`@${bob.username}\` in code, me@${bob.username}.example`);
	await say(ann, id, `@${bob.username.toUpperCase()} (@${bob.username}), @${bob.username}`);
	await say(ann, id, '@nobody-at-all');
	assert.deepEqual(await counts(eve, id), [0, 5, 1]);
	const [, , mentions] = await counts(bob, id);
	assert.equal(mentions, 3);
	await read(bob, id, 2);
	assert.deepEqual(await counts(bob, id), [2, 3, 1]);
	await read(bob, id, 5);
	assert.deepEqual(await counts(bob, id), [5, 0, 0]);
	assert.deepEqual(await counts(ann, id), [5, 0, 0]);
});

test('naming oneself or somebody outside is no mention', async () => {
	const id = await createGroup(ann, [bob]);
	await say(ann, id, `@${ann.username} @${eve.username} @all`);
	assert.deepEqual(await counts(ann, id), [1, 0, 0]);
	assert.deepEqual(await counts(bob, id), [0, 1, 1]);
});

test('edits and deletions take mentions along', async () => {
	const id = await createGroup(ann, [bob]);
	const one = await say(ann, id, 'hello');
	const two = await say(ann, id, `hello @${bob.username}`);
	await ann.api.patch(`/messages/${one.id}`, { text: `hello @${bob.username}` });
	assert.equal((await counts(bob, id))[2], 2);
	await ann.api.patch(`/messages/${one.id}`, { text: 'nobody' });
	assert.equal((await counts(bob, id))[2], 1);
	await ann.api.delete(`/messages/${two.id}`);
	assert.deepEqual(await counts(bob, id), [0, 2, 0]);
});

test('who comes back is mentioned from then on', async () => {
	const id = await createGroup(ann, [bob]);
	const gone = await say(ann, id, `@${bob.username} look`);
	await ann.api.delete(`/conversations/${id}/members/${bob.id}`);
	await ann.api.delete(`/messages/${gone.id}`);
	await ann.api.post(`/conversations/${id}/members`, { user_id: bob.id });
	assert.deepEqual(await counts(bob, id), [1, 0, 0]);
	await bob.api.put(`/conversations/${id}/read`, { number: 0, back: true });
	assert.deepEqual(await counts(bob, id), [0, 1, 0], 'nothing of a message that is no more');
	await say(ann, id, `@${bob.username} here you are`);
	assert.deepEqual(await counts(bob, id), [0, 2, 1]);
});

test('my other devices hear how far I have read, the others only live', async () => {
	const id = await createGroup(ann, [bob]);
	await say(ann, id, 'one');
	await say(ann, id, 'two');
	const { last_seq } = (await bob.api.get('/me')).body;
	const [device, other] = [await openWebSocket(bob.api), await openWebSocket(ann.api)];
	await read(bob, id, 2);
	const moved = await device.expectEvent('read.moved', (e) => e.conversation_id === id);
	assert.equal(moved.read_number, 2);
	assert.equal(moved.stream, `u:${bob.id}`);
	const seen = await other.expectEvent('read', (e) => e.conversation_id === id);
	assert.deepEqual([seen.user_id, seen.read_number, seen.seq], [bob.id, 2, undefined]);
	assert.deepEqual((await allEvents(bob.api, '/me/events', last_seq))
		.map((e) => [e.type, e.read_number]), [['read.moved', 2]]);
	assert.equal(other.of('read.moved').filter((e) => e.stream === `u:${bob.id}`).length, 0);
	const { body } = await ann.api.get(`/conversations/${id}/members`);
	assert.equal(body.items.find((m) => m.user.id === bob.id).read_number, 2);
	await device.close();
	await other.close();
});
