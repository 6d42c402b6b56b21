import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reduceConversation, reduceMembers, reduceMessages, reduceRead } from '../../htdocs/store/reduce.js';

const me = /** @type {User} */ ({ id: 1, username: 'ana', display_name: 'Ana', kind: 'person' });
const bo = /** @type {User} */ ({ id: 2, username: 'bo', display_name: 'Bo', kind: 'person' });

/** @param {any} change @returns {Message} */
const message = (change) => ({
	id: 100 + change.number, conversation_id: 9, seq: change.number, author: bo, text: 'hi',
	html: '<p>hi</p>', created_at: '2026-11-22T10:00:00.000Z', reactions: [], ...change,
});

const conversation = /** @type {Conversation} */ ({
	id: 9, kind: 'group', name: 'Garden', role: 'member', last_seq: 5, last_number: 3, read_number: 3,
	unread: 0, mentions: 0, member_count: 2, archived: false, notify: 'all',
});

const posted = (/** @type {Message} */ m) => ({ type: 'message.posted', message: m });

test('unread is what was said after the read mark', () => {
	let c = reduceConversation(conversation, posted(message({ number: 4 })), me);
	assert.equal(c.unread, 1);
	c = reduceConversation(c, posted(message({ number: 5, html: '<span data-username="ana">' })), me);
	assert.deepEqual([c.unread, c.mentions], [2, 1]);
	c = reduceRead(c, 4);
	assert.deepEqual([c.unread, c.mentions], [1, 1]);
	c = reduceRead(c, 5);
	assert.deepEqual([c.unread, c.mentions], [0, 0]);
	assert.equal(reduceRead(c, 2), c);
});

test('the read mark may be ahead of what is known, until that comes', () => {
	let c = reduceRead(conversation, 5);
	assert.deepEqual([c.last_number, c.read_number, c.unread], [3, 5, 0]);
	assert.equal(reduceRead(c, 5), c, 'the same once more changes nothing');
	for (const number of [4, 5, 6])
		c = reduceConversation(c, posted(message({ number, html: '<span data-username="ana">' })), me);
	assert.deepEqual([c.last_number, c.read_number, c.unread, c.mentions], [6, 5, 1, 1]);
});

test('what I say moves my read mark', () => {
	let c = reduceConversation(conversation, posted(message({ number: 4 })), me);
	c = reduceConversation(c, posted(message({ number: 5, author: me })), me);
	assert.deepEqual([c.unread, c.read_number], [0, 5]);
});

test('a message said twice is there once', () => {
	const first = reduceMessages([], posted(message({ number: 1 })), 1, true);
	assert.equal(reduceMessages(first, posted(message({ number: 1 })), 1, true), first);
	assert.equal(first.length, 1);
});

test('a window in the middle of history takes no new messages', () => {
	const items = [message({ number: 1 })];
	assert.equal(reduceMessages(items, posted(message({ number: 2 })), 1, false), items);
});

test('an edit leaves the reactions as the events before have made them', () => {
	const reactions = [{ emoji: '👍', count: 1, user_ids: [2], mine: false }];
	const [edited] = reduceMessages([message({ number: 1, reactions })],
		{ type: 'message.edited', message: message({ number: 1, text: 'ho' }) }, 1, true);
	assert.equal(edited.text, 'ho');
	assert.deepEqual(edited.reactions, reactions);
});

test('an edit and a deletion reach the quotes as well', () => {
	const items = [message({ number: 1 }),
		message({ number: 2, reply_to: { id: 101, number: 1, author: bo, text: 'hi' } })];
	const edited = reduceMessages(items,
		{ type: 'message.edited', message: message({ number: 1, text: 'ho', html: '<p>ho</p>' }) }, 1, true);
	assert.equal(edited[0].html, '<p>ho</p>');
	assert.equal(edited[1].reply_to?.text, 'ho');
	const deleted = reduceMessages(edited, { type: 'message.deleted', message_id: 101, at: 'then' }, 1, true);
	assert.deepEqual([deleted[0].text, deleted[0].deleted_at], ['', 'then']);
	assert.deepEqual(deleted[1].reply_to, { id: 101, number: 1, deleted: true });
});

test('reactions are sets: adding twice counts once', () => {
	const add = { type: 'reaction.added', message_id: 101, emoji: '👍', user_id: 1 };
	let items = reduceMessages([message({ number: 1 })], add, 1, true);
	assert.deepEqual(items[0].reactions, [{ emoji: '👍', count: 1, user_ids: [1], mine: true }]);
	assert.equal(reduceMessages(items, add, 1, true), items);
	items = reduceMessages(items, { ...add, user_id: 2 }, 1, true);
	items = reduceMessages(items, { ...add, type: 'reaction.removed' }, 1, true);
	assert.deepEqual(items[0].reactions, [{ emoji: '👍', count: 1, user_ids: [2], mine: false }]);
	items = reduceMessages(items, { ...add, type: 'reaction.removed', user_id: 2 }, 1, true);
	assert.deepEqual(items[0].reactions, []);
});

test('a reaction that was hoped for stands where the server has it', () => {
	const add = { type: 'reaction.added', message_id: 101 };
	const emoji = (/** @type {Message[]} */ items) => items[0].reactions.map((r) => [r.emoji, r.count, r.hoped]);
	const items = [{ ...add, emoji: '👍', user_id: 1, hoped: true }, { ...add, emoji: '🎉', user_id: 2 }]
		.reduce((now, event) => reduceMessages(now, event, 1, true), [message({ number: 1 })]);
	assert.deepEqual(emoji(items), [['👍', 1, true], ['🎉', 1, undefined]]);
	const told = reduceMessages(items, { ...add, emoji: '👍', user_id: 1 }, 1, true);
	assert.deepEqual(emoji(told), [['🎉', 1, undefined], ['👍', 1, undefined]]);
	assert.equal(reduceMessages(told, { ...add, emoji: '👍', user_id: 1 }, 1, true), told);
	const joined = reduceMessages(items, { ...add, emoji: '👍', user_id: 2 }, 1, true);
	assert.deepEqual(emoji(joined), [['🎉', 1, undefined], ['👍', 2, undefined]]);
});

test('an emoji with and without its selector is one reaction', () => {
	const add = { type: 'reaction.added', message_id: 101, emoji: '\u2764', user_id: 1 };
	let items = reduceMessages([message({ number: 1 })], add, 1, true);
	items = reduceMessages(items, { ...add, emoji: '\u2764\ufe0f' }, 1, true);
	items = reduceMessages(items, { ...add, emoji: '\u2764\ufe0f', user_id: 2 }, 1, true);
	assert.deepEqual(items[0].reactions, [{ emoji: '\u2764', count: 2, user_ids: [1, 2], mine: true }]);
	items = reduceMessages(items, { ...add, type: 'reaction.removed', emoji: '\u2764\ufe0f' }, 1, true);
	assert.deepEqual(items[0].reactions, [{ emoji: '\u2764', count: 1, user_ids: [2], mine: false }]);
});

test('of two forms that are there one’s own is meant', () => {
	/** @type {(emoji: string, id: number) => any} */
	const reaction = (emoji, id) => ({ emoji, count: 1, user_ids: [id], mine: id === 1 });
	const before = [message({ number: 1, reactions: [reaction('\u2764', 1), reaction('\u2764\ufe0f', 2)] })];
	const event = { type: 'reaction.added', message_id: 101, emoji: '\u2764\ufe0f', user_id: 1 };
	assert.deepEqual(reduceMessages(before, event, 1, true), before);
	const after = reduceMessages(before, { ...event, type: 'reaction.removed' }, 1, true);
	assert.deepEqual(after[0].reactions, [reaction('\u2764\ufe0f', 2)]);
});

test('what all members see alike doesn’t touch what is mine', () => {
	const c = reduceConversation({ ...conversation, unread: 2, role: 'owner' }, {
		type: 'conversation.updated',
		conversation: /** @type {Conversation} */ ({ id: 9, kind: 'group', name: 'Beans', archived: true }),
	}, me);
	assert.deepEqual([c.name, c.archived, c.unread, c.role], ['Beans', true, 2, 'owner']);
});

test('a new name reaches everything that shows it', () => {
	const renamed = { type: 'user.updated', user: { ...bo, display_name: 'Bo B.' } };
	const items = [message({ number: 1 }), message({ number: 2, author: me,
		reply_to: { id: 101, number: 1, author: bo, text: 'hi' } }), message({ number: 3, author: me })];
	const after = reduceMessages(items, renamed, 1, true);
	assert.deepEqual([after[0].author.display_name, after[1].reply_to?.author?.display_name], ['Bo B.', 'Bo B.']);
	assert.equal(after[1].author.display_name, 'Ana');
	assert.equal(after[2], items[2]);
	const c = reduceConversation({ ...conversation, peer: bo, last_message: items[0] }, renamed, me);
	assert.deepEqual([c.peer?.display_name, c.last_message?.author.display_name], ['Bo B.', 'Bo B.']);
	const all = reduceMembers(reduceMembers([], { type: 'member.added', user: bo, role: 'member' }), renamed);
	assert.equal(all[0].user.display_name, 'Bo B.');
});

test('members come, change, read and go', () => {
	let all = reduceMembers([], { type: 'member.added', user: bo, role: 'member' });
	all = reduceMembers(all, { type: 'member.added', user: bo, role: 'member' });
	assert.equal(all.length, 1);
	all = reduceMembers(all, { type: 'member.changed', user_id: 2, role: 'admin' });
	all = reduceMembers(all, { type: 'read', user_id: 2, read_number: 7 });
	all = reduceMembers(all, { type: 'read', user_id: 2, read_number: 5 });
	assert.deepEqual([all[0].role, all[0].read_number], ['admin', 7]);
	assert.deepEqual(reduceMembers(all, { type: 'member.removed', user_id: 2 }), []);
});

test('a group that is told as it is now counts nobody twice', () => {
	/* In a page of the log, the name has with it the count that comes later. */
	let c = reduceConversation(conversation, { type: 'conversation.updated',
		conversation: { ...conversation, name: 'Field', member_count: 1 } }, me);
	c = reduceConversation(c, { type: 'member.removed', user_id: 2 }, me);
	assert.deepEqual([c.name, c.member_count], ['Field', 1]);
});
