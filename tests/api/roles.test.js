/*
 * Who may do what: every conversation route, by owner, admin, member, an
 * ex-member, an outsider and nobody. What one may not see is answered exactly
 * like what does not exist.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../support/http.js';
import { startInstance } from '../support/instance.js';
import { allEvents, appearance, createGroup, expectProblem, people, person, say,
	startConversation } from '../support/people.js';

let natter, owner, admin, member, former, outsider, spare;
const nobody = {};

before(async () => {
	natter = await startInstance();
	[owner, admin, member, former, outsider, spare] =
		await people(natter, 'owner', 'admin', 'member', 'former', 'outsider', 'spare');
	nobody.api = new Client(natter);
});
after(() => natter?.stop());

const ABSENT = 999_999_999;
const thumb = encodeURIComponent('👍');

/** A group with everybody in place, and messages by some. */
async function scene(visibility = 'private') {
	const id = await createGroup(owner, [admin, member, former], { visibility });
	await owner.api.patch(`/conversations/${id}/members/${admin.id}`, { role: 'admin' });
	const texts = {};
	for (const [name, who] of Object.entries({ owner, admin, member, former }))
		texts[name] = (await say(who, id, `by ${name}`)).id;
	await owner.api.delete(`/conversations/${id}/members/${former.id}`);
	return { id, texts };
}

/* [what, request(client, group id, message ids, target id), {who: status}] */
const OK = 200, MADE = 201, DONE = 204, NO = 403, HIDDEN = 404;
const MATRIX = [
	['reads the conversation', (c, id) => c.get(`/conversations/${id}`), [OK, OK, OK]],
	['reads messages', (c, id) => c.get(`/conversations/${id}/messages`), [OK, OK, OK]],
	['reads members', (c, id) => c.get(`/conversations/${id}/members`), [OK, OK, OK]],
	['reads events', (c, id) => c.get(`/conversations/${id}/events`), [OK, OK, OK]],
	['reads one message', (c, id, m) => c.get(`/messages/${m.owner}`), [OK, OK, OK]],
	['says something', (c, id) => c.post(`/conversations/${id}/messages`, { text: 'x' }), [MADE, MADE, MADE]],
	['types', (c, id) => c.post(`/conversations/${id}/typing`), [DONE, DONE, DONE]],
	['marks as read', (c, id) => c.put(`/conversations/${id}/read`, { number: 1 }), [OK, OK, OK]],
	['reacts', (c, id, m) => c.put(`/messages/${m.owner}/reactions/${thumb}`), [DONE, DONE, DONE]],
	['takes a reaction back', (c, id, m) => c.delete(`/messages/${m.owner}/reactions/${thumb}`), [DONE, DONE, DONE]],
	['sets notify', (c, id) => c.patch(`/conversations/${id}`, { notify: 'all' }), [OK, OK, OK]],
	['edits the member\'s message', (c, id, m) => c.patch(`/messages/${m.member}`, { text: 'y' }), [NO, NO, OK]],
	['edits the owner\'s message', (c, id, m) => c.patch(`/messages/${m.owner}`, { text: 'y' }), [OK, NO, NO]],
	['deletes the owner\'s message', (c, id, m) => c.delete(`/messages/${m.owner}`), [DONE, DONE, NO]],
	['deletes the member\'s message', (c, id, m) => c.delete(`/messages/${m.member}`), [DONE, DONE, DONE]],
	['renames', (c, id) => c.patch(`/conversations/${id}`, { name: 'renamed' }), [OK, OK, NO]],
	['sets the topic', (c, id) => c.patch(`/conversations/${id}`, { topic: 'topic' }), [OK, OK, NO]],
	['archives', (c, id) => c.patch(`/conversations/${id}`, { archived: true }), [OK, OK, NO]],
	['opens it to all', (c, id) => c.patch(`/conversations/${id}`, { visibility: 'public' }), [OK, OK, NO]],
	['makes somebody admin', (c, id) => c.patch(`/conversations/${id}/members/${spare.id}`, { role: 'admin' }), [OK, [OK, NO], NO]],
	['removes a member', (c, id) => c.delete(`/conversations/${id}/members/${spare.id}`), [DONE, DONE, NO]],
	['removes an admin', (c, id) => c.delete(`/conversations/${id}/members/${admin.id}`), [DONE, null, NO]],
	['removes the owner', (c, id) => c.delete(`/conversations/${id}/members/${owner.id}`), [null, NO, NO]],
	['makes oneself owner', (c, id, m, who) => c.patch(`/conversations/${id}/members/${who.id}`, { role: 'owner' }), [[OK, 409], NO, NO]],
	['makes somebody owner', (c, id) => c.patch(`/conversations/${id}/members/${spare.id}`, { role: 'owner' }), [OK, NO, NO]],
	['adds somebody', (c, id) => c.post(`/conversations/${id}/members`, { user_id: outsider.id }), [MADE, MADE, [MADE, NO]]],
	['deletes the group', (c, id) => c.delete(`/conversations/${id}`), [DONE, NO, NO]],
];

for (const [what, ask, expected] of MATRIX) {
	test(`who ${what}`, async () => {
		for (const [i, name] of ['owner', 'admin', 'member'].entries()) {
			if (expected[i] === null)
				continue;
			const who = { owner, admin, member }[name];
			const { id, texts } = await scene();
			await owner.api.post(`/conversations/${id}/members`, { user_id: spare.id });
			const answer = await ask(who.api, id, texts, who);
			assert.ok([expected[i]].flat().includes(answer.status),
				`${name}: ${answer.status} instead of ${expected[i]}: ${answer.text}`);
			if (answer.status === NO)
				assert.equal(answer.body.code, 'forbidden');
		}
		const { id, texts } = await scene();
		const absent = Object.fromEntries(Object.keys(texts).map((n) => [n, ABSENT]));
		const before = await allEvents(owner.api, `/conversations/${id}/events`);
		for (const [name, who] of Object.entries({ former, outsider })) {
			const hidden = await ask(who.api, id, texts, who);
			const none = await ask(who.api, ABSENT, absent, who);
			assert.equal(hidden.status, HIDDEN, `${name}: ${hidden.text}`);
			assert.deepEqual(appearance(hidden), appearance(none),
				`${name}: like what does not exist`);
		}
		expectProblem(await ask(nobody.api, id, texts, outsider), 401, 'unauthenticated');
		assert.deepEqual(await allEvents(owner.api, `/conversations/${id}/events`), before,
			'refusals leave no trace');
	});
}

test('an owner of one group is nobody in another', async () => {
	const [mine, other] = [await createGroup(owner, [spare]), await createGroup(outsider, [spare])];
	await say(outsider, other, 'x');
	for (const answer of [
		await owner.api.delete(`/conversations/${other}/members/${spare.id}`),
		await owner.api.patch(`/conversations/${other}/members/${spare.id}`, { role: 'admin' }),
		await owner.api.patch(`/conversations/${other}`, { name: 'x' }),
		await owner.api.delete(`/conversations/${other}`)])
		expectProblem(answer, 404, 'not_found');
	expectProblem(await owner.api.delete(`/conversations/${mine}/members/${outsider.id}`),
		404, 'not_found');
	expectProblem(await owner.api.patch(`/conversations/${mine}/members/${outsider.id}`,
		{ role: 'admin' }), 404, 'not_found');
});

test('a site administrator does not read other people\'s conversations', async () => {
	const chief = await person(natter, 'chief', { admin: true });
	const id = await startConversation(owner, member);
	const said = await say(owner, id, 'private');
	for (const path of [`/conversations/${id}`, `/conversations/${id}/messages`,
		`/conversations/${id}/events`, `/messages/${said.id}`])
		expectProblem(await chief.api.get(path), 404, 'not_found');
});

test('ids that are none look like what does not exist', async () => {
	const none = appearance(await owner.api.get(`/conversations/${ABSENT}`));
	for (const id of ['0', '-1', '1e3', '+1', '1.0', '0x1', '01', '%D9%A1', '18446744073709551616',
		'9223372036854775808', '9007199254740993', '9'.repeat(200), '%201', '1%20', 'x', '1;2',
		"1'", '1%00', '~', '%2e']) {
		const answer = await owner.api.get(`/conversations/${id}`);
		assert.equal(answer.status === 400 ? 400 : 404, answer.status, id);
		if (answer.status === 404 && answer.body !== null)
			assert.deepEqual(appearance(answer), none, id);
	}
	/* The id of another kind of thing is not one of this kind. */
	const group = await createGroup(owner);
	const said = await say(owner, group, 'x');
	if (said.id !== group)
		assert.equal((await outsider.api.get(`/messages/${group}`)).status, 404);
});
