/*
 * An event tells what it refers to as it is when it is read, which may be long
 * after it happened. Who was removed meanwhile must not see the later words by
 * an earlier event. A worker that dies between COMMIT and its notice is a
 * change that nobody told pushd of: here it is made in the database itself.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstance } from '../support/instance.js';
import { createGroup, people, say } from '../support/people.js';
import { openWebSocket } from '../support/stream.js';

const SECRET = 'written after the removal';

let natter, ann, bob, id, stream;

before(async () => {
	natter = await startInstance();
	[ann, bob] = await people(natter, 'ann', 'bob');
});
after(() => natter?.stop());

/** pushd knows the members, and then learns of everything at once. */
async function withPushdAsleep(change) {
	id = await createGroup(ann, [bob]);
	stream = await openWebSocket(bob.api);
	const heard = await say(ann, id, 'hello');
	await stream.expectEvent('message.posted', (e) => e.message.id === heard.id);
	const [pushd] = await natter.pids('pushd');
	natter.signal(pushd, 'SIGSTOP');
	try {
		await change();
	} finally {
		natter.signal(pushd, 'SIGCONT');
	}
}

async function remove() {
	const removed = await ann.api.delete(`/conversations/${id}/members/${bob.id}`);
	assert.equal(removed.status, 204, removed.text);
}

async function expectUnheard() {
	await stream.expectEvent('member.removed', (e) => e.stream === `c:${id}`);
	await stream.close();
	assert.deepEqual(stream.events.filter((e) => JSON.stringify(e).includes(SECRET)), []);
}

test('a message that nobody told of, edited after the removal', async () => {
	await withPushdAsleep(async () => {
		const row = await natter.sql(`CALL message_post_by(NULL, 'ann', ${id}, ${ann.id}, NULL, NULL,
			'harmless', '<p>harmless</p>', NULL, '', UNIX_TIMESTAMP() * 1000)`);
		const message = row.split('\t')[1];
		await remove();
		const edited = await ann.api.patch(`/messages/${message}`, { text: SECRET });
		assert.equal(edited.status, 200, edited.text);
	});
	await expectUnheard();
});

test('a change of the group that nobody told of, and another after the removal', async () => {
	await withPushdAsleep(async () => {
		await natter.sql(`START TRANSACTION;
			UPDATE conversations SET topic = 'harmless', last_seq = last_seq + 1 WHERE id = ${id};
			INSERT INTO events (stream, stream_id, seq, type, at_ms, actor_id)
				SELECT 'c', id, last_seq, 'conversation.updated', UNIX_TIMESTAMP() * 1000, ${ann.id}
				FROM conversations WHERE id = ${id};
			COMMIT`);
		await remove();
		const changed = await ann.api.patch(`/conversations/${id}`, { topic: SECRET });
		assert.equal(changed.status, 200, changed.text);
	});
	await expectUnheard();
});
