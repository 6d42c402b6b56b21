/*
 * Upgrade: the schema moves on while the programs of the version before serve.
 * The next version is this one with a migration more, in a tree of its own.
 */

import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync,
	writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { binaries, root, startInstance, until } from '../support/instance.js';
import { allMessages, people, startConversation } from '../support/people.js';
import { startReplica } from '../support/replica.js';

const WRITERS = 4;
const MIGRATION = `
ALTER TABLE messages ADD COLUMN colour VARCHAR(9) NULL, ALGORITHM=INSTANT, LOCK=NONE;
ALTER TABLE conversations ADD COLUMN colour VARCHAR(9) NULL, ALGORITHM=INSTANT, LOCK=NONE;
ALTER TABLE messages ADD KEY messages_colour (colour), ALGORITHM=INPLACE, LOCK=NONE;
ALTER TABLE events ADD COLUMN colour VARCHAR(9) NULL, ALGORITHM=INSTANT, LOCK=NONE;
CREATE TABLE paints (
  name VARCHAR(9) NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci;
INSERT INTO paints (name) VALUES ('red');
`;

let natter, tree, ann, bob, talk;

before(async () => {
	tree = mkdtempSync(join(tmpdir(), 'nt-next-'));
	const bin = join(tree, 'build/bin');
	mkdirSync(bin, { recursive: true });
	for (const program of ['natter', 'natter-app', 'natter-pushd'])
		copyFileSync(join(binaries, program), join(bin, program));
	for (const folder of ['docs', 'htdocs', 'nginx'])
		symlinkSync(join(root, folder), join(tree, folder));
	cpSync(join(root, 'sql'), join(tree, 'sql'), { recursive: true });
	writeFileSync(join(tree, 'sql/migrations/9001_colour.sql'), MIGRATION);
	natter = await startInstance();
	[ann, bob] = await people(natter, 'ann', 'bob');
	talk = await startConversation(ann, bob);
});
after(async () => {
	await natter?.stop();
	rmSync(tree, { recursive: true, force: true });
});

/** People who write and read until the end; every answer that was not 2xx. */
function startWork() {
	const work = { sent: 0, slowest: 0, refused: [], over: false };
	const one = async (i) => {
		const person = i % 2 ? ann : bob;
		for (let n = 0; !work.over; n++)
			for (const ask of [
				() => person.api.post(`/conversations/${talk}/messages`,
					{ text: `${i}.${n}`, client_id: `${i}.${n}` }),
				() => person.api.get(`/conversations/${talk}/messages`),
				() => person.api.get('/conversations'),
			]) {
				const answer = await ask();
				work.slowest = Math.max(work.slowest, answer.ms);
				work.sent += answer.status === 201;
				if (answer.status >= 300)
					work.refused.push(`${answer.asked}: ${answer.status} ${answer.text}`);
			}
	};
	const working = Promise.all(Array.from({ length: WRITERS }, (_, i) => one(i)));
	work.end = () => {
		work.over = true;
		return working;
	};
	return work;
}

/** Somebody whose transaction has read the messages and goes on for a while. */
const readLong = (seconds) => natter.sql(
	`START TRANSACTION; SELECT COUNT(*) FROM messages; DO SLEEP(${seconds})`);

test('a migration under load fails no request, even when it has to wait for a lock', async (t) => {
	const replica = await startReplica(bob);
	const work = startWork();
	await until('people are writing', () => work.sent > 50);
	const reading = readLong(4);
	await until('it has the lock', async () => Number(await natter.sql('SELECT COUNT(*) FROM'
		+ " information_schema.processlist WHERE state = 'User sleep'")) > 0);
	const next = { ...natter, __proto__: Object.getPrototypeOf(natter),
		programs: join(tree, 'build/bin') };
	assert.equal(await next.cli(['migrate', '--plan']), '9001_colour\n');
	const before = work.sent;
	const began = performance.now();
	assert.match(await next.cli(['migrate']), /^schema 9001\n/);
	const took = performance.now() - began;
	const during = work.sent - before;
	await reading;
	await until('people go on writing', () => work.sent > before + during + 20);
	await work.end();
	assert.deepEqual(work.refused, []);
	assert.ok(during > 10, `${during} messages meanwhile`);
	assert.ok(work.slowest < 3000, `${work.slowest} ms`);
	assert.equal((await allMessages(bob.api, talk)).length, work.sent);
	await replica.expectConverged();
	await replica.stop();
	t.diagnostic(`${Math.round(took)} ms, ${during} messages meanwhile, slowest answer `
		+ `${Math.round(work.slowest)} ms`);
});

test('then the next version serves, and the one before does not start any more', async () => {
	await natter.down();
	assert.match(await natter.refused(['up']), /newer than this program's/);
	natter.programs = join(tree, 'build/bin');
	await natter.up();
	assert.equal((await ann.api.get('/me', { fresh: true })).status, 200);
	assert.equal(await natter.sql('SELECT name FROM paints'), 'red');
});
