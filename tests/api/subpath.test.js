/* The whole of it below another path: http://127.0.0.1:PORT/chat/. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../support/http.js';
import { startInstance } from '../support/instance.js';
import { codeOf, expectMessage, expectProblem, people, say, signUp, startConversation }
	from '../support/people.js';
import { openEventSource, openLongPoll, openWebSocket } from '../support/stream.js';
import { startReplica } from '../support/replica.js';

let natter, ann, bob;

before(async () => {
	natter = await startInstance({ path: '/chat/' });
	[ann, bob] = await people(natter, 'ann', 'bob');
});
after(() => natter?.stop());

test('nothing is answered outside of the path', async () => {
	const outside = new Client({ ...natter, path: '/', port: natter.port, origin: natter.origin },
		{ token: ann.token, check: false });
	for (const path of ['api/v1/me', 'healthz', '', 'chatty', 'chat/../api/v1/me'])
		assert.ok([404, 400].includes((await outside.page(path)).status), path);
	const bare = await outside.page('chat');
	assert.ok([301, 308].includes(bare.status));
	assert.match(bare.headers.location, /^(http:\/\/127\.0\.0\.1:\d+)?\/chat\/$/);
});

test('page, probes and description are there', async () => {
	const page = await ann.api.page('');
	assert.equal(page.status, 200);
	assert.match(page.text, /<html/i);
	assert.doesNotMatch(page.text, /(src|href)="\/(?!\/|chat\/)/, 'no address from the root');
	for (const path of ['healthz', 'readyz', 'api/v1/openapi.json', 'api/v1/asyncapi.json', 'api/v1/site'])
		assert.equal((await ann.api.page(path)).status, 200, path);
});

test('sign-up, cookie, links: all within the path', async () => {
	const { browser, user } = await signUp(natter);
	assert.equal((await browser.get('/me')).body.user.id, user.id);
	const made = await browser.post('/invites', {});
	assert.equal(made.status, 201);
	assert.ok(made.body.url.startsWith(natter.url), made.body.url);
	assert.equal(codeOf(made.body.url), made.body.code);
	const answer = await browser.post('/session', { username: 'x', password: 'wrong password' });
	assert.equal(answer.status, 401);
	const link = await natter.cli(['user', 'reset', user.username]);
	assert.ok(link.includes(natter.url), link);
	expectProblem(await browser.post('/conversations', {},
		{ headers: { origin: 'https://evil.example', 'sec-fetch-site': undefined } }), 403, 'cross_site');
	const fresh = await new Client(natter, { browser: true }).post('/links/redeem',
		{ code: codeOf(link), password: 'a brand new password' });
	const [cookie] = fresh.headers['set-cookie'];
	assert.match(cookie, /Path=\/(chat\/)?(;|$)/i);
});

test('talking works, and all streams', async () => {
	const id = await startConversation(ann, bob);
	const streams = [await openWebSocket(bob.api), await openEventSource(bob.api),
		await openLongPoll(bob.api, `/conversations/${id}/events`),
		await openWebSocket(bob.api, `/conversations/${id}/events`)];
	const replica = await startReplica(bob);
	const said = await say(ann, id, 'below a path');
	await expectMessage(bob, id, 'below a path');
	for (const stream of streams) {
		await stream.expectEvent('message.posted', (e) => e.message.id === said.id);
		await stream.close();
	}
	await replica.expectConverged();
	await replica.stop();
});
