/*
 * What no client library would send: odd paths and methods, broken headers and
 * cookies, framing that contradicts itself.  It leads nowhere, nothing ends of
 * it, and the next request is answered.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { operations } from '../support/contract.js';
import { Client, raw } from '../support/http.js';
import { sleep, startInstance } from '../support/instance.js';
import { conversationOf, createGroup, expectProblem, person } from '../support/people.js';
import { expectSurvival } from '../support/survival.js';
import { FRAMING, HEADERS, letters, MARK, NO_FILES, NO_REQUESTS, ODD_PATHS } from './catalogue.js';

const SECOND_MS = 1000;

let natter, ann, id;

before(async () => {
	natter = await startInstance();
	ann = await person(natter, 'ann');
	id = await createGroup(ann);
});
after(() => natter?.stop());

expectSurvival(() => natter, () => ann.api.get(`/conversations/${id}`));

const line = (method, path) =>
	`${method} ${natter.path}api/v1${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n`;
const mine = () => `Authorization: Bearer ${ann.token}\r\n`;
const latin1 = (text) => Buffer.from(text, 'latin1');

test('odd paths lead nowhere', async () => {
	const lost = new Client(natter, { token: ann.token, check: false });
	for (const path of ODD_PATHS) {
		const { status } = await lost.get(path);
		assert.ok([200, 301, 308, 400, 404].includes(status), `${path.slice(0, 40)}: ${status}`);
		if (status === 200)
			assert.ok(['//me', '/me/.', '/./me'].includes(path), path);
	}
	for (const asked of [`GET ${natter.path}api/v1/me?${letters(9000)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`,
		`${line('GET', '/me')}X-Long: ${letters(9000)}\r\n\r\n`]) {
		const { status, text } = await raw(natter, asked);
		assert.equal(status, 400);
		assert.match(text, /"status":400,"code":"bad_input"/);
	}
	for (const path of NO_FILES) {
		const { status } = await lost.page(path);
		assert.ok([301, 400, 403, 404].includes(status), `${path}: ${status}`);
	}
	for (const client of [lost, new Client(natter)])
		expectProblem(await client.get('/nothing'), 404, 'not_found');
});

test('each route with each method that it does not have: 405 with Allow', async () => {
	const paths = new Map();
	for (const { method, path } of operations)
		if (path.startsWith('/api/v1/') && !path.endsWith('.json'))
			paths.set(path, [...paths.get(path) ?? [], method]);
	for (const [path, methods] of paths) {
		const there = path.replace('/api/v1', '').replace('{emoji}', '%F0%9F%91%8D').replace(/\{\w+\}/g, id);
		for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'get', 'X'.repeat(1000)]) {
			if (methods.includes(method))
				continue;
			const answer = await raw(natter, `${line(method, there)}${mine()}Content-Length: 0\r\n\r\n`);
			if (answer.status === 400)
				continue;		/* nginx takes no such method */
			assert.equal(answer.status, 405, `${method.slice(0, 9)} ${path}`);
			const allowed = /^Allow: (.*)\r$/mi.exec(answer.text)[1].split(', ');
			assert.deepEqual(allowed.filter((one) => !['HEAD', 'OPTIONS'].includes(one)).sort(),
				[...methods].sort(), path);
		}
	}
	for (const method of ['TRACE', 'CONNECT'])
		assert.ok([400, 405].includes((await raw(natter, `${line(method, '/me')}\r\n`)).status), method);
	const head = await ann.api.request('HEAD', '/me', undefined, { check: false });
	assert.deepEqual([head.status, head.text], [200, '']);
});

test('headers and cookies', async () => {
	for (const [what, header] of Object.entries(HEADERS)) {
		for (const own of ['', mine()]) {
			const answer = await raw(natter, latin1(`${line('GET', '/me')}${own}${header}\r\n\r\n`));
			assert.ok([200, 400, 401, 414, 417, 431].includes(answer.status), `${what}: ${answer.text.slice(0, 200)}`);
			assert.ok(!answer.text.includes(MARK), what);
			if (own === '')
				assert.notEqual(answer.status, 200, what);
		}
	}
	for (const key of ['', ' ', letters(129), 'a\tb', '\u00e9', `"${letters(129)}"`]) {
		const answer = await raw(natter, latin1(`${line('POST', `/conversations/${id}/messages`)}${mine()}`
			+ `Content-Type: application/json\r\nIdempotency-Key: ${key}\r\nContent-Length: 12\r\n\r\n{"text":"x"}`));
		assert.equal(answer.status, key.trim() === '' ? 201 : 400, `key ${key}`);
	}
});

const post = () => `${line('POST', `/conversations/${id}/messages`)}${mine()}Content-Type: application/json\r\n`;

test('a request that contradicts itself, or is none', async () => {
	const { last_seq } = await conversationOf(ann, id);
	for (const [what, [rest, statuses]] of Object.entries(FRAMING)) {
		const { status } = await raw(natter, post() + rest, { timeout: statuses.includes(0) ? 500 : 5000 });
		assert.ok(statuses.includes(status), `${what}: ${status}`);
	}
	for (const [what, [text, statuses]] of Object.entries(NO_REQUESTS)) {
		const answer = await raw(natter, latin1(text.replace('MINE', mine())),
			{ timeout: statuses.includes(0) ? 500 : 5000 });
		assert.ok(statuses.includes(answer.status), `${what}: ${answer.text.slice(0, 300)}`);
	}
	assert.equal((await conversationOf(ann, id)).last_seq, last_seq);
});

test('chunks: extensions are skipped, and trailers are no headers', async () => {
	const { last_number } = await conversationOf(ann, id);
	for (const [extension, trailer] of [['', ''], [';a=b', 'Cookie: natter_session=x\r\nContent-Length: 5\r\n'],
		[`;${'x'.repeat(64_000)}`, '']]) {
		const answer = await raw(natter, `${post()}Transfer-Encoding: chunked\r\n\r\n8${extension}\r\n{"text":\r\n`
			+ `6\r\n"chun"\r\n1${extension}\r\n}\r\n0\r\n${trailer}\r\n`);
		assert.equal(answer.status, 201, answer.text);
	}
	assert.equal((await conversationOf(ann, id)).last_number, last_number + 3);
});

test('what follows a request on its connection is the next one', async () => {
	const kept = (text) => text.replace('Connection: close\r\n', '');
	const two = await raw(natter, `${kept(post())}Content-Length: 12\r\n\r\n{"text":"x"}${line('GET', '/me')}${mine()}\r\n`);
	assert.deepEqual(two.text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 201', 'HTTP/1.1 200']);
	const site = `${line('GET', '/site')}\r\n`;
	const many = await raw(natter, kept(site).repeat(500) + site, { timeout: 10_000 });
	assert.equal(many.text.match(/HTTP\/1\.1 200/g).length, 501, 'pipelined');
	const get = await raw(natter, `${line('GET', '/me')}${mine()}Content-Length: 3\r\n\r\nabc`);
	assert.equal(get.status, 200, 'a GET with a body');
});

test('bodies that never come hold nobody up', async () => {
	const slow = Array.from({ length: 40 }, (_, i) => raw(natter, `${post()}Content-Length: 20\r\n`
		+ `${i % 2 ? 'Expect: 100-continue\r\n' : ''}\r\n{"te`, { timeout: 2000 }));
	await sleep(100);
	for (let i = 0; i < 10; i++)
		assert.ok((await ann.api.get('/me')).ms < SECOND_MS);
	await Promise.all(slow);
});
