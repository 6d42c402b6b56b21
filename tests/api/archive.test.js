/*
 * What an archived conversation still answers: everything that is read, and a
 * post that was taken before.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstance } from '../support/instance.js';
import { createGroup, expectProblem, people, say } from '../support/people.js';

let natter, ann;

before(async () => {
	natter = await startInstance();
	[ann] = await people(natter, 'ann');
});
after(() => natter?.stop());

test('a post whose answer was lost is answered again after the archiving', async () => {
	const talk = await createGroup(ann);
	const path = `/conversations/${talk}/messages`;
	const said = await say(ann, talk, 'the last word', { client_id: 'last-word' });
	assert.equal((await ann.api.patch(`/conversations/${talk}`, { archived: true })).status, 200);
	const again = await ann.api.post(path, { text: 'the last word', client_id: 'last-word' });
	assert.equal(again.status, 200, again.text);
	assert.deepEqual([again.body.id, again.body.number, again.body.seq],
		[said.id, said.number, said.seq]);
	expectProblem(await ann.api.post(path, { text: 'another', client_id: 'last-word' }),
		422, 'idempotency_mismatch');
	expectProblem(await ann.api.post(path, { text: 'one more', client_id: 'new' }),
		409, 'conversation_archived');
	expectProblem(await ann.api.post(path, { text: 'one more' }), 409, 'conversation_archived');
	const page = await ann.api.get(path);
	assert.equal(page.body.items.length, 1);
});

test('a name that grows when it is composed is too long, not an error of ours', async () => {
	const group = { kind: 'group', visibility: 'private' };
	expectProblem(await ann.api.post('/conversations', { ...group, name: '\u0958'.repeat(80) }),
		400, 'bad_input');
	const fits = await ann.api.post('/conversations', { ...group, name: '\u0958'.repeat(40) });
	assert.equal(fits.status, 201, fits.text);
	assert.equal(fits.body.name, '\u0915\u093c'.repeat(40));
});

test('people who make groups with each other at once do not get in each other\'s way', async () => {
	const all = await people(natter, ...Array.from({ length: 8 }, (_, i) => `maker${i}`));
	const ids = all.map((one) => one.id);
	const made = await Promise.all(all.map((one, i) => one.api.post('/conversations',
		{ kind: 'group', name: 'Together', visibility: 'private',
			user_ids: i % 2 ? ids : ids.toReversed() })));
	assert.deepEqual(made.map((answer) => answer.status), all.map(() => 201));
});
