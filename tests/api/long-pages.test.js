/*
 * Pages of the longest messages: they end early rather than grow beyond what an
 * answer may be, and nobody's list of conversations grows with them.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstance } from '../support/instance.js';
import { allEvents, allMessages, createGroup, people, say } from '../support/people.js';

const COUNT = 60;
const LONG = '\u{1F600}'.repeat(15_990);

let natter, ann, bob, talk;

before(async () => {
	natter = await startInstance();
	[ann, bob] = await people(natter, 'ann', 'bob');
	talk = await createGroup(ann, [bob]);
	for (let number = 1; number <= COUNT; number++)
		await say(ann, talk, `${LONG}${number}`);
});
after(() => natter?.stop());

const numbers = (items) => items.map((message) => message.number);
const following = (from, count) => Array.from({ length: count }, (_, i) => from + i);

async function page(query) {
	const answer = await bob.api.get(`/conversations/${talk}/messages${query}`);
	assert.equal(answer.status, 200, answer.text.slice(0, 300));
	const { items } = answer.body;
	assert.ok(items.length > 0 && items.length < COUNT, `${items.length} messages`);
	assert.deepEqual(numbers(items), following(items[0].number, items.length));
	assert.equal(answer.body.has_before, items[0].number > 1);
	assert.equal(answer.body.has_after, items.at(-1).number < COUNT);
	return items;
}

test('the newest page ends with the newest message', async () => {
	assert.equal((await page('?limit=200')).at(-1).number, COUNT);
});

test('a page before a message ends just before it', async () => {
	assert.equal((await page('?before=50&limit=200')).at(-1).number, 49);
});

test('a page after a message begins just after it', async () => {
	assert.equal((await page('?after=3&limit=200'))[0].number, 4);
});

test('a page around a message has it', async () => {
	for (const wanted of [1, 30, COUNT])
		assert.ok(numbers(await page(`?around=${wanted}&limit=50`)).includes(wanted));
});

test('paging finds all of them, both ways', async () => {
	assert.deepEqual(numbers(await allMessages(bob.api, talk)), following(1, COUNT));
	const all = [];
	for (let bound = COUNT + 1; bound > 1; bound = all[0].number)
		all.unshift(...await page(`?before=${bound}&limit=200`));
	assert.deepEqual(numbers(all), following(1, COUNT));
});

test('so does the log', async () => {
	const events = await allEvents(bob.api, `/conversations/${talk}/events`);
	assert.deepEqual(events.map((event) => event.seq), following(1, events.length));
	assert.equal(events.filter((event) => event.type === 'message.posted').length, COUNT);
	const whole = await bob.api.get(`/conversations/${talk}/events?limit=500`);
	assert.equal(whole.status, 200);
});

test('a conversation shows its last message in short', async () => {
	const { body } = await bob.api.get('/conversations');
	const last = body.items.find((item) => item.id === talk).last_message;
	assert.equal(last.number, COUNT);
	assert.equal(last.text, '\u{1F600}'.repeat(200));
	assert.equal(last.html, '');
	await say(ann, talk, 'short');
	const [again] = (await bob.api.get('/conversations')).body.items;
	assert.equal(again.last_message.html, '<p>short</p>');
});
