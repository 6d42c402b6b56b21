/* Stop and start, orderly and after a kill -9 of everything. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/http.js';
import { startInstance, until } from '../support/instance.js';
import { allMessages, people, say, startConversation } from '../support/people.js';
import { openWebSocket } from '../support/stream.js';

let natter, ann, bob, id;

before(async () => {
	natter = await startInstance();
	[ann, bob] = await people(natter, 'ann', 'bob');
	id = await startConversation(ann, bob);
	await say(ann, id, 'before');
});
after(() => natter?.stop());

const roles = ['nginx', 'push', 'app', 'auth', 'pushd', 'db'];

test('natter ps names every process', async () => {
	const all = await natter.ps();
	for (const role of roles)
		assert.ok(all.some((p) => p.role === role), `${role}: ${JSON.stringify(all)}`);
	assert.equal(all.filter((p) => p.role === 'push' && !p.master).length, 1, 'one push worker');
	assert.equal(new Set(all.map((p) => p.pid)).size, all.length);
});

test('after a kill -9 of everything it starts over what was left behind', async () => {
	for (let round = 1; round <= 2; round++) {
		const epoch = (await ann.api.get('/me')).body.epoch;
		const said = await say(ann, id, `round ${round}`);
		await natter.killAll();
		await assert.rejects(ann.api.get('/me', { fresh: true }));
		await natter.up({ timeout: 30_000 });
		const me = await ann.api.get('/me', { fresh: true });
		assert.equal(me.status, 200);
		assert.equal(me.body.epoch, epoch, 'the same history');
		const all = await allMessages(bob.api, id);
		assert.equal(all.at(-1).id, said.id);
		assert.deepEqual(all.map((m) => m.number), all.map((_, i) => i + 1));
		const stream = await openWebSocket(bob.api);
		const more = await say(ann, id, `after round ${round}`);
		await stream.expectEvent('message.posted', (e) => e.message.id === more.id);
		await stream.close();
	}
});

test('a stream opened while it still starts hears as soon as all is ready', async () => {
	await natter.killAll();
	const starting = natter.up({ timeout: 30_000 });
	const stream = await until('a stream opens', () =>
		openWebSocket(bob.api, '/events', { hello: false }).catch(() => false), { timeout: 30_000, every: 10 });
	await starting;
	await Promise.race([stream.ended, stream.expectEvent('hello', () => true, { timeout: 3000 })]);
	if (stream.open) {
		const said = await say(ann, id, 'good morning');
		await stream.expectEvent('message.posted', (e) => e.message.id === said.id, { timeout: 3000 });
	}
	await stream.close();
});

test('a reload that is asked for while it starts is taken afterwards', async () => {
	const [db] = await natter.pids('db');
	assert.ok(natter.signal(db, 'SIGSTOP'));
	natter.signal(natter.child.pid, 'SIGKILL');
	await natter.ended;
	const starting = natter.up({ timeout: 50_000 });
	try {
		await until('it waits for the database of before', () =>
			readFileSync(join(natter.var, 'run/natter.lock'), 'latin1').trim() === String(natter.child.pid));
		const reloading = natter.cli(['reload']);
		await until('it is asked', () => existsSync(join(natter.var, 'run/reload')));
		natter.signal(db, 'SIGCONT');
		await Promise.all([starting, reloading]);
	} finally {
		natter.signal(db, 'SIGCONT');
		await starting.catch(() => {});
	}
	assert.equal((await ann.api.get('/me', { fresh: true })).status, 200);
});

test('an orderly stop leaves nothing running, and sessions survive', async () => {
	const browser = await ann.signIn();
	const before = await natter.ps();
	await natter.down();
	assert.deepEqual(natter.leftovers(), []);
	assert.ok(before.length > 6);
	await natter.up();
	assert.equal((await browser.get('/me', { fresh: true })).status, 200);
	assert.equal((await allMessages(bob.api, id))[0].text, 'before');
});

test('a second natter up on the same folder is refused, and harms nothing', async () => {
	const before = (await natter.ps()).map((p) => p.pid);
	await assert.rejects(natter.cli(['up']));
	assert.deepEqual((await natter.ps()).map((p) => p.pid), before);
	assert.equal((await new Client(natter).page('readyz')).status, 200);
});
