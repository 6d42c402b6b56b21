/*
 * Input that is bad for what it means: texts, names, passwords, settings; and
 * that problems do not repeat it. Bytes, types and sizes are the matter of
 * inputs.test.js.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../support/http.js';
import { startInstance } from '../support/instance.js';
import { createGroup, expectProblem, PASSWORD, people, person } from '../support/people.js';

let natter, ann, bob, id;

before(async () => {
	natter = await startInstance();
	[ann, bob] = await people(natter, 'ann', 'bob');
	id = await createGroup(ann, [bob]);
});
after(() => natter?.stop());

const bytes = (...parts) => Buffer.concat(parts.map((part) => Buffer.from(part)));

/** 4xx by a problem, quickly, without an echo. */
function expectRefused(answer, what) {
	assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status} ${answer.text}`);
	assert.match(answer.headers['content-type'], /^application\/problem\+json/, what);
	assert.ok(answer.ms < 3000, `${what}: ${answer.ms} ms`);
}

test('text/plain is held to the same rules', async () => {
	const options = { headers: { 'content-type': 'text/plain' } };
	const path = `/conversations/${id}/messages`;
	for (const body of ['', ' ', bytes([0xff]), bytes('a', [0], 'b'), bytes([0xc0, 0x80]), bytes([0xed, 0xa0, 0x80]),
		'x'.repeat(16_001)])
		expectRefused(await ann.api.post(path, body, options), JSON.stringify(String(body).slice(0, 10)));
	assert.equal((await ann.api.post(path, '{"not":"json', options)).body.text, '{"not":"json');
	assert.equal((await ann.api.post(path, 'x'.repeat(16_000), options)).status, 201);
});

test('odd text is kept as it is, and shown within bounds', async () => {
	for (const text of ['z' + '\u0301'.repeat(4000), '\u200d'.repeat(3000) + '.', '\ufffe\ufdd0.', '\ue000\u{10ffff}', '\u{e0041}.',
		'\u202eevil\u202c', '👩‍👩‍👧‍👦'.repeat(1000), '[['.repeat(5000), '>'.repeat(10_000), '*'.repeat(10_000), '`'.repeat(9999),
		'![x]('.repeat(2000), '|-'.repeat(5000), '@a '.repeat(4000), '\u2028\u2029.', 'x\n'.repeat(8000)]) {
		const answer = await ann.api.post(`/conversations/${id}/messages`, { text });
		assert.equal(answer.status, 201, answer.text);
		assert.equal(answer.body.text, text);
		assert.ok(Buffer.byteLength(answer.body.html) <= 8 * Buffer.byteLength(text) + 1024, text.slice(0, 10));
		assert.ok(answer.ms < 1000, `${text.slice(0, 10)}: ${answer.ms} ms`);
	}
});

test('user names are plain, and nobody can look like somebody else', async () => {
	const door = new Client(natter, { browser: true });
	const names = ['a', '', 'x'.repeat(33), 'аdmin', 'αnn', 'ann\u00ad', '\u2066ann\u2069', 'ann\u{e0041}',
		'ann\u2060', 'ann\ufeff', '\u0301\u0301', '\u00a0\u00a0', 'ann.\u0000', '🐱🐱', 'api', 'ANN LEE',
		'ann lee', 'ann\u200b', '-ann', '.ann', '_ann', 'ann/..', 'ａｎｎ', '𝐚𝐧𝐧', 'ﬁn', 'straße', 'ıan', 'é',
		'e\u0301', '\u202enna', 'ann\u0000', 'ann\n', ' ann', 'ann ', 'ann\ufe0f', '\u3164\u3164', "o'neil",
		'a;b', 'a%b', 'a"b', '<b>', '../x', 'admin', 'root', 'system', 'everyone', 'here', 'me', 'all'];
	for (const username of names) {
		const answer = await door.post('/users', { username, password: PASSWORD, invite: 'x'.repeat(43) });
		expectRefused(answer, JSON.stringify(username));
		assert.ok([400, 409].includes(answer.status), `${username}: ${answer.text}`);
	}
});

test('display names are cleaned, or refused when nothing is left', async () => {
	const user = await person(natter, 'named');
	for (const [given, kept] of [['  Ann   Lee ', 'Ann Lee'], ['Ann\u202eeeL', 'AnneeL'], ['A\u200bnn', 'Ann'],
		['e\u0301', 'é'], ['Ann\u0007', 'Ann'], ['<b>Ann</b>', '<b>Ann</b>'], ['安', '安'], ['👩‍👧', undefined]]) {
		const answer = await user.api.patch('/me', { display_name: given });
		assert.equal(answer.status, 200, answer.text);
		if (kept !== undefined)
			assert.equal(answer.body.user.display_name, kept);
	}
	assert.equal((await user.api.patch('/me', { display_name: '𝒳'.repeat(64) })).status, 200);
	for (const given of ['', ' ', '\u200b\u2060\ufeff', '\u202e', '\u3164', '\u00a0\u2003', '\u{e0041}\u{e007f}', '\ufe0f', '\ufffe',
		'\u2800', '\u2066\u2069', 'x'.repeat(65)])
		expectProblem(await user.api.patch('/me', { display_name: given }), 400, 'bad_input');
});

test('passwords are kept as typed: long, short, odd', async () => {
	const user = await person(natter, 'typist');
	let current = PASSWORD;
	const me = await user.signIn();
	for (const next of ['  spaces around  ', 'пароль на русском', 'xylophone'.repeat(14), 'cafe\u0301 cre\u0300me',
		'👩‍👩‍👧‍👦 family']) {
		const changed = await me.put('/me/password', { current_password: current, new_password: next });
		assert.equal(changed.status, 204, changed.text);
		const door = new Client(natter, { browser: true });
		assert.equal((await door.post('/session', { username: user.username, password: next })).status, 201);
		expectProblem(await door.post('/session', { username: user.username, password: next.trim() + '!' }),
			401, 'bad_credentials');
		current = next;
	}
	for (const bad of ['', 'short', 'x'.repeat(5000), 'with\u0000nul', user.username, 'password', '12345678', 'qwertyuiop'])
		expectProblem(await me.put('/me/password', { current_password: current, new_password: bad }), 400);
});

test('settings are an object of bounded size', async () => {
	const ok = await ann.api.patch('/me', { settings: { theme: 'dark', nested: { a: [1, 'x', null] } } });
	assert.deepEqual(ok.body.settings, { theme: 'dark', nested: { a: [1, 'x', null] } });
	assert.deepEqual((await ann.api.get('/me')).body.settings, ok.body.settings);
	for (const settings of [[], 'x', 7, true, { big: 'x'.repeat(17_000) }])
		expectProblem(await ann.api.patch('/me', { settings }), 400, 'bad_input');
	assert.deepEqual((await ann.api.get('/me')).body.settings, ok.body.settings);
});

test('problems do not repeat what was sent, and name their request', async () => {
	const marker = 'marker-7d1b6a';
	for (const answer of [
		await ann.api.post(`/conversations/${id}/messages`, { text: 5, client_id: marker }),
		await ann.api.post('/conversations', { kind: marker }),
		await ann.api.get(`/conversations/${id}/messages?limit=${marker}`),
		await ann.api.post(`/conversations/${id}/messages`, `{"text":"${marker}`),
		await ann.api.get(`/${marker}`)]) {
		assert.ok(answer.status >= 400);
		assert.doesNotMatch(answer.text, new RegExp(marker));
		assert.doesNotMatch(answer.text, /SELECT|mysql|MariaDB|\.c:|\/work|\/tmp/i);
		assert.equal(typeof answer.body.instance, 'string');
		assert.equal(typeof answer.body.title, 'string');
	}
});
