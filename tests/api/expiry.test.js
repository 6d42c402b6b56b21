/*
 * Streams of what has expired, and of what was revoked while pushd was away,
 * end as well; what is still good comes back.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sleep, startInstance, until } from '../support/instance.js';
import { expectProblem, people, person } from '../support/people.js';
import { openEventSource, openWebSocket } from '../support/stream.js';

let natter, ann;

before(async () => {
	natter = await startInstance();
	[ann] = await people(natter, 'ann');
});
after(() => natter?.stop());

async function script(owner, more = {}) {
	const browser = await owner.signIn();
	const made = await browser.post('/tokens', { name: 'tail', scopes: ['read'], ...more });
	assert.equal(made.status, 201, made.text);
	return { browser, id: made.body.id, api: owner.api.with({ token: made.body.token }) };
}

test('a token that expires takes its streams with it', async () => {
	const expires = Date.now() + 6000;
	const { api } = await script(ann, { expires_at: new Date(expires).toISOString() });
	/* Her sign-in by link closes streams, too, once more 3 s after it. */
	do {
		const stream = await openEventSource(api);
		await stream.expectEnd(16_000);
	} while (Date.now() < expires);
	expectProblem(await api.get('/me'), 401, 'unauthenticated');
	await assert.rejects(openEventSource(api), { status: 401 });
	/* Her channel is closed twice, 3 s apart; her other streams come back. */
	const good = await until('another token opens a stream', () =>
		openWebSocket(ann.api).catch(() => false));
	await good.close();
});

test('a session that is over takes its streams with it', async () => {
	const user = await person(natter, 'sleeper');
	const browser = await user.signIn();
	const stream = await openWebSocket(browser);
	await natter.sql(`UPDATE sessions SET expires_at_ms = 1 WHERE user_id = ${user.id}`);
	expectProblem(await browser.get('/me'), 401, 'unauthenticated');
	await stream.expectEnd(5000);
});

test('a token deleted while pushd is away: its streams end when pushd is back', async () => {
	const user = await person(natter, 'unlucky');
	const { browser, id, api } = await script(user);
	const stream = await openEventSource(api);
	const [pushd] = await natter.pids('pushd');
	natter.signal(pushd, 'SIGKILL');
	assert.equal((await browser.delete(`/tokens/${id}`)).status, 204);
	await until('another pushd', async () =>
		(await natter.pids('pushd')).some((pid) => pid !== pushd));
	await stream.expectEnd(8000);
	await sleep(100);
	expectProblem(await api.get('/me'), 401, 'unauthenticated');
});
