/* The worker as a plain CGI program of Debian's Apache, beside a live instance. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startApache } from '../support/apache.js';
import { asyncapi, openapi } from '../support/contract.js';
import { Client } from '../support/http.js';
import { sleep, startInstance, until } from '../support/instance.js';
import { conversationOf, createGroup, expectProblem, PASSWORD, people, say, signInCode,
	startConversation } from '../support/people.js';
import { openWebSocket } from '../support/stream.js';

let natter, apache, ann, bob, talk;
const WAITERS = 8;

before(async () => {
	natter = await startInstance();
	apache = await startApache(natter, { path: '/chat/' });
	[ann, bob] = await people(natter, 'ann', 'bob');
	talk = await startConversation(ann, bob);
});
after(async () => {
	try {
		await apache?.stop();
	} finally {
		await natter?.stop();
	}
});

/** The same person, asking Apache. */
const byCgi = (who) => new Client(apache, { token: who.token });

/** A wait on a connection of its own. */
function poll(client, path) {
	return new Promise((done, fail) => {
		http.get({ host: '127.0.0.1', port: client.site.port, path: client.address(path),
			agent: false, headers: client.credentials() }, (response) => {
			let text = '';
			response.on('data', (chunk) => text += chunk);
			response.on('end', () => done({ status: response.statusCode, text,
				body: JSON.parse(text), at: performance.now() }));
		}).on('error', fail);
	});
}

test('the page, the description and healthz', async () => {
	const client = byCgi(ann);
	const page = await client.page('');
	assert.equal(page.status, 200);
	assert.match(page.text, /<!doctype html>/i);
	assert.equal((await client.page('healthz')).body.status, 'ok');
	assert.deepEqual((await client.get('/openapi.json')).body, openapi);
	assert.deepEqual((await client.get('/asyncapi.json')).body, asyncapi);
});

test('a browser signs in, posts, edits, pages and signs out', async () => {
	const browser = new Client(apache, { browser: true });
	const redeemed = await browser.post('/links/redeem',
		{ code: await signInCode(natter, ann.username), password: PASSWORD });
	assert.equal(redeemed.status, 201, redeemed.text);
	await browser.delete('/session');
	const wrong = await browser.post('/session',
		{ username: ann.username, password: PASSWORD + '?' });
	expectProblem(wrong, 401);
	const signedIn = await browser.post('/session',
		{ username: ann.username, password: PASSWORD });
	assert.equal(signedIn.status, 201, signedIn.text);
	assert.match(signedIn.headers['set-cookie'][0], /Path=\/chat\//);

	const body = { text: 'from **Apache** ✓', client_id: 'cgi-one' };
	const said = await browser.post(`/conversations/${talk}/messages`, body);
	assert.equal(said.status, 201, said.text);
	const again = await browser.post(`/conversations/${talk}/messages`, body);
	assert.equal(again.status, 200, again.text);
	assert.equal(again.body.id, said.body.id, 'the same key is the same message');
	const edited = await browser.patch(`/messages/${said.body.id}`, { text: 'edited' });
	assert.equal(edited.status, 200, edited.text);
	for (let i = 0; i < 4; i++)
		await browser.post(`/conversations/${talk}/messages`, { text: `more ${i}` });
	const page = await browser.get(`/conversations/${talk}/messages?limit=3`);
	assert.deepEqual(page.body.items.map((m) => m.text), ['more 1', 'more 2', 'more 3']);
	assert.ok(page.body.has_before);
	const older = await browser.get(`/conversations/${talk}/messages?before=`
		+ `${page.body.items[0].number}&limit=3`);
	assert.ok(older.body.items.some((m) => m.id === said.body.id && m.text === 'edited'));

	assert.equal((await browser.delete('/session')).status, 204);
	expectProblem(await browser.get('/me'), 401);
});

test('another site, an unknown address, two cookies and bad JSON are refused', async () => {
	const client = byCgi(bob);
	expectProblem(await client.get('/nothing'), 404);
	expectProblem(await client.post(`/conversations/${talk}/messages`, '{"text": '), 400);
	expectProblem(await new Client(apache).get('/me'), 401);
	const answer = await new Client(apache, { browser: true }).post('/session',
		{ username: 'x', password: PASSWORD }, { headers: { origin: 'https://evil.example',
			'sec-fetch-site': 'cross-site' } });
	expectProblem(answer, 403, 'cross_site');
	expectProblem(await client.get('/me',
		{ headers: { cookie: 'natter_session=a; natter_session=b' } }), 400);
});

test('a body in chunks, whose length nobody knows before', async () => {
	const chunks = { headers: { 'transfer-encoding': 'chunked' } };
	const client = byCgi(bob);
	const path = `/conversations/${talk}/messages`;
	const said = await client.post(path, { text: 'in chunks' }, chunks);
	assert.equal(said.status, 201, said.text);
	assert.equal(said.body.text, 'in chunks');
	expectProblem(await client.post(path, { text: 'x'.repeat(210_000) }, chunks), 413);
	expectProblem(await client.post(path, { text: 'x'.repeat(210_000) }), 413);
	expectProblem(await new Client(apache).post(path, { text: 'x'.repeat(50_000) }), 401);
});

test('who follows the instance live hears what was posted by CGI', async () => {
	const stream = await openWebSocket(bob.api);
	const said = await byCgi(ann).post(`/conversations/${talk}/messages`, { text: 'both ways' });
	assert.equal(said.status, 201, said.text);
	const heard = await stream.expectEvent('message.posted',
		(e) => e.message.id === said.body.id);
	assert.equal(heard.seq, said.body.seq);
	await stream.close();
});

test('live streams are not there: 503, and the client falls back', async () => {
	const answer = await byCgi(bob).get('/events', { headers: { accept: 'text/event-stream' } });
	expectProblem(answer, 503);
});

test('a wait ends when something is said, and when its time is up', async () => {
	const client = byCgi(bob);
	const { last_seq } = await conversationOf(bob, talk);
	const path = `/conversations/${talk}/events?after=${last_seq}`;
	const begun = performance.now();
	const waiting = poll(client, `${path}&wait=20`);
	await sleep(1200);
	const said = await say({ api: byCgi(ann) }, talk, 'wake up');
	const told = performance.now();
	const answer = await waiting;
	assert.equal(answer.status, 200, answer.text);
	assert.equal(answer.body.items[0].message.id, said.id);
	assert.ok(answer.at - begun > 1200, 'it waited');
	assert.ok(answer.at - told < 2500, `${answer.at - told} ms after the message`);

	const sync = (await client.get('/sync')).body;
	const late = await client.get(`/sync?after=${sync.last_seq}&sum=${sync.sum}&wait=1`);
	assert.equal(late.body.sum, sync.sum);
	assert.ok(late.ms > 950 && late.ms < 5000, `${late.ms} ms`);
});

test(`past ${WAITERS} waiting processes the answer comes at once`, async () => {
	const client = byCgi(bob);
	const { last_seq } = await conversationOf(bob, talk);
	const path = `/conversations/${talk}/events?after=${last_seq}&wait=25`;
	const waiting = Array.from({ length: WAITERS }, () => poll(client, path));
	await until('all places are taken', () =>
		existsSync(join(apache.var, `run/cgi-wait.${WAITERS - 1}`)), { timeout: 20_000 });
	const begun = performance.now();
	for (let i = 0; i < 3; i++) {
		const answer = await poll(client, path);
		assert.equal(answer.status, 200, answer.text);
		assert.deepEqual(answer.body.items, []);
	}
	assert.ok(performance.now() - begun < 6000, 'three answers at once');
	await say({ api: byCgi(ann) }, talk, 'all of you');
	for (const answer of await Promise.all(waiting))
		assert.equal(answer.body.items.length, 1, answer.text);
	const free = await poll(client, path.replace(/wait=25/, 'wait=1').replace(/after=\d+/,
		`after=${last_seq + 1}`));
	assert.ok(free.status === 200, 'places are free again');
});

test('who is removed while waiting hears nothing from then on', async () => {
	const id = await createGroup(ann, [bob]);
	const { last_seq } = await conversationOf(bob, id);
	const waiting = poll(byCgi(bob), `/conversations/${id}/events?after=${last_seq}&wait=20`);
	await sleep(1500);
	assert.equal((await ann.api.delete(`/conversations/${id}/members/${bob.id}`)).status, 204);
	await say(ann, id, 'a secret');
	const answer = await waiting;
	assert.equal(answer.status, 404, answer.text);
});
