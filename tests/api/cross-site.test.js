/* What other sites cannot make a browser do: CSRF, CORS, Origin of streams. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../support/http.js';
import { startInstance } from '../support/instance.js';
import { conversationOf, createGroup, expectProblem, PASSWORD, person } from '../support/people.js';
import { openEventSource, openWebSocket } from '../support/stream.js';

let natter, ann, browser, id;

before(async () => {
	natter = await startInstance();
	ann = await person(natter, 'ann');
	browser = await ann.signIn();
	id = await createGroup(ann);
});
after(() => natter?.stop());

const evil = () => [
	{ origin: 'https://evil.example' },
	{ origin: 'null' },
	{ origin: `http://127.0.0.1:${natter.port}.evil.example` },
	{ origin: `http://evil.example/?${natter.origin}` },
	{ origin: `https://127.0.0.1:${natter.port}` },
	{ origin: `http://127.0.0.1:${natter.port + 1}` },
	{ origin: 'http://127.0.0.1' },
	{ origin: `http://localhost:${natter.port}` },
];

test('a write by cookie needs this site as its origin', async () => {
	const path = `/conversations/${id}/messages`;
	const none = { origin: undefined, 'sec-fetch-site': undefined };
	for (const headers of [none,
		...evil().map((h) => ({ ...none, ...h })),
		...evil().map((h) => ({ ...h, 'sec-fetch-site': 'cross-site' })),
		{ ...none, 'sec-fetch-site': 'cross-site' },
		{ ...none, 'sec-fetch-site': 'same-site' },
		{ ...none, 'sec-fetch-site': 'none' }])
		expectProblem(await browser.post(path, { text: 'x' }, { headers }), 403, 'cross_site');
	assert.equal((await conversationOf(ann, id)).last_number, 0, 'no effect');
	for (const headers of [
		{ 'sec-fetch-site': undefined },
		{ origin: undefined },
		{}])
		assert.equal((await browser.post(path, { text: 'x' }, { headers })).status, 201);
});

test('a form of another site can neither write nor sign anybody in', async () => {
	const path = `/conversations/${id}/messages`;
	for (const [type, body] of [
		['application/x-www-form-urlencoded', 'text=x'],
		['multipart/form-data; boundary=x', '--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nx\r\n--x--\r\n'],
		['text/plain', '{"text":"x"}'],
		[undefined, '{"text":"x"}']]) {
		const answer = await browser.post(path, body,
			{ headers: { 'content-type': type, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' } });
		assert.ok([403, 415].includes(answer.status), `${type}: ${answer.text}`);
	}
	const signIn = { username: ann.username, password: PASSWORD };
	for (const headers of evil()) {
		const stranger = new Client(natter);
		const answer = await stranger.post('/session', signIn, { headers: { ...headers, 'sec-fetch-site': 'cross-site' } });
		expectProblem(answer, 403, 'cross_site');
		assert.equal(answer.headers['set-cookie'], undefined);
	}
	for (const type of ['text/plain', 'application/x-www-form-urlencoded'])
		assert.ok([403, 415].includes((await browser.post('/session', JSON.stringify(signIn),
			{ headers: { 'content-type': type } })).status));
});

test('a cookie write by text/plain is no JSON, even from here', async () => {
	const answer = await browser.post(`/conversations/${id}/messages`, 'hello',
		{ headers: { 'content-type': 'text/plain' } });
	assert.ok([403, 415].includes(answer.status), answer.text);
});

test('GET and HEAD change nothing', async () => {
	const before = (await conversationOf(ann, id)).last_seq;
	for (const method of ['GET', 'HEAD'])
		for (const path of [`/conversations/${id}/messages?text=x`, '/session', '/sessions', `/conversations/${id}/typing`,
			`/conversations/${id}/read?number=1`])
			await browser.request(method, path, undefined, { check: false });
	assert.equal((await conversationOf(ann, id)).last_seq, before);
	assert.equal((await browser.get('/me')).status, 200);
});

test('no other origin may read anything', async () => {
	for (const headers of evil())
		for (const [method, path] of [['GET', '/me'], ['GET', '/conversations'], ['OPTIONS', '/me'],
			['OPTIONS', `/conversations/${id}/messages`], ['OPTIONS', '/events'], ['GET', '/site']]) {
			const answer = await browser.request(method, path, undefined, { check: false, headers: { ...headers,
				'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' } });
			for (const name of Object.keys(answer.headers))
				assert.doesNotMatch(name, /^access-control-/, `${method} ${path} ${headers.origin}`);
		}
});

test('streams open for this site only', async () => {
	for (const headers of evil()) {
		await assert.rejects(openWebSocket(browser, '/events', { headers }), { status: 403 }, headers.origin);
		await assert.rejects(openWebSocket(browser, `/conversations/${id}/events`, { headers }), { status: 403 });
	}
	await assert.rejects(openWebSocket(browser, '/events', { headers: { origin: undefined, 'sec-fetch-site': undefined } }),
		{ status: 403 }, 'a cookie without an Origin');
	await (await openWebSocket(browser)).close();
	await (await openWebSocket(ann.api)).close();
	await (await openEventSource(browser)).close();
});

test('answers are nobody else\'s to keep, frame or sniff', async () => {
	for (const answer of [await browser.get('/me'), await browser.get('/conversations/999999999'),
		await browser.post('/conversations', {})]) {
		assert.match(answer.headers['cache-control'] ?? '', /no-store/);
		assert.equal(answer.headers['x-content-type-options'], 'nosniff');
	}
	const page = await browser.page('');
	assert.equal(page.status, 200);
	assert.match(page.headers['content-type'], /^text\/html/);
	const policy = page.headers['content-security-policy'];
	assert.match(policy, /frame-ancestors 'none'/);
	assert.match(policy, /default-src '(none|self)'/);
	assert.doesNotMatch(policy, /unsafe-(inline|eval)/);
	assert.equal(page.headers['x-content-type-options'], 'nosniff');
	assert.match(page.headers['referrer-policy'] ?? '', /no-referrer|same-origin/);
});
