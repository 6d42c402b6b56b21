/* Direct conversations, groups and who is in them: API "Conversations". */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstance } from '../support/instance.js';
import { allEvents, conversationOf, createGroup, expectProblem, people, person, say,
	startConversation } from '../support/people.js';

let natter, ann, bob, eve;

before(async () => {
	natter = await startInstance();
	[ann, bob, eve] = await people(natter, 'ann', 'bob', 'eve');
});
after(() => natter?.stop());

const members = (id, user) => `/conversations/${id}/members${user ? `/${user.id}` : ''}`;

async function roles(who, id) {
	const answer = await who.api.get(members(id));
	assert.equal(answer.status, 200, answer.text);
	return Object.fromEntries(answer.body.items.map((m) => [m.user.username, m.role]));
}

test('a direct conversation is made once and is the same from both sides', async () => {
	const made = await ann.api.post('/conversations', { kind: 'direct', user_id: bob.id });
	assert.equal(made.status, 201);
	assert.equal(made.body.kind, 'direct');
	assert.equal(made.body.peer.id, bob.id);
	assert.equal(made.body.member_count, 2);
	assert.equal(made.body.unread, 0);
	assert.equal(made.body.archived, false);
	assert.equal(made.body.notify, 'all');
	const again = await ann.api.post('/conversations', { kind: 'direct', user_id: bob.id });
	assert.equal(again.status, 200);
	assert.equal(again.body.id, made.body.id);
	const other = await bob.api.post('/conversations', { kind: 'direct', user_id: ann.id });
	assert.equal(other.status, 200);
	assert.equal(other.body.id, made.body.id);
	assert.equal(other.body.peer.id, ann.id);
});

test('notes to oneself are a direct conversation of one', async () => {
	const made = await ann.api.post('/conversations', { kind: 'direct', user_id: ann.id });
	assert.ok([200, 201].includes(made.status), 'notes may be there from the start');
	assert.equal(made.body.member_count, 1);
	assert.equal(made.body.peer.id, ann.id);
	const said = await say(ann, made.body.id, 'remember the milk');
	assert.equal(said.number, 1);
	assert.equal((await conversationOf(ann, made.body.id)).unread, 0);
	assert.equal((await ann.api.post('/conversations',
		{ kind: 'direct', user_id: ann.id })).body.id, made.body.id);
});

test('nobody starts a conversation with nobody', async () => {
	expectProblem(await ann.api.post('/conversations',
		{ kind: 'direct', user_id: 999_999_999 }), 404, 'not_found');
});

test('a group has a name, a topic, an owner and members', async () => {
	const made = await ann.api.post('/conversations', { kind: 'group', name: '  Garden   party ',
		visibility: 'private', topic: 'On Sunday', user_ids: [bob.id, eve.id, bob.id] });
	assert.equal(made.status, 201);
	assert.equal(made.body.name, 'Garden party');
	assert.equal(made.body.topic, 'On Sunday');
	assert.equal(made.body.visibility, 'private');
	assert.equal(made.body.role, 'owner');
	assert.equal(made.body.member_count, 3);
	assert.deepEqual(await roles(bob, made.body.id),
		{ [ann.username]: 'owner', [bob.username]: 'member', [eve.username]: 'member' });
	assert.equal((await conversationOf(bob, made.body.id)).role, 'member');
});

test('a group that names nobody is not made', async () => {
	const count = (await ann.api.get('/conversations')).body.items.length;
	expectProblem(await ann.api.post('/conversations', { kind: 'group', name: 'x',
		visibility: 'private', user_ids: [bob.id, 999_999_999] }), 404, 'not_found');
	assert.equal((await ann.api.get('/conversations')).body.items.length, count);
});

test('bad bodies are told by field', async () => {
	for (const [body, pointer] of [
		[{}, '/kind'],
		[{ kind: 'room' }, '/kind'],
		[{ kind: 'direct' }, '/user_id'],
		[{ kind: 'direct', user_id: 0 }, '/user_id'],
		[{ kind: 'direct', user_id: -1 }, '/user_id'],
		[{ kind: 'direct', user_id: '7' }, '/user_id'],
		[{ kind: 'direct', user_id: 1.5 }, '/user_id'],
		[{ kind: 'group', visibility: 'private' }, '/name'],
		[{ kind: 'group', name: '', visibility: 'private' }, '/name'],
		[{ kind: 'group', name: ' \u200b ', visibility: 'private' }, '/name'],
		[{ kind: 'group', name: 'x'.repeat(81), visibility: 'private' }, '/name'],
		[{ kind: 'group', name: 'x', visibility: 'secret' }, '/visibility'],
		[{ kind: 'group', name: 'x', visibility: 'private', topic: 'x'.repeat(251) }, '/topic'],
		[{ kind: 'group', name: 'x', visibility: 'private', user_ids: 'x' }, '/user_ids'],
		[{ kind: 'group', name: 'x', visibility: 'private', user_ids: [null] }, '/user_ids'],
		[{ kind: 'group', name: 'x', visibility: 'private', user_ids: [-1] }, '/user_ids'],
		...[101, 1001, 5000].map((length) => [{ kind: 'group', name: 'x', visibility: 'private',
			user_ids: Array.from({ length }, (_, i) => i + 1) }, '/user_ids']),
	]) {
		const problem = expectProblem(await ann.api.post('/conversations', body), 400, 'bad_input');
		assert.ok(problem.errors.some((e) => e.pointer.startsWith(pointer)),
			`${JSON.stringify(body)}: ${JSON.stringify(problem.errors)}`);
	}
});

test('the list is of one\'s own, newest activity first', async () => {
	const [me, you] = await people(natter, 'me', 'you');
	const one = await createGroup(me, [you]);
	const two = await createGroup(me, [you]);
	const three = await startConversation(me, you);
	const order = async (who) => (await who.api.get('/conversations')).body.items
		.filter((c) => c.member_count > 1).map((c) => c.id);
	await say(you, one, 'first');
	await say(you, three, 'second');
	await say(you, two, 'third');
	assert.deepEqual(await order(me), [two, three, one]);
	await say(me, one, 'again');
	assert.deepEqual(await order(you), [one, two, three]);
	const { body } = await me.api.get('/conversations');
	assert.equal(body.items[0].last_message.text, 'again');
	assert.equal(body.epoch, (await me.api.get('/me')).body.epoch);
	assert.ok((await eve.api.get('/conversations')).body.items
		.every((c) => ![one, two, three].includes(c.id)));
});

test('the last message in the list is a message like any other', async () => {
	const [me, you] = await people(natter, 'me', 'you');
	const id = await startConversation(me, you);
	const said = await say(you, id, 'react to this');
	await me.api.put(`/messages/${said.id}/reactions/${encodeURIComponent('👍')}`);
	const { body: message } = await me.api.get(`/messages/${said.id}`);
	const { body: list } = await me.api.get('/conversations', { check: false });
	assert.deepEqual(list.items[0].last_message.reactions, message.reactions);
	const { body: one } = await me.api.get(`/conversations/${id}`, { check: false });
	assert.deepEqual(one.last_message.reactions, message.reactions);
});

test('name, topic and visibility change, and everybody hears of it once', async () => {
	const id = await createGroup(ann, [bob]);
	const { last_seq } = await conversationOf(ann, id);
	const changed = await ann.api.patch(`/conversations/${id}`,
		{ name: 'New name', topic: 'New topic', visibility: 'public' });
	assert.equal(changed.status, 200);
	assert.deepEqual([changed.body.name, changed.body.topic, changed.body.visibility],
		['New name', 'New topic', 'public']);
	const events = await allEvents(bob.api, `/conversations/${id}/events`, last_seq);
	assert.ok(events.length >= 1);
	assert.ok(events.every((e) => e.type === 'conversation.updated' && e.actor_id === ann.id));
	assert.equal(events.at(-1).conversation.name, 'New name');
	for (const mine of ['role', 'read_number', 'unread', 'mentions', 'notify'])
		assert.equal(events.at(-1).conversation[mine], undefined, mine);
	assert.equal((await ann.api.patch(`/conversations/${id}`, { topic: '' })).status, 200);
	assert.ok([null, undefined, ''].includes((await conversationOf(bob, id)).topic));
	await ann.api.patch(`/conversations/${id}`, { topic: 'Back', notify: null });
	assert.equal((await ann.api.patch(`/conversations/${id}`, { name: 'Newer name' })).body.topic, 'Back');
	const emptied = await ann.api.patch(`/conversations/${id}`, { topic: null });
	assert.deepEqual([emptied.status, emptied.body.name, emptied.body.topic], [200, 'Newer name', '']);
	assert.equal((await conversationOf(bob, id)).topic, '');
	for (const body of [{ name: '' }, { name: 5 }, { visibility: 'x' }, { archived: 'yes' },
		{ notify: 'loud' }, { topic: 'x'.repeat(251) }])
		expectProblem(await ann.api.patch(`/conversations/${id}`, body), 400, 'bad_input');
});

test('notify is one\'s own and tells nobody', async () => {
	const id = await createGroup(ann, [bob]);
	const { last_seq } = await conversationOf(ann, id);
	const quiet = await bob.api.patch(`/conversations/${id}`, { notify: 'mentions' });
	assert.equal(quiet.status, 200, quiet.text);
	assert.equal(quiet.body.notify, 'mentions');
	assert.equal((await conversationOf(ann, id)).notify, 'all');
	assert.equal((await conversationOf(ann, id)).last_seq, last_seq);
});

test('a direct conversation has no name and cannot be renamed, deleted or joined', async () => {
	const id = await startConversation(ann, bob);
	for (const answer of [
		await ann.api.patch(`/conversations/${id}`, { name: 'x' }),
		await ann.api.patch(`/conversations/${id}`, { visibility: 'public' }),
		await ann.api.delete(`/conversations/${id}`),
		await ann.api.post(members(id), { user_id: eve.id }),
		await ann.api.delete(members(id, bob)),
		await ann.api.patch(members(id, bob), { role: 'admin' })])
		assert.ok([400, 403, 409].includes(answer.status), answer.text);
	expectProblem(await eve.api.post(members(id), {}), 404, 'not_found');
	const now = await conversationOf(ann, id);
	assert.equal(now.member_count, 2);
	assert.ok(now.name === null || now.name === undefined);
});

test('public groups are found and joined, private ones are not', async () => {
	const secret = await createGroup(ann, [], { name: 'Quince secret' });
	const open = await createGroup(ann, [], { name: 'Quince open', visibility: 'public', topic: 'Fruit' });
	const found = await eve.api.get('/conversations/public?q=quince');
	assert.deepEqual(found.body.items.map((c) => c.id), [open]);
	assert.equal(found.body.items[0].name, 'Quince open');
	assert.equal(found.body.items[0].topic, 'Fruit');
	assert.equal(found.body.items[0].member_count, 1);
	expectProblem(await eve.api.post(members(secret), {}), 404, 'not_found');
	const joined = await eve.api.post(members(open), {});
	assert.equal(joined.status, 201);
	assert.equal(joined.body.role, 'member');
	assert.equal(joined.body.user.id, eve.id);
	assert.equal((await conversationOf(eve, open)).member_count, 2);
	expectProblem(await eve.api.post(members(open), {}), 409, 'conflict');
	assert.deepEqual((await eve.api.get('/conversations/public?q=Quince')).body.items, [],
		'one is in it already');
	/* What is looked for is text, not a pattern. */
	for (const q of ['%', '_', '%25', '\\', "'", 'quince%'])
		assert.ok((await bob.api.get(`/conversations/public?q=${encodeURIComponent(q)}`))
			.body.items.every((c) => c.name.includes(q)), q);
});

test('who joins reads what was said before', async () => {
	const open = await createGroup(ann, [], { visibility: 'public' });
	await say(ann, open, 'before you came');
	await bob.api.post(members(open), {});
	const page = await bob.api.get(`/conversations/${open}/messages`);
	assert.deepEqual(page.body.items.map((m) => m.text), ['before you came']);
});

test('members are added, once', async () => {
	const id = await createGroup(ann);
	const { last_seq } = await conversationOf(ann, id);
	const added = await ann.api.post(members(id), { user_id: bob.id });
	assert.equal(added.status, 201);
	assert.deepEqual([added.body.user.id, added.body.role], [bob.id, 'member']);
	expectProblem(await ann.api.post(members(id), { user_id: bob.id }), 409, 'conflict');
	expectProblem(await ann.api.post(members(id), { user_id: 999_999_999 }), 404, 'not_found');
	const events = await allEvents(bob.api, `/conversations/${id}/events`, last_seq);
	assert.deepEqual(events.map((e) => [e.type, e.user.id, e.role, e.actor_id]),
		[['member.added', bob.id, 'member', ann.id]]);
	const own = await allEvents(bob.api, '/me/events');
	const joined = own.filter((e) => e.type === 'conversation.joined'
		&& e.conversation_id === id);
	assert.equal(joined.length, 1);
});

test('leaving ends everything, coming back begins again', async () => {
	const [owner, guest] = await people(natter, 'owner', 'guest');
	const id = await createGroup(owner, [guest], { visibility: 'public' });
	await say(owner, id, 'welcome');
	assert.equal((await guest.api.delete(members(id, guest))).status, 204);
	for (const path of ['', '/members', '/messages', '/events'])
		expectProblem(await guest.api.get(`/conversations/${id}${path}`), 404, 'not_found');
	const own = await allEvents(guest.api, '/me/events');
	assert.equal(own.at(-1).type, 'conversation.left');
	assert.equal(own.at(-1).conversation_id, id);
	await say(owner, id, 'while you were out');
	assert.equal((await guest.api.post(members(id), {})).status, 201);
	assert.equal((await guest.api.get(`/conversations/${id}/messages`)).body.items.length, 2);
	assert.equal((await conversationOf(guest, id)).role, 'member');
});

test('who comes back is told of the group as it is for them', async () => {
	const [owner, guest] = await people(natter, 'owner', 'guest');
	const id = await createGroup(owner, [guest], { visibility: 'public' });
	const last = await say(owner, id, 'see you');
	await guest.api.put(`/messages/${last.id}/reactions/${encodeURIComponent('👋')}`);
	await guest.api.delete(members(id, guest));
	await guest.api.post(members(id), {});
	const joined = (await allEvents(guest.api, '/me/events')).at(-1);
	assert.equal(joined.type, 'conversation.joined');
	assert.equal(joined.conversation.last_message.reactions[0].mine, true);
	assert.deepEqual(joined.conversation, await conversationOf(guest, id));
});

test('the owner hands over before leaving; the last one out closes the group', async () => {
	const [owner, heir] = await people(natter, 'owner', 'heir');
	const id = await createGroup(owner, [heir]);
	expectProblem(await owner.api.delete(members(id, owner)), 409, 'owner_must_stay');
	const handed = await owner.api.patch(members(id, heir), { role: 'owner' });
	assert.equal(handed.status, 200);
	assert.equal(handed.body.role, 'owner');
	assert.deepEqual(await roles(heir, id), { [owner.username]: 'admin', [heir.username]: 'owner' });
	const { last_seq } = await conversationOf(heir, id);
	const events = await allEvents(heir.api, `/conversations/${id}/events`, last_seq - 2);
	assert.deepEqual(new Set(events.map((e) => `${e.type} ${e.user_id} ${e.role}`)), new Set([
		`member.changed ${heir.id} owner`, `member.changed ${owner.id} admin`]));
	assert.equal((await owner.api.delete(members(id, owner))).status, 204);
	assert.equal((await heir.api.delete(members(id, heir))).status, 204);
	expectProblem(await heir.api.get(`/conversations/${id}`), 404, 'not_found');
	expectProblem(await owner.api.get(`/conversations/${id}`), 404, 'not_found');
});

test('a public group that is left by all is no longer offered', async () => {
	const owner = await person(natter, 'owner');
	const id = await createGroup(owner, [], { name: 'Medlar', visibility: 'public' });
	assert.equal((await owner.api.delete(members(id, owner))).status, 204);
	assert.deepEqual((await eve.api.get('/conversations/public?q=Medlar')).body.items, []);
	expectProblem(await eve.api.post(members(id), {}), 404, 'not_found');
});

test('an archived group is read-only until it comes back', async () => {
	const id = await createGroup(ann, [bob]);
	const said = await say(bob, id, 'last words');
	assert.equal((await ann.api.patch(`/conversations/${id}`, { archived: true })).body.archived, true);
	const thumb = encodeURIComponent('👍');
	for (const answer of [
		await bob.api.post(`/conversations/${id}/messages`, { text: 'x' }),
		await bob.api.patch(`/messages/${said.id}`, { text: 'x' }),
		await bob.api.put(`/messages/${said.id}/reactions/${thumb}`)])
		expectProblem(answer, 409, 'conversation_archived');
	assert.equal((await bob.api.get(`/conversations/${id}/messages`)).body.items[0].text, 'last words');
	assert.equal((await bob.api.put(`/conversations/${id}/read`, { number: 1 })).status, 200);
	assert.equal((await ann.api.patch(`/conversations/${id}`, { archived: false })).status, 200);
	await say(bob, id, 'and on');
});

test('a deleted group is gone for all, and they hear of it', async () => {
	const id = await createGroup(ann, [bob], { visibility: 'public', name: 'Sloe' });
	const said = await say(bob, id, 'x');
	assert.equal((await ann.api.delete(`/conversations/${id}`)).status, 204);
	for (const who of [ann, bob, eve]) {
		for (const path of ['', '/members', '/messages', '/events'])
			expectProblem(await who.api.get(`/conversations/${id}${path}`), 404, 'not_found');
		expectProblem(await who.api.post(`/conversations/${id}/messages`, { text: 'x' }), 404, 'not_found');
		expectProblem(await who.api.get(`/messages/${said.id}`), 404, 'not_found');
		assert.ok((await who.api.get('/conversations')).body.items.every((c) => c.id !== id));
	}
	expectProblem(await ann.api.delete(`/conversations/${id}`), 404, 'not_found');
	const own = await allEvents(bob.api, '/me/events');
	assert.ok(own.some((e) => e.type === 'conversation.left' && e.conversation_id === id));
	assert.deepEqual((await eve.api.get('/conversations/public?q=Sloe')).body.items, []);
});

test('people are found by name, without anything private', async () => {
	const answer = await ann.api.get(`/users?q=${bob.username.slice(0, 6)}`);
	assert.equal(answer.status, 200);
	assert.ok(answer.body.items.some((u) => u.id === bob.id));
	const one = await ann.api.get(`/users/${bob.id}`);
	for (const user of [one.body, ...answer.body.items])
		for (const key of Object.keys(user))
			assert.ok(['id', 'username', 'display_name', 'avatar_url', 'kind', 'presence'].includes(key), key);
	assert.ok((await ann.api.get('/users?limit=2')).body.items.length <= 2);
	expectProblem(await ann.api.get('/users/999999999'), 404, 'not_found');
	for (const q of ['%', '_', "'", '\\', '"'])
		assert.deepEqual((await ann.api.get(`/users?q=${encodeURIComponent(q)}`)).body.items, [], q);
});
