/* Say, read, change: every row of API "Messages". */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { startInstance } from '../support/instance.js';
import { allEvents, allMessages, conversationOf, createGroup, expectProblem, people, say,
	startConversation } from '../support/people.js';

let natter, ann, bob, eve, talk;

before(async () => {
	natter = await startInstance();
	[ann, bob, eve] = await people(natter, 'ann', 'bob', 'eve');
	talk = await startConversation(ann, bob);
});
after(() => natter?.stop());

const messages = (id = talk) => `/conversations/${id}/messages`;

test('a message comes back as it was said, and the other one reads the same', async () => {
	const said = await ann.api.post(messages(), { text: 'Hello *Bob*' });
	assert.equal(said.status, 201);
	const { body } = said;
	assert.equal(body.text, 'Hello *Bob*');
	assert.match(body.html, /<em>Bob<\/em>/);
	assert.equal(body.conversation_id, talk);
	assert.equal(body.author.id, ann.id);
	assert.equal(body.edited_at, null);
	assert.equal(body.deleted_at, null);
	assert.deepEqual(body.reactions, []);
	assert.ok(Math.abs(Date.parse(body.created_at) - Date.now()) < 60_000);
	const read = await bob.api.get(`/messages/${body.id}`);
	assert.equal(read.status, 200);
	const { presence: a, ...author } = body.author;
	const { presence: b, ...again } = read.body.author;
	assert.deepEqual({ ...read.body, author: again }, { ...body, author });
	assert.equal((await conversationOf(bob, talk)).last_message.id, body.id);
});

test('text/plain says a message, as curl --data-binary does', async () => {
	const said = await ann.api.post(messages(), 'Backup done\nin 3 s',
		{ headers: { 'content-type': 'text/plain; charset=utf-8' } });
	assert.equal(said.status, 201, said.text);
	assert.equal(said.body.text, 'Backup done\nin 3 s');
	assert.match(said.body.html, /Backup done<br\s*\/?>\s*in 3 s/);
});

test('line ends become \\n and nothing else is touched', async () => {
	for (const [typed, kept] of [
		['one\r\ntwo\rthree\nfour', 'one\ntwo\nthree\nfour'],
		['  indented  ', '  indented  '],
		['tab\there', 'tab\there'],
		['e\u0301 and é, ﬁ, ß, İ', 'e\u0301 and é, ﬁ, ß, İ'],
		['👩‍👩‍👧‍👦 🏳️‍🌈 \u202eright to left\u202c', '👩‍👩‍👧‍👦 🏳️‍🌈 \u202eright to left\u202c'],
		['\u200b\ufeff\ufffe\ufdd0', '\u200b\ufeff\ufffe\ufdd0'],
		["'; DROP TABLE messages; -- %_\\ \" ` \u001a".replace('\u001a', ''),
			"'; DROP TABLE messages; -- %_\\ \" ` "],
	])
		assert.equal((await say(ann, talk, typed)).text, kept);
});

test('1 to 16,000 characters, counted as code points', async () => {
	assert.equal((await say(ann, talk, 'x')).text, 'x');
	assert.equal((await say(ann, talk, 'x'.repeat(16_000))).text.length, 16_000);
	assert.equal([...(await say(ann, talk, '𝒳'.repeat(16_000))).text].length, 16_000);
	assert.equal((await say(ann, talk, '\r\n'.repeat(15_999) + 'x')).text.length, 16_000);
	for (const text of ['', 'x'.repeat(16_001), '𝒳'.repeat(16_001)]) {
		const problem = expectProblem(await ann.api.post(messages(), { text }),
			400, 'bad_input');
		assert.equal(problem.errors[0].pointer, '/text');
	}
});

test('the longest text may come escaped, as many programs write JSON', async () => {
	const answer = await ann.api.post(messages(), `{"text":"${'\\ud83d\\ude00'.repeat(16_000)}"}`);
	assert.equal(answer.status, 201, answer.text.slice(0, 300));
	assert.equal(answer.body.text, '😀'.repeat(16_000));
});

test('only white space is no message', async () => {
	for (const text of [' ', '\n\n', '\t \r\n'])
		expectProblem(await ann.api.post(messages(), { text }), 400, 'bad_input');
});

test('who is not in the conversation neither reads nor writes there', async () => {
	const said = await say(ann, talk, 'between us');
	expectProblem(await eve.api.get(messages()), 404, 'not_found');
	expectProblem(await eve.api.post(messages(), { text: 'x' }), 404, 'not_found');
	expectProblem(await eve.api.get(`/messages/${said.id}`), 404, 'not_found');
	expectProblem(await eve.api.patch(`/messages/${said.id}`, { text: 'x' }), 404, 'not_found');
	expectProblem(await eve.api.delete(`/messages/${said.id}`), 404, 'not_found');
});

test('the author is who asks, whatever the body says', async () => {
	const before = (await conversationOf(ann, talk)).last_number;
	const said = await ann.api.post(messages(), { text: 'mine', author_id: bob.id,
		author: { id: bob.id }, user_id: bob.id, number: 1, seq: 1, id: 1,
		created_at: '2001-01-01T00:00:00.000Z', conversation_id: 1, html: '<b>x</b>' });
	assert.equal(said.status, 201);
	assert.equal(said.body.author.id, ann.id);
	assert.equal(said.body.number, before + 1);
	assert.ok(said.body.created_at > '2025');
	assert.doesNotMatch(said.body.html, /<b>/);
});

test('paging back, forth and around', async () => {
	const id = await createGroup(ann, [bob]);
	for (let i = 1; i <= 25; i++)
		await say(i % 2 ? ann : bob, id, `message ${i}`);
	const page = async (query) => {
		const answer = await bob.api.get(`${messages(id)}?${query}`);
		assert.equal(answer.status, 200, answer.text);
		const { items, has_before, has_after } = answer.body;
		return [items.map((m) => m.number), has_before, has_after];
	};
	const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
	assert.deepEqual(await page(''), [range(1, 25), false, false]);
	assert.deepEqual(await page('limit=10'), [range(16, 25), true, false]);
	assert.deepEqual(await page('before=16&limit=10'), [range(6, 15), true, true]);
	assert.deepEqual(await page('before=6&limit=10'), [range(1, 5), false, true]);
	assert.deepEqual(await page('before=1'), [[], false, true]);
	assert.deepEqual(await page('after=0&limit=10'), [range(1, 10), false, true]);
	assert.deepEqual(await page('after=10&limit=10'), [range(11, 20), true, true]);
	assert.deepEqual(await page('after=20&limit=10'), [range(21, 25), true, false]);
	assert.deepEqual(await page('after=25'), [[], true, false]);
	assert.deepEqual(await page('limit=1'), [[25], true, false]);
	assert.deepEqual(await page('after=4&limit=1'), [[5], true, true]);
	assert.deepEqual(await page('limit=200'), [range(1, 25), false, false]);
	const [numbers, before, behind] = await page('around=12&limit=5');
	assert.deepEqual(numbers, [10, 11, 12, 13, 14]);
	assert.deepEqual([before, behind], [true, true]);
	for (const number of [1, 2, 24, 25]) {
		const [near] = await page(`around=${number}&limit=5`);
		assert.ok(near.includes(number), `${near} around ${number}`);
		assert.ok(near.length >= 3 && near.length <= 5);
		assert.deepEqual(near, range(near[0], near.at(-1)));
	}
	/* Beyond the ends there is nothing, but no fault either. */
	assert.deepEqual(await page('after=1000'), [[], true, false]);
	assert.deepEqual((await page('before=1000&limit=5'))[0], range(21, 25));
});

test('an empty conversation is an empty page', async () => {
	const id = await createGroup(ann);
	const page = await ann.api.get(messages(id));
	assert.deepEqual(page.body.items, []);
	assert.deepEqual([page.body.has_before, page.body.has_after], [false, false]);
});

test('page parameters that mean nothing are refused', async () => {
	for (const query of ['limit=0', 'limit=201', 'limit=x', 'limit=', 'limit=-1', 'limit=1e1',
		'limit=1.0', 'limit=+1', 'limit=%201', 'before=-1', 'after=-1', 'after=18446744073709551616',
		'after=9007199254740993', 'around=x', 'limit=1&limit=2', 'before=5&after=2',
		'before=0x10', 'after=%D9%A1', `after=${'9'.repeat(1000)}`]) {
		const problem = expectProblem(await ann.api.get(`${messages()}?${query}`),
			400, 'bad_input');
		assert.ok(problem.errors.length > 0, query);
		assert.match(problem.errors[0].pointer, /^\?(limit|before|after|around)$/);
	}
});

test('an edit changes text and html, keeps the number, and says when', async () => {
	const said = await say(ann, talk, 'tpyo');
	const edited = await ann.api.patch(`/messages/${said.id}`, { text: '**typo**' });
	assert.equal(edited.status, 200);
	assert.equal(edited.body.text, '**typo**');
	assert.match(edited.body.html, /<strong>typo<\/strong>/);
	assert.equal(edited.body.number, said.number);
	assert.equal(edited.body.seq, said.seq);
	assert.equal(edited.body.created_at, said.created_at);
	assert.ok(edited.body.edited_at >= said.created_at);
	assert.equal((await bob.api.get(`/messages/${said.id}`)).body.text, '**typo**');
	const events = await allEvents(bob.api, `/conversations/${talk}/events`, said.seq);
	assert.deepEqual(events.map((e) => e.type), ['message.edited']);
	assert.equal(events[0].message.text, '**typo**');
	assert.equal(events[0].actor_id, ann.id);
});

test('only the author edits', async () => {
	const said = await say(ann, talk, 'mine');
	expectProblem(await bob.api.patch(`/messages/${said.id}`, { text: 'yours' }), 403, 'forbidden');
	const id = await createGroup(ann, [bob]);
	const other = await say(bob, id, 'bob says');
	expectProblem(await ann.api.patch(`/messages/${other.id}`, { text: 'x' }), 403, 'forbidden');
	assert.equal((await ann.api.get(`/messages/${other.id}`)).body.text, 'bob says');
});

test('edits are as bounded as messages', async () => {
	const said = await say(ann, talk, 'short');
	for (const body of [{ text: '' }, {}, { text: null }, { text: 3 },
		{ text: 'x'.repeat(16_001) }])
		expectProblem(await ann.api.patch(`/messages/${said.id}`, body), 400, 'bad_input');
	assert.equal((await ann.api.get(`/messages/${said.id}`)).body.edited_at, null);
});

test('a deleted message keeps its number and nothing of its text, anywhere', async () => {
	const id = await createGroup(ann, [bob]);
	const secret = randomUUID();
	const said = await say(ann, id, `my password is ${secret}`);
	await say(bob, id, 'answer', { reply_to: said.id });
	await bob.api.put(`/messages/${said.id}/reactions/${encodeURIComponent('👍')}`);
	const gone = await ann.api.delete(`/messages/${said.id}`);
	assert.equal(gone.status, 204);
	const read = await bob.api.get(`/messages/${said.id}`);
	assert.equal(read.status, 200);
	assert.equal(read.body.text, '');
	assert.equal(read.body.html, '');
	assert.notEqual(read.body.deleted_at, null);
	assert.equal(read.body.number, said.number);
	for (const path of [messages(id), `/conversations/${id}/events?after=0`,
		`/conversations/${id}`, '/conversations', `/messages/${said.id}`])
		assert.doesNotMatch((await bob.api.get(path)).text, new RegExp(secret), path);
	const [, answer] = (await bob.api.get(messages(id))).body.items;
	assert.deepEqual(answer.reply_to, { id: said.id, number: said.number, deleted: true });
	/* Again changes nothing. */
	const { last_seq } = await conversationOf(ann, id);
	assert.equal((await ann.api.delete(`/messages/${said.id}`)).status, 204);
	assert.equal((await conversationOf(ann, id)).last_seq, last_seq);
	assert.equal((await conversationOf(ann, id)).last_number, 2);
});

test('a deleted message takes no edit and no reaction', async () => {
	const said = await say(ann, talk, 'gone soon');
	await ann.api.delete(`/messages/${said.id}`);
	const edit = await ann.api.patch(`/messages/${said.id}`, { text: 'back' });
	assert.ok([403, 404, 409].includes(edit.status), edit.text);
	const react = await bob.api.put(`/messages/${said.id}/reactions/${encodeURIComponent('👍')}`);
	const { body } = await ann.api.get(`/messages/${said.id}`);
	assert.deepEqual([body.text, body.reactions], ['', []]);
	assert.ok([403, 404, 409].includes(react.status), `reaction: ${react.status}`);
});

test('author, owner and admins delete; members and the other one do not', async () => {
	const [owner, admin, member, another] = await people(natter, 'o', 'a', 'm', 'n');
	const id = await createGroup(owner, [admin, member, another]);
	await owner.api.patch(`/conversations/${id}/members/${admin.id}`, { role: 'admin' });
	const remove = async (who, text = 'x') => {
		const said = await say(member, id, text);
		return (await who.api.delete(`/messages/${said.id}`)).status;
	};
	assert.equal(await remove(member), 204);
	assert.equal(await remove(admin), 204);
	assert.equal(await remove(owner), 204);
	assert.equal(await remove(another), 403);
	const said = await say(ann, talk, 'direct');
	expectProblem(await bob.api.delete(`/messages/${said.id}`), 403, 'forbidden');
});

test('a reply quotes what it answers, as it is now', async () => {
	const id = await createGroup(ann, [bob]);
	const question = await say(ann, id, 'coffee?');
	const answer = await say(bob, id, 'yes', { reply_to: question.id });
	assert.equal(answer.reply_to.id, question.id);
	assert.equal(answer.reply_to.number, question.number);
	assert.equal(answer.reply_to.author.id, ann.id);
	assert.equal(answer.reply_to.text, 'coffee?');
	await ann.api.patch(`/messages/${question.id}`, { text: 'tea?' });
	const page = await bob.api.get(messages(id));
	assert.equal(page.body.items[1].reply_to.text, 'tea?');
});

test('a reply to what one cannot see is a reply to nothing', async () => {
	const foreign = await createGroup(eve);
	const hidden = await say(eve, foreign, 'hidden');
	const here = await say(ann, talk, 'here');
	const other = await createGroup(ann, [bob]);
	const absent = await ann.api.post(messages(other), { text: 'x', reply_to: 999_999_999 });
	assert.ok([400, 404].includes(absent.status), absent.text);
	for (const reply_to of [hidden.id, here.id]) {
		const answer = await ann.api.post(messages(other), { text: 'x', reply_to });
		assert.equal(answer.status, absent.status, answer.text);
		assert.equal(answer.body.code, absent.body.code);
		assert.deepEqual(answer.body.errors, absent.body.errors);
		assert.doesNotMatch(answer.text, /hidden"|"here/);
	}
	assert.equal((await conversationOf(ann, other)).last_number, 0);
});

test('reactions are counted once per person, and taken back', async () => {
	const said = await say(ann, talk, 'react!');
	const emoji = (e) => `/messages/${said.id}/reactions/${encodeURIComponent(e)}`;
	assert.equal((await bob.api.put(emoji('👍'))).status, 204);
	assert.equal((await bob.api.put(emoji('👍'))).status, 204);
	assert.equal((await ann.api.put(emoji('👍'))).status, 204);
	assert.equal((await ann.api.put(emoji('🎉'))).status, 204);
	const seen = async (who) => (await who.api.get(`/messages/${said.id}`)).body.reactions;
	assert.deepEqual(await seen(bob), [
		{ emoji: '👍', count: 2, user_ids: [bob.id, ann.id], mine: true },
		{ emoji: '🎉', count: 1, user_ids: [ann.id], mine: false }]);
	assert.equal((await bob.api.delete(emoji('👍'))).status, 204);
	assert.equal((await bob.api.delete(emoji('👍'))).status, 204);
	assert.equal((await bob.api.delete(emoji('🚀'))).status, 204);
	assert.deepEqual((await seen(bob)).map((r) => [r.emoji, r.count, r.mine]),
		[['👍', 1, false], ['🎉', 1, false]]);
	const events = await allEvents(ann.api, `/conversations/${talk}/events`, said.seq);
	assert.deepEqual(events.map((e) => [e.type, e.user_id, e.emoji]), [
		['reaction.added', bob.id, '👍'],
		['reaction.added', ann.id, '👍'],
		['reaction.added', ann.id, '🎉'],
		['reaction.removed', bob.id, '👍']]);
});

test('an emoji with and without its selector is one', async () => {
	const said = await say(ann, talk, 'love');
	const emoji = (e) => `/messages/${said.id}/reactions/${encodeURIComponent(e)}`;
	const seen = async () => (await ann.api.get(`/messages/${said.id}`)).body.reactions;
	assert.equal((await bob.api.put(emoji('\u2764'))).status, 204);
	assert.equal((await ann.api.put(emoji('\u2764\ufe0f'))).status, 204);
	assert.equal((await ann.api.put(emoji('\u2764'))).status, 204);
	assert.deepEqual(await seen(), [
		{ emoji: '\u2764\ufe0f', count: 2, user_ids: [bob.id, ann.id], mine: true }]);
	assert.equal((await bob.api.delete(emoji('\u2764\ufe0f'))).status, 204);
	assert.equal((await ann.api.delete(emoji('\u2764'))).status, 204);
	assert.deepEqual(await seen(), []);
	const events = await allEvents(ann.api, `/conversations/${talk}/events`, said.seq);
	assert.deepEqual(events.map((e) => [e.type, e.user_id, e.emoji]), [
		['reaction.added', bob.id, '\u2764\ufe0f'],
		['reaction.added', ann.id, '\u2764\ufe0f'],
		['reaction.removed', bob.id, '\u2764\ufe0f'],
		['reaction.removed', ann.id, '\u2764\ufe0f']]);
});

test('a form of an emoji that is under a message stays, and is taken back', async () => {
	const said = await say(ann, talk, 'kept');
	const path = `/messages/${said.id}/reactions/${encodeURIComponent('\u2764\ufe0f')}`;
	await natter.sql('INSERT INTO reactions (conversation_id, number, emoji, user_id, created_at_ms)'
		+ ` VALUES (${talk}, ${said.number}, X'E29DA4', ${bob.id}, 1)`);
	const seen = async () => (await bob.api.get(`/messages/${said.id}`)).body.reactions
		.map((r) => [r.emoji, r.count, r.mine]);
	assert.deepEqual(await seen(), [['\u2764', 1, true]]);
	assert.equal((await bob.api.put(path)).status, 204);
	assert.equal((await ann.api.put(path)).status, 204);
	assert.deepEqual(await seen(), [['\u2764', 2, true]]);
	assert.equal((await bob.api.delete(path)).status, 204);
	assert.equal((await ann.api.delete(path)).status, 204);
	assert.deepEqual(await seen(), []);
	const events = await allEvents(ann.api, `/conversations/${talk}/events`, said.seq);
	assert.deepEqual(events.map((e) => [e.type, e.user_id, e.emoji]), [
		['reaction.added', ann.id, '\u2764'],
		['reaction.removed', bob.id, '\u2764'],
		['reaction.removed', ann.id, '\u2764']]);
});

test('all emoji are different, and words are none', async () => {
	const said = await say(ann, talk, 'many');
	const all = ['😀', '😁', '👍', '👍🏽', '❤️', '🏳️‍🌈', '👩‍👩‍👧‍👦', '🇫🇷', '1️⃣'];
	for (const emoji of all)
		assert.equal((await ann.api.put(`/messages/${said.id}/reactions/${
			encodeURIComponent(emoji)}`)).status, 204, emoji);
	const { body } = await ann.api.get(`/messages/${said.id}`);
	assert.deepEqual(new Set(body.reactions.map((r) => r.emoji)), new Set(all));
	for (const word of ['hello', '<script>', 'a', '👍👍', '👍'.repeat(30), ' ', '\u202e', '\u0007', '%'])
		expectProblem(await ann.api.put(`/messages/${said.id}/reactions/${
			encodeURIComponent(word)}`), 400, 'bad_input');
});

test('the same key and body: the same message, with 200', async () => {
	const body = { text: 'once', client_id: randomUUID() };
	const first = await ann.api.post(messages(), body);
	assert.equal(first.status, 201);
	assert.equal(first.body.client_id, body.client_id);
	const { last_seq } = await conversationOf(ann, talk);
	await say(bob, talk, 'meanwhile');
	const again = await ann.api.post(messages(), body);
	assert.equal(again.status, 200);
	for (const key of ['id', 'number', 'seq', 'text', 'html', 'created_at', 'client_id'])
		assert.equal(again.body[key], first.body[key], key);
	assert.equal((await conversationOf(ann, talk)).last_seq, last_seq + 1);
});

test('header and client_id are the same key', async () => {
	const key = randomUUID();
	const first = await ann.api.post(messages(), { text: 'by header' },
		{ headers: { 'idempotency-key': key } });
	assert.equal(first.status, 201);
	const second = await ann.api.post(messages(), { text: 'by header', client_id: key });
	assert.equal(second.status, 200);
	assert.equal(second.body.id, first.body.id);
	const quoted = await ann.api.post(messages(), { text: 'by header' },
		{ headers: { 'idempotency-key': `"${key}"` } });
	assert.equal(quoted.status, 200);
	assert.equal(quoted.body.id, first.body.id);
	const plain = randomUUID();
	const options = { headers: { 'idempotency-key': plain, 'content-type': 'text/plain' } };
	const third = await ann.api.post(messages(), 'plain', options);
	assert.equal(third.status, 201);
	assert.equal((await ann.api.post(messages(), 'plain', options)).body.id, third.body.id);
});

test('two different keys in one request are refused', async () => {
	const answer = await ann.api.post(messages(), { text: 'x', client_id: randomUUID() },
		{ headers: { 'idempotency-key': randomUUID() } });
	expectProblem(answer, 400, 'bad_input');
});

test('the same key for another request is a mismatch, and changes nothing', async () => {
	const client_id = randomUUID();
	const question = await say(ann, talk, 'first');
	const other = await createGroup(ann, [bob]);
	await say(ann, talk, 'as said', { client_id });
	const { last_seq } = await conversationOf(ann, talk);
	for (const [id, body] of [
		[talk, { text: 'another text' }],
		[talk, { text: 'as said', reply_to: question.id }],
		[other, { text: 'as said' }]])
		expectProblem(await ann.api.post(messages(id), { ...body, client_id }),
			422, 'idempotency_mismatch');
	assert.equal((await conversationOf(ann, talk)).last_seq, last_seq);
	assert.equal((await conversationOf(ann, other)).last_number, 0);
});

test('a key belongs to its account', async () => {
	const client_id = randomUUID();
	const one = await say(ann, talk, 'same key', { client_id });
	const two = await say(bob, talk, 'same key', { client_id });
	assert.notEqual(one.id, two.id);
	const browser = await ann.signIn();
	const again = await browser.post(messages(), { text: 'same key', client_id });
	assert.equal(again.status, 200, 'a session and a token are the same account');
	assert.equal(again.body.id, one.id);
});

test('a key works again after its message was edited or deleted', async () => {
	const client_id = randomUUID();
	const said = await say(ann, talk, 'soon changed', { client_id });
	await ann.api.patch(`/messages/${said.id}`, { text: 'changed' });
	const again = await ann.api.post(messages(), { text: 'soon changed', client_id });
	assert.equal(again.status, 200);
	assert.deepEqual([again.body.id, again.body.number], [said.id, said.number]);
	await ann.api.delete(`/messages/${said.id}`);
	const third = await ann.api.post(messages(), { text: 'soon changed', client_id });
	assert.equal(third.status, 200);
	assert.deepEqual([third.body.id, third.body.text], [said.id, '']);
});

test('keys are 1 to 128 printable ASCII characters', async () => {
	assert.equal((await ann.api.post(messages(), { text: 'x', client_id: 'k'.repeat(128) })).status, 201);
	for (const client_id of ['', 'k'.repeat(129), 'ключ', 'a\u0001b', 7, [], {}])
		expectProblem(await ann.api.post(messages(), { text: 'x', client_id }),
			400, 'bad_input');
	for (const key of ['k'.repeat(129), 'caf\u00e9'])
		expectProblem(await ann.api.post(messages(), { text: 'x' },
			{ headers: { 'idempotency-key': key } }), 400, 'bad_input');
	/* Keys are bytes: case and padding tell them apart. */
	const one = await say(ann, talk, 'case', { client_id: 'Key-Of-Case' });
	const two = await say(ann, talk, 'case', { client_id: 'key-of-case' });
	assert.notEqual(one.id, two.id);
});

test('50 parallel identical requests make one message', async () => {
	const id = await createGroup(ann, [bob]);
	const body = { text: 'only once', client_id: randomUUID() };
	const answers = await Promise.all(Array.from({ length: 50 },
		() => ann.api.post(messages(id), body)));
	const statuses = answers.map((a) => a.status);
	assert.equal(statuses.filter((s) => s === 201).length, 1, statuses.join(' '));
	assert.ok(statuses.every((s) => s === 200 || s === 201), statuses.join(' '));
	assert.equal(new Set(answers.map((a) => `${a.body.id} ${a.body.number} ${a.body.seq}`)).size, 1);
	assert.equal((await allMessages(bob.api, id)).length, 1);
	assert.equal((await conversationOf(ann, id)).last_number, 1);
});

test('Markdown becomes white-listed HTML', async () => {
	const html = async (text) => (await say(ann, talk, text)).html;
	assert.match(await html('`code` ~~old~~ **b**'), /<code>code<\/code> <del>old<\/del> <strong>b<\/strong>/);
	assert.match(await html('```js\nlet a;\n```'), /<pre[^>]*><code[^>]*>let a;\n<\/code><\/pre>/);
	assert.match(await html('- a\n- b'), /<ul>\s*<li>a<\/li>\s*<li>b<\/li>\s*<\/ul>/);
	assert.match(await html('see https://example.org/x?y=1&z=2'),
		/<a href="https:\/\/example\.org\/x\?y=1&amp;z=2"[^>]*>/);
	assert.match(await html('[x](https://example.org)'), /rel="noopener noreferrer nofollow"/);
	assert.match(await html('one\ntwo'), /one<br\s*\/?>\s*two/);
	assert.match(await html(`hi @${bob.username}`),
		new RegExp(`<span class="mention" data-username="${bob.username}">@${bob.username}</span>`));
});

test('no text becomes a script', async () => {
	const attacks = ['<script>alert(1)</script>', '<img src=x onerror=alert(1)>',
		'"><svg onload=alert(1)>', '[x](javascript:alert(1))', '[x](JaVaScRiPt:alert(1))',
		'[x](java\tscript:alert(1))', '[x](&#106;avascript:alert(1))', '[x](data:text/html,x)',
		'[x](vbscript:x)', '![x](javascript:alert(1))', '<javascript:alert(1)>',
		'[x](https://e.org "onmouseover=alert(1)")', '[x](https://e.org/"onclick="alert(1))',
		'```"><script>alert(1)</script>\nx\n```', '`<script>`', '&lt;script&gt;',
		'<a href="javascript:x">y</a>', '| <script> |\n| --- |\n| <b> |', '\u2028<script>\u2029',
		'[x]: javascript:alert(1)\n\n[x]', '@<script>', '<!-- --><iframe src=//evil>',
		'<style>*{display:none}</style>', '[x](//evil.example)', '<https://e.org/<script>>'];
	for (const text of attacks) {
		const { html, text: kept } = await say(ann, talk, text);
		assert.equal(kept, text);
		const tags = html.match(/<\/?([a-z0-9]+)/gi) ?? [];
		for (const tag of tags)
			assert.match(tag, /^<\/?(p|br|strong|em|del|code|pre|blockquote|ul|ol|li|a|h[1-6]|hr|table|thead|tbody|tr|th|td|input|span)$/,
				`${text} -> ${html}`);
		for (const [, href] of html.matchAll(/href="([^"]*)"/g))
			assert.match(href, /^(https?:\/\/|mailto:)/, `${text} -> ${html}`);
		assert.doesNotMatch(html.replace(/>[^<]*</g, '><'), /\son[a-z]+\s*=|style=|src=/i,
			`${text} -> ${html}`);
	}
});

test('a text that would blow up is shown as typed, quickly', async () => {
	const bombs = ['['.repeat(16_000), '*'.repeat(16_000), '>'.repeat(16_000),
		'> '.repeat(8000), '- '.repeat(8000), '`'.repeat(16_000), '[a]('.repeat(4000),
		'![a]('.repeat(3200), '_*'.repeat(8000), '|'.repeat(16_000), '&amp;'.repeat(3200),
		'<'.repeat(16_000), `[a]: /${'b'.repeat(2000)}\n\n${'[a] '.repeat(3400)}`,
		`${'|a'.repeat(300)}|\n${'|-'.repeat(300)}|\n${'|x\n'.repeat(4900)}`.slice(0, 16_000),
		'@all '.repeat(3200), '\\'.repeat(16_000), 'http://a.b '.repeat(1450), '\n'.repeat(15_999) + 'x'];
	for (const text of bombs) {
		const answer = await ann.api.post(messages(), { text });
		assert.equal(answer.status, 201, text.slice(0, 20));
		assert.ok(answer.ms < 2000, `${text.slice(0, 20)}: ${answer.ms} ms`);
		assert.ok(answer.body.html.length < 16_000 * 8 + 4096,
			`${text.slice(0, 20)}: ${answer.body.html.length}`);
	}
});
