/*
 * Two at once: whatever the order, one of the orders that are allowed came
 * true, wholly, and everybody sees the same.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../support/http.js';
import { startInstance } from '../support/instance.js';
import { allEvents, allMessages, codeOf, createGroup, expectProblem, PASSWORD, people, person, say, signInCode }
	from '../support/people.js';

const thumb = encodeURIComponent('👍');

let natter, ann, bob, cat;

before(async () => {
	natter = await startInstance();
	[ann, bob, cat] = await people(natter, 'ann', 'bob', 'cat');
});
after(() => natter?.stop());

const times = (n, ask) => Promise.all(Array.from({ length: n }, (_, i) => ask(i)));
const statuses = (answers) => answers.map(({ status }) => status).sort((a, b) => a - b);
const place = (id) => `/conversations/${id}`;

/** A conversation where everything fits together; its events. */
async function expectSound(id, who = ann) {
	const { body } = await who.api.get(place(id));
	const events = await allEvents(who.api, `${place(id)}/events`);
	const { items } = (await who.api.get(`${place(id)}/members`)).body;
	assert.deepEqual(events.map((e) => e.seq), events.map((_, i) => i + 1));
	assert.equal(body.last_seq, events.length);
	assert.equal(body.member_count, items.length);
	assert.equal((await allMessages(who.api, id)).length, body.last_number);
	return { events, members: items, owners: items.filter(({ role }) => role === 'owner').map(({ user }) => user.id) };
}

test('the same two people start a conversation fifty times at once: there is one', async () => {
	for (let round = 0; round < 3; round++) {
		const [one, two] = await people(natter, 'one', 'two');
		const answers = await times(50, (i) => (i % 2 ? one : two).api.post('/conversations',
			{ kind: 'direct', user_id: (i % 2 ? two : one).id }));
		assert.deepEqual(statuses(answers), [...Array(49).fill(200), 201]);
		assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
		for (const [who, peer] of [[one, two], [two, one]])
			assert.equal((await who.api.get('/conversations')).body.items.filter((c) => c.peer?.id === peer.id).length, 1);
	}
});

test('twenty at once redeem a link: one signs in', async () => {
	const user = await person(natter, 'linked');
	const code = await signInCode(natter, user.username);
	const answers = await times(20, () => new Client(natter, { browser: true }).post('/links/redeem', { code, password: PASSWORD }));
	/* 503: the queue for password hashes is full. */
	assert.deepEqual(statuses(answers).filter((status) => status !== 503 && status !== 404), [201]);
	const checked = await new Client(natter).post('/links/check', { code });
	const unknown = await new Client(natter).post('/links/check', { code: 'x'.repeat(43) });
	const { instance, ...shown } = checked.body;
	const { instance: other, ...none } = unknown.body;
	assert.notEqual(instance, other);
	assert.deepEqual(shown, none, 'a used link is like none');
});

test('a seat is taken by one, also while the invitation is withdrawn', async () => {
	for (let round = 0; round < 4; round++) {
		const made = (await ann.api.post('/invites', { uses: 1 })).body;
		const [gone, ...answers] = await Promise.all([ann.api.delete(`/invites/${made.id}`), ...Array.from({ length: 8 }, () =>
			new Client(natter, { browser: true }).post('/users',
				{ username: `seat${++natter.people}`, password: PASSWORD, invite: codeOf(made.url) }))]);
		const taken = answers.filter(({ status }) => status === 201).length;
		assert.ok(taken <= 1, `${taken}`);
		assert.ok([204, 404].includes(gone.status), gone.text);
		assert.deepEqual(statuses(answers).slice(taken), Array(8 - taken).fill(404));
	}
});

test('one password from two browsers: one of them wins', async () => {
	const user = await person(natter, 'typist');
	const browsers = [await user.signIn(), await user.signIn()];
	const news = ['a first new password', 'a second new password'];
	const answers = await Promise.all(browsers.map((browser, i) =>
		browser.put('/me/password', { current_password: PASSWORD, new_password: news[i] })));
	assert.equal(answers.filter(({ status }) => status === 204).length, 1, answers.map((a) => a.text).join());
	const door = new Client(natter, { browser: true });
	for (const [i, { status }] of answers.entries())
		assert.equal((await door.post('/session', { username: user.username, password: news[i] })).status,
			status === 204 ? 201 : 401);
	assert.deepEqual((await Promise.all(browsers.map((browser) => browser.get('/me')))).map(({ status }) => status)
		.sort(), [200, 401], 'the other session has ended');
});

test('twenty at once add the same person, join, react: it has happened once', async () => {
	const id = await createGroup(ann, [bob], { visibility: 'public' });
	const added = await times(20, (i) => i % 2 ? cat.api.post(`${place(id)}/members`, {})
		: ann.api.post(`${place(id)}/members`, { user_id: cat.id }));
	assert.deepEqual(statuses(added), [201, ...Array(19).fill(409)]);
	const said = await say(ann, id, 'look');
	await times(20, () => bob.api.put(`/messages/${said.id}/reactions/${thumb}`));
	const { events } = await expectSound(id);
	assert.equal(events.filter((e) => e.type === 'member.added' && e.user.id === cat.id).length, 1);
	assert.equal(events.filter((e) => e.type === 'reaction.added').length, 1);
	assert.deepEqual((await ann.api.get(`/messages/${said.id}`)).body.reactions.map(({ count }) => count), [1]);
});

test('a group always has one owner, whatever is done to it at once', async () => {
	const role = (who, id, whom, given) => who.api.patch(`${place(id)}/members/${whom.id}`, { role: given });
	const leave = (who, id) => who.api.delete(`${place(id)}/members/${who.id}`);
	for (let round = 0; round < 12; round++) {
		const id = await createGroup(ann, [bob, cat]);
		const attempts = [
			() => [role(ann, id, bob, 'owner'), role(ann, id, cat, 'owner')],
			() => [role(ann, id, bob, 'owner'), leave(bob, id)],
			() => [role(ann, id, bob, 'owner'), leave(ann, id)],
			() => [role(ann, id, bob, 'owner'), ann.api.delete(`${place(id)}/members/${bob.id}`)],
		];
		const answers = await Promise.all(attempts[round % 4]());
		assert.ok(answers.every(({ status }) => [200, 204, 403, 404, 409].includes(status)), answers.map((a) => a.text).join());
		const reader = (await ann.api.get(place(id))).status === 200 ? ann : bob;
		const { members, owners } = await expectSound(id, reader);
		assert.equal(owners.length, 1, JSON.stringify(members));
	}
});

test('two admins at once take each other\'s role, or throw each other out', async () => {
	for (let round = 0; round < 6; round++) {
		const id = await createGroup(ann, [bob, cat]);
		for (const who of [bob, cat])
			await ann.api.patch(`${place(id)}/members/${who.id}`, { role: 'admin' });
		const answers = await Promise.all([bob.api.delete(`${place(id)}/members/${cat.id}`),
			cat.api.delete(`${place(id)}/members/${bob.id}`),
			bob.api.patch(`${place(id)}/members/${bob.id}`, { role: 'owner' })]);
		assert.ok(answers.every(({ status }) => status >= 400), 'equals have no power over each other');
		assert.equal((await expectSound(id)).members.length, 3);
	}
});

test('what is sent while one is removed is said before, or refused', async () => {
	let before = 0, refused = 0;
	for (let round = 0; round < 100; round++) {
		const id = await createGroup(ann, [bob]);
		const path = `${place(id)}/messages`;
		const sends = () => bob.api.post(path, { text: 'last words' });
		const [first, removed, ...rest] = await Promise.all([sends(),
			ann.api.delete(`${place(id)}/members/${bob.id}`), sends(), sends()]);
		assert.equal(removed.status, 204);
		const { events } = await expectSound(id);
		const cut = events.find((e) => e.type === 'member.removed').seq;
		for (const answer of [first, ...rest])
			if (answer.status === 201) {
				assert.ok(answer.body.seq < cut, `${answer.body.seq} after ${cut}`);
				before++;
			} else {
				expectProblem(answer, 404, 'not_found');
				refused++;
			}
		assert.ok(events.every((e) => e.seq <= cut || e.actor_id !== bob.id));
	}
	assert.ok(before > 0 && refused > 0, `${before} before, ${refused} refused`);
});

test('what is sent while a group is archived or deleted is said before, or refused', async () => {
	for (let round = 0; round < 20; round++) {
		const id = await createGroup(ann, [bob]);
		const send = () => bob.api.post(`${place(id)}/messages`, { text: 'x' });
		const end = round % 2 ? ann.api.patch(place(id), { archived: true }) : ann.api.delete(place(id));
		const [ended, ...answers] = await Promise.all([end, send(), send(), send()]);
		assert.ok(ended.status < 300, ended.text);
		assert.ok(answers.every(({ status }) => [201, round % 2 ? 409 : 404].includes(status)), statuses(answers).join());
		if (round % 2) {
			const { events } = await expectSound(id);
			assert.equal(events.at(-1).type, 'conversation.updated', 'nothing after it was archived');
		}
	}
});

test('edits and a deletion at once: what is deleted stays so', async () => {
	for (let round = 0; round < 10; round++) {
		const id = await createGroup(ann, [bob]);
		const said = await say(ann, id, 'a secret said by mistake');
		const path = `/messages/${said.id}`;
		const answers = await Promise.all([ann.api.patch(path, { text: 'a word of regret' }), ann.api.delete(path),
			ann.api.patch(path, { text: 'another word' }), bob.api.put(`${path}/reactions/${thumb}`)]);
		assert.equal(answers[1].status, 204);
		const { body } = await bob.api.get(path);
		assert.notEqual(body.deleted_at, null);
		assert.deepEqual([body.text, body.reactions], ['', []]);
		const { events } = await expectSound(id);
		assert.doesNotMatch(JSON.stringify(events), /secret|word/);
	}
});

test('a read mark that many move ends at the furthest', async () => {
	const id = await createGroup(ann, [bob]);
	for (let i = 0; i < 12; i++)
		await say(ann, id, `${i}`);
	await times(12, (i) => bob.api.put(`${place(id)}/read`, { number: 1 + (i * 7) % 12 }));
	assert.deepEqual([(await bob.api.get(place(id))).body].map((c) => [c.read_number, c.unread]), [[12, 0]]);
});
