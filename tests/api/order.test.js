/* One gapless order per conversation, whoever writes at once. */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { startInstance } from '../support/instance.js';
import { allEvents, allMessages, conversationOf, createGroup, people, person, say,
	startConversation } from '../support/people.js';

let natter;

before(async () => {
	natter = await startInstance();
});
after(() => natter?.stop());

function expectGapless(numbers) {
	assert.deepEqual(numbers, numbers.map((_, i) => i + 1));
}

test('8 writers at once: numbers and seqs without a gap, the same order for all', async () => {
	const writers = await people(natter, 'w', 'w', 'w', 'w', 'w', 'w', 'w', 'w');
	const id = await createGroup(writers[0], writers.slice(1));
	const said = [];
	await Promise.all(writers.map(async (writer) => {
		for (let i = 0; i < 25; i++)
			said.push(await say(writer, id, `${writer.username} ${i}`));
	}));
	assert.equal(said.length, 200);
	const logs = await Promise.all(writers.map((w) => allMessages(w.api, id)));
	expectGapless(logs[0].map((m) => m.number));
	const order = logs[0].map((m) => m.id);
	for (const log of logs)
		assert.deepEqual(log.map((m) => m.id), order);
	const byId = new Map(logs[0].map((m) => [m.id, m]));
	for (const answer of said) {
		const kept = byId.get(answer.id);
		assert.deepEqual([kept.number, kept.seq, kept.text],
			[answer.number, answer.seq, answer.text], 'the answer names its place');
	}
	for (const writer of writers) {
		const mine = logs[0].filter((m) => m.author.id === writer.id);
		assert.deepEqual(mine.map((m) => m.text),
			mine.map((_, i) => `${writer.username} ${i}`), 'answered first, stands first');
	}
	const events = await allEvents(writers[3].api, `/conversations/${id}/events`);
	expectGapless(events.map((e) => e.seq));
	assert.deepEqual(events.filter((e) => e.type === 'message.posted')
		.map((e) => [e.message.number, e.message.seq, e.seq]),
	logs[0].map((m) => [m.number, m.seq, m.seq]));
});

test('changes of every kind at once leave no gap either', async () => {
	const owner = await person(natter, 'owner');
	const all = await people(natter, 'a', 'b', 'c', 'd');
	const id = await createGroup(owner, all, { visibility: 'public' });
	const first = await say(owner, id, 'start');
	await Promise.all(all.map(async (who, n) => {
		for (let i = 0; i < 8; i++) {
			const said = await say(who, id, `${n} ${i}`);
			await who.api.put(`/messages/${first.id}/reactions/${encodeURIComponent('👍')}`);
			await who.api.patch(`/messages/${said.id}`, { text: `${n} ${i} edited` });
			await who.api.delete(`/messages/${first.id}/reactions/${encodeURIComponent('👍')}`);
			if (i % 3 === 0)
				await who.api.delete(`/messages/${said.id}`);
			await owner.api.patch(`/conversations/${id}`, { topic: `topic ${n} ${i}` });
			if (n === 0 && i % 4 === 1) {
				await who.api.delete(`/conversations/${id}/members/${who.id}`);
				const back = await who.api.post(`/conversations/${id}/members`, {});
				assert.equal(back.status, 201, back.text);
			}
		}
	}));
	const events = await allEvents(owner.api, `/conversations/${id}/events`);
	expectGapless(events.map((e) => e.seq));
	const conversation = await conversationOf(owner, id);
	assert.equal(events.length, conversation.last_seq);
	expectGapless((await allMessages(owner.api, id)).map((m) => m.number));
	assert.equal(conversation.member_count, 5);
	assert.equal(conversation.last_number, 1 + 4 * 8);
});

test('two start the same direct conversation at once: there is one', async () => {
	const [ann, bob] = await people(natter, 'ann', 'bob');
	const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => i % 2
		? ann.api.post('/conversations', { kind: 'direct', user_id: bob.id })
		: bob.api.post('/conversations', { kind: 'direct', user_id: ann.id })));
	assert.equal(new Set(answers.map((a) => a.body.id)).size, 1);
	assert.equal(answers.filter((a) => a.status === 201).length, 1);
	for (const [me, other] of [[ann, bob], [bob, ann]])
		assert.equal((await me.api.get('/conversations')).body.items
			.filter((c) => c.peer?.id === other.id).length, 1);
});

test('50 joins of one person at once: one membership, one event', async () => {
	const [owner, guest] = await people(natter, 'owner', 'guest');
	const id = await createGroup(owner, [], { visibility: 'public' });
	const answers = await Promise.all(Array.from({ length: 50 }, () =>
		guest.api.post(`/conversations/${id}/members`, {})));
	assert.equal(answers.filter((a) => a.status === 201).length, 1);
	assert.ok(answers.every((a) => [201, 409].includes(a.status)));
	assert.equal((await conversationOf(owner, id)).member_count, 2);
	const events = await allEvents(owner.api, `/conversations/${id}/events`);
	assert.equal(events.filter((e) => e.type === 'member.added'
		&& e.user.id === guest.id).length, 1);
});

test('removal while sending: each message is before it, or refused', async () => {
	const owner = await person(natter, 'owner');
	for (let round = 0; round < 8; round++) {
		const victim = await person(natter, 'victim');
		const id = await createGroup(owner, [victim]);
		const sent = [];
		const sending = Promise.all([0, 1, 2].map(async (n) => {
			for (let i = 0; ; i++) {
				const answer = await victim.api.post(`/conversations/${id}/messages`,
					{ text: `${n} ${i}`, client_id: randomUUID() });
				if (answer.status !== 201) {
					assert.equal(answer.status, 404, answer.text);
					return;
				}
				sent.push(answer.body);
			}
		}));
		await new Promise((done) => setTimeout(done, 20 + 15 * round));
		const removed = await owner.api.delete(`/conversations/${id}/members/${victim.id}`);
		assert.equal(removed.status, 204);
		await sending;
		const events = await allEvents(owner.api, `/conversations/${id}/events`);
		const cut = events.find((e) => e.type === 'member.removed').seq;
		const log = events.filter((e) => e.type === 'message.posted');
		assert.ok(log.every((e) => e.seq < cut), 'nothing of the removed person comes later');
		assert.deepEqual(new Set(log.map((e) => e.message.id)), new Set(sent.map((m) => m.id)));
	}
});

test('two hand over, leave and archive at once: the group keeps one owner', async () => {
	const [owner, one, two] = await people(natter, 'owner', 'one', 'two');
	for (let round = 0; round < 5; round++) {
		const id = await createGroup(owner, [one, two]);
		await Promise.all([
			owner.api.patch(`/conversations/${id}/members/${one.id}`, { role: 'owner' }),
			owner.api.patch(`/conversations/${id}/members/${two.id}`, { role: 'owner' }),
			owner.api.delete(`/conversations/${id}/members/${owner.id}`),
			one.api.delete(`/conversations/${id}/members/${one.id}`),
		]);
		const { body } = await two.api.get(`/conversations/${id}/members`);
		assert.equal(body.items.filter((m) => m.role === 'owner').length, 1,
			JSON.stringify(body.items));
	}
});

test('reads while writing never show a hole or a half message', async () => {
	const [ann, bob] = await people(natter, 'ann', 'bob');
	const id = await startConversation(ann, bob);
	let writing = true;
	const writer = (async () => {
		for (let i = 0; i < 120; i++)
			await say(ann, id, `n ${i}`);
		writing = false;
	})();
	let last = 0;
	while (writing) {
		const page = await bob.api.get(`/conversations/${id}/messages?after=0&limit=200`);
		const numbers = page.body.items.map((m) => m.number);
		expectGapless(numbers);
		assert.ok(numbers.length >= last, 'time runs forward');
		last = numbers.length;
		const conversation = await conversationOf(bob, id);
		assert.equal(conversation.unread, conversation.last_number - conversation.read_number);
		assert.equal(conversation.last_message?.number ?? 0, conversation.last_number);
	}
	await writer;
});
