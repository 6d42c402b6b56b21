/*
 * What stands for something in SQL is a character like any other in a search.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstance } from '../support/instance.js';
import { people } from '../support/people.js';

let natter, ann, bob;

before(async () => {
	natter = await startInstance();
	[ann, bob] = await people(natter, 'ann', 'bob');
});
after(() => natter?.stop());

async function found(q) {
	const answer = await bob.api.get(`/users?q=${encodeURIComponent(q)}`);
	assert.equal(answer.status, 200, answer.text);
	return answer.body.items.map((user) => user.id);
}

test('signs of SQL in a name are found, and find nothing else', async () => {
	assert.equal((await ann.api.patch('/me', { display_name: '100%_\\!x' })).status, 200);
	for (const q of ['%', '_', '\\', '!', '%_', '_\\!', '100%_\\!x'])
		assert.deepEqual(await found(q), [ann.id], q);
	for (const q of ['1%x', '10_%', '\\%', "'", '%%'])
		assert.deepEqual(await found(q), [], q);
});
