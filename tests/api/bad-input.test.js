/*
 * The catalogue of bad input. Each is answered 4xx, quickly, by a problem that
 * does not repeat it; nothing is stored and no process dies of it.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, raw } from '../support/http.js';
import { sleep, startInstance } from '../support/instance.js';
import { conversationOf, createGroup, expectProblem, PASSWORD, people, person, say }
	from '../support/people.js';

let natter, ann, bob, browser, id, said;

before(async () => {
	natter = await startInstance();
	[ann, bob] = await people(natter, 'ann', 'bob');
	browser = await ann.signIn();
	id = await createGroup(ann, [bob]);
	said = await say(ann, id, 'start');
});
after(() => natter?.stop());

/** Every route that takes JSON: [method, path, client]. */
const jsonRoutes = () => [
	['POST', '/users', new Client(natter, { browser: true })],
	['POST', '/session', new Client(natter, { browser: true })],
	['POST', '/links/check', new Client(natter, { browser: true })],
	['POST', '/links/redeem', new Client(natter, { browser: true })],
	['PATCH', '/me', ann.api],
	['PUT', '/me/password', browser],
	['POST', '/tokens', browser],
	['POST', '/invites', ann.api],
	['POST', '/conversations', ann.api],
	['PATCH', `/conversations/${id}`, ann.api],
	['POST', `/conversations/${id}/members`, ann.api],
	['PATCH', `/conversations/${id}/members/${bob.id}`, ann.api],
	['POST', `/conversations/${id}/messages`, ann.api],
	['PATCH', `/messages/${said.id}`, ann.api],
	['PUT', `/conversations/${id}/read`, ann.api],
];

const bytes = (...parts) => Buffer.concat(parts.map((part) =>
	typeof part === 'string' ? Buffer.from(part) : Buffer.from(part)));
const inText = (...raw) => bytes('{"text":"a', raw, '"}');

const NOT_JSON = {
	'nothing': ' ',
	'only blanks': ' \n\t ',
	'a word': 'x',
	'single quotes': "{'text':'a'}",
	'no quotes': '{text:"a"}',
	'a comment': '{"text":"a"/**/}',
	'a line comment': '{"text":"a"}//x',
	'a trailing comma': '{"text":"a",}',
	'an empty element': '{"a":[1,,2]}',
	'two documents': '{"text":"a"}{"text":"b"}',
	'a spare brace': '{"text":"a"}}',
	'no end': '{"text":"a"',
	'no end of a string': '{"text":"a',
	'a BOM': bytes([0xef, 0xbb, 0xbf], '{"text":"a"}'),
	'UTF-16 LE': Buffer.from('{"text":"a"}', 'utf16le'),
	'UTF-16 BE': Buffer.from('{"text":"a"}', 'utf16le').swap16(),
	'NaN': '{"text":"a","x":NaN}',
	'Infinity': '{"text":"a","x":Infinity}',
	'-Infinity': '{"text":"a","x":-Infinity}',
	'a leading zero': '{"text":"a","x":01}',
	'a leading minus zero': '{"text":"a","x":-01}',
	'a plus': '{"text":"a","x":+1}',
	'a leading point': '{"text":"a","x":.5}',
	'a trailing point': '{"text":"a","x":2.}',
	'a point before e': '{"text":"a","x":2.e3}',
	'hexadecimal': '{"text":"a","x":0x10}',
	'underscores': '{"text":"a","x":1_000}',
	'True': '{"text":"a","x":True}',
	'undefined': '{"text":"a","x":undefined}',
	'a double key': '{"text":"a","text":"b"}',
	'a double key by escape': '{"text":"a","te\\u0078t":"b"}',
	'a key with NUL': '{"text":"a","x\\u0000y":1}',
	'NUL in a string': '{"text":"a\\u0000b"}',
	'a raw NUL': inText(0),
	'a raw newline': inText(0x0a),
	'a raw tab': inText(0x09),
	'a raw control': inText(0x1b),
	'a lone high surrogate': '{"text":"\\ud800"}',
	'a lone low surrogate': '{"text":"\\udc00"}',
	'swapped surrogates': '{"text":"\\udc00\\ud800"}',
	'a broken pair': '{"text":"\\ud83d\\u0041"}',
	'a bad escape': '{"text":"\\x41"}',
	'a cut escape': '{"text":"\\u12"}',
	'C0 80': inText(0xc0, 0x80),
	'C1 BF': inText(0xc1, 0xbf),
	'E0 80 80': inText(0xe0, 0x80, 0x80),
	'F0 80 80 80': inText(0xf0, 0x80, 0x80, 0x80),
	'ED A0 80': inText(0xed, 0xa0, 0x80),
	'ED BF BF': inText(0xed, 0xbf, 0xbf),
	'F4 90 80 80': inText(0xf4, 0x90, 0x80, 0x80),
	'F5': inText(0xf5, 0x80, 0x80, 0x80),
	'FE': inText(0xfe),
	'FF': inText(0xff),
	'a lone 80': inText(0x80),
	'a cut character': inText(0xe2, 0x82),
	'depth 9': '['.repeat(9) + ']'.repeat(9),
	'depth 33': '{"a":'.repeat(33) + '1' + '}'.repeat(33),
	'depth 1,000': '['.repeat(1000) + ']'.repeat(1000),
	'depth 40,000': '['.repeat(40_000),
	'65 keys': `{${Array.from({ length: 65 }, (_, i) => `"k${i}":1`).join()}}`,
	'1,001 elements': `{"a":[${'1,'.repeat(1000)}1]}`,
	'21 digits': `{"a":${'9'.repeat(21)}}`,
	'10,000 digits': `{"a":${'9'.repeat(10_000)}}`,
};
const NOT_OBJECTS = { 'null': 'null', 'true': 'true', 'a string': '"x"', 'a number': '7', 'an array': '[]',
	'an array of objects': '[{"text":"a"}]', '-0': '-0', '1e400': '1e400' };

/** 4xx by a problem, quickly, without an echo. */
function expectRefused(answer, what) {
	assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status} ${answer.text}`);
	assert.match(answer.headers['content-type'], /^application\/problem\+json/, what);
	assert.ok(answer.ms < 3000, `${what}: ${answer.ms} ms`);
}

test('what is no strict JSON is refused on every route that takes JSON', async () => {
	const before = await natter.pids('app');
	const { last_seq } = await conversationOf(ann, id);
	for (const [method, path, client] of jsonRoutes()) {
		for (const [what, body] of Object.entries(NOT_JSON)) {
			const answer = await client.request(method, path, body);
			expectRefused(answer, `${method} ${path}: ${what}`);
			assert.ok(['bad_json', 'bad_input', 'too_large'].includes(answer.body.code),
				`${method} ${path}: ${what}: ${answer.body.code}`);
		}
		for (const [what, body] of Object.entries(NOT_OBJECTS))
			expectRefused(await client.request(method, path, body), `${method} ${path}: ${what}`);
	}
	assert.equal((await conversationOf(ann, id)).last_seq, last_seq, 'nothing was stored');
	assert.deepEqual(await natter.pids('app'), before, 'no worker died');
});

test('an empty body where one is needed is refused', async () => {
	for (const [method, path, client] of jsonRoutes()) {
		if (path.endsWith('/members') || path === '/invites' || path === '/me'
			|| path === `/conversations/${id}`)
			continue;
		expectRefused(await client.request(method, path, ''), `${method} ${path}`);
		expectRefused(await client.request(method, path, {}), `${method} ${path} {}`);
	}
});

test('each field with a value of another type is refused', async () => {
	const wrong = { string: [1, true, [], {}, [null]], integer: ['1', true, [], {}, 1.5, -1, 0, 1e300, 2 ** 53,
		'9223372036854775808', 18446744073709551616], boolean: ['true', 1, [], {}], choice: ['x', '', 1, [], {}, true] };
	const fields = [
		['POST', '/session', new Client(natter, { browser: true }), { username: 'string', password: 'string' },
			{ username: ann.username, password: PASSWORD }],
		['PATCH', '/me', ann.api, { display_name: 'string' }, {}],
		['POST', '/invites', ann.api, { uses: 'integer', expires_at: 'string' }, {}],
		['POST', '/conversations', ann.api, { kind: 'choice', user_id: 'integer' }, { kind: 'direct', user_id: bob.id }],
		['POST', '/conversations', ann.api, { name: 'string', visibility: 'choice', topic: 'string' },
			{ kind: 'group', name: 'x', visibility: 'private', topic: 'x' }],
		['PATCH', `/conversations/${id}`, ann.api, { name: 'string', topic: 'string', visibility: 'choice',
			archived: 'boolean', notify: 'choice' }, {}],
		['POST', `/conversations/${id}/members`, ann.api, { user_id: 'integer' }, {}],
		['PATCH', `/conversations/${id}/members/${bob.id}`, ann.api, { role: 'choice' }, {}],
		['POST', `/conversations/${id}/messages`, ann.api, { text: 'string', reply_to: 'integer', client_id: 'string' },
			{ text: 'x' }],
		['PATCH', `/messages/${said.id}`, ann.api, { text: 'string' }, {}],
		['PUT', '/me/password', browser, { current_password: 'string', new_password: 'string' },
			{ current_password: PASSWORD, new_password: PASSWORD }],
	];
	const { last_seq } = await conversationOf(ann, id);
	for (const [method, path, client, types, base] of fields) {
		for (const [field, type] of Object.entries(types)) {
			for (const value of wrong[type]) {
				const answer = await client.request(method, path, { ...base, [field]: value });
				const what = `${method} ${path} ${field}=${JSON.stringify(value)}`;
				expectRefused(answer, what);
				assert.equal(answer.status, 400, `${what}: ${answer.text}`);
				if (answer.body.code === 'bad_input')
					assert.ok(answer.body.errors.some((e) => e.pointer.startsWith(`/${field}`)),
						`${what}: ${JSON.stringify(answer.body.errors)}`);
			}
		}
	}
	assert.equal((await conversationOf(ann, id)).last_seq, last_seq);
});

test('null counts as absent, unknown keys are ignored', async () => {
	const answer = await ann.api.post(`/conversations/${id}/messages`, { text: 'x', reply_to: null,
		client_id: null, unknown: { a: [1] }, __proto__x: 1, constructor: 1, hasOwnProperty: 1, '': 1 });
	assert.equal(answer.status, 201, answer.text);
	const proto = await ann.api.post(`/conversations/${id}/messages`,
		'{"text":"x","__proto__":{"admin":true}}');
	assert.equal(proto.status, 201);
	for (const body of [{ text: null }, { text: undefined }])
		expectProblem(await ann.api.post(`/conversations/${id}/messages`, body), 400, 'bad_input');
});

test('bodies past the limit are refused, at once', async () => {
	for (const [method, path, client] of jsonRoutes()) {
		const answer = await client.request(method, path, `{"text":"${'x'.repeat(300_000)}"}`, { fresh: true })
			.catch((error) => ({ status: error.code }));
		assert.ok([413, 'EPIPE', 'ECONNRESET'].includes(answer.status), `${path}: ${answer.status}`);
		const almost = await client.request(method, path, `{"unknown":"${'x'.repeat(220_000)}"}`, { fresh: true });
		assert.ok([400, 413].includes(almost.status), `${path}: ${almost.status}`);
	}
	const huge = await raw(natter, `POST ${natter.path}api/v1/conversations/${id}/messages HTTP/1.1\r\n`
		+ `Host: x\r\nAuthorization: Bearer ${ann.token}\r\nContent-Type: application/json\r\n`
		+ 'Content-Length: 104857600\r\nConnection: close\r\n\r\n{"text":"');
	assert.equal(huge.status, 413);
});

test('a body of another type is 415', async () => {
	for (const [method, path, client] of jsonRoutes())
		for (const type of ['application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x',
			'application/json-seq', 'text/html', 'garbage', '/', 'application/octet-stream']) {
			const answer = await client.request(method, path, '{"text":"x"}', { headers: { 'content-type': type } });
			expectProblem(answer, 415, 'unsupported_media_type');
		}
	for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'application/json;charset=UTF-8'])
		assert.equal((await ann.api.post(`/conversations/${id}/messages`, '{"text":"x"}',
			{ headers: { 'content-type': type } })).status, 201, type);
});

test('text/plain is held to the same rules', async () => {
	const options = { headers: { 'content-type': 'text/plain' } };
	const path = `/conversations/${id}/messages`;
	for (const body of ['', ' ', bytes([0xff]), bytes('a', [0], 'b'), bytes([0xc0, 0x80]), bytes([0xed, 0xa0, 0x80]),
		'x'.repeat(16_001)])
		expectRefused(await ann.api.post(path, body, options), JSON.stringify(String(body).slice(0, 10)));
	assert.equal((await ann.api.post(path, '{"not":"json', options)).body.text, '{"not":"json');
	assert.equal((await ann.api.post(path, 'x'.repeat(16_000), options)).status, 201);
});

test('user names are plain, and nobody can look like somebody else', async () => {
	const door = new Client(natter, { browser: true });
	const names = ['a', '', 'x'.repeat(33), 'аdmin', 'ann lee', 'ann\u200b', '-ann', '.ann', '_ann', 'ann/..',
		'ａｎｎ', '𝐚𝐧𝐧', 'ﬁn', 'straße', 'ıan', 'é', 'e\u0301', '\u202enna', 'ann\u0000', 'ann\n', ' ann', 'ann ', 'ann\ufe0f',
		'\u3164\u3164', "o'neil", 'a;b', 'a%b', 'a"b', '<b>', '../x', 'admin', 'root', 'system', 'everyone', 'here', 'me', 'all'];
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
	for (const given of ['', ' ', '\u200b\u2060\ufeff', '\u202e', '\u3164', '\u00a0\u2003', 'x'.repeat(65)])
		expectProblem(await user.api.patch('/me', { display_name: given }), 400, 'bad_input');
});

test('passwords are kept as typed: long, short, odd', async () => {
	const user = await person(natter, 'typist');
	let current = PASSWORD;
	const me = await user.signIn();
	for (const next of ['  spaces around  ', 'пароль на русском', 'xylophone'.repeat(14), 'cafe\u0301 cre\u0300me', '👩‍👩‍👧‍👦 family']) {
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

test('odd queries are refused or ignored, never a fault', async () => {
	for (const query of ['limit=%', 'limit=%4', 'limit=%zz', 'limit=%00', 'limit=%c0%af', 'limit=%u0041', 'limit=1+1',
		'limit=1;after=2', '=1', '&&&', 'limit', '%00=1', `x=${'a'.repeat(6000)}`, `${'a=1&'.repeat(1500)}`, 'limit[]=1',
		'q=%27%22%5C', '?limit=1', '#x']) {
		const answer = await ann.api.request('GET', `/conversations/${id}/messages?${query}`);
		assert.ok([200, 400, 414].includes(answer.status), `${query.slice(0, 30)}: ${answer.status} ${answer.text}`);
	}
});

test('odd paths lead nowhere', async () => {
	for (const path of ['/../me', '/%2e%2e/me', '/..%2fme', '/me/', '/me/.', '//me', '/ME', '/me%00', '/me%2f', '/me;x=1',
		'/%6de%', '/conversations/1%2f2', '/\u2024\u2024/me'.replace(/[^\x00-\x7f]/g, encodeURIComponent),
		`/${'x'.repeat(7000)}`, '/me\\', '/.git/config', '/%c0%ae%c0%ae/me']) {
		const answer = await new Client(natter, { token: ann.token, check: false }).get(path);
		assert.ok([200, 301, 308, 400, 404, 414].includes(answer.status), `${path.slice(0, 40)}: ${answer.status}`);
		if (answer.status === 200)
			assert.ok(['//me', '/me/.'].includes(path), path);
	}
	for (const path of ['natter.conf', '.git/config', 'secrets/curl-header', 'Makefile', '../var/secrets/curl-header',
		'vendor/../../natter.conf', 'vendor../natter.conf', 'htdocs/', 'icons/', 'styles/', '.htaccess', 'index.html~',
		'sql/schema.sql', '%2e%2e/%2e%2e/etc/passwd']) {
		const answer = await new Client(natter).page(path);
		assert.ok([301, 400, 403, 404].includes(answer.status), `${path}: ${answer.status}`);
	}
});

test('unknown routes are 404, known ones with another method 405 with Allow', async () => {
	expectProblem(await ann.api.get('/nothing'), 404, 'not_found');
	expectProblem(await new Client(natter).get('/nothing'), 404, 'not_found');
	for (const [method, path, allowed] of [
		['PUT', '/me', ['GET', 'PATCH']], ['DELETE', '/me', ['GET', 'PATCH']],
		['PATCH', '/session', ['POST', 'DELETE']], ['GET', '/session', ['POST', 'DELETE']],
		['POST', '/messages/1', ['GET', 'PATCH', 'DELETE']],
		['POST', '/events', ['GET']], ['PROPFIND', '/me', ['GET', 'PATCH']]]) {
		const answer = await ann.api.request(method, path, undefined, { check: false });
		expectProblem(answer, 405, 'method_not_allowed');
		const allow = answer.headers.allow.split(/,\s*/);
		for (const one of allowed)
			assert.ok(allow.includes(one), `${method} ${path}: Allow: ${answer.headers.allow}`);
	}
	for (const method of ['TRACE', 'CONNECT'])
		assert.ok([400, 405].includes((await raw(natter, `${method} ${natter.path}api/v1/me HTTP/1.1\r\nHost: x\r\n`
			+ 'Connection: close\r\n\r\n')).status), method);
	const head = await ann.api.request('HEAD', '/me', undefined, { check: false });
	assert.deepEqual([head.status, head.text], [200, '']);
});

test('broken framing harms nobody', async () => {
	const start = `POST ${natter.path}api/v1/conversations/${id}/messages HTTP/1.1\r\nHost: 127.0.0.1\r\n`
		+ `Authorization: Bearer ${ann.token}\r\nContent-Type: application/json\r\nConnection: close\r\n`;
	const { last_number } = await conversationOf(ann, id);
	for (const [what, rest] of Object.entries({
		'negative length': 'Content-Length: -5\r\n\r\n{}',
		'length with a plus': 'Content-Length: +5\r\n\r\n{}',
		'hexadecimal length': 'Content-Length: 0x5\r\n\r\n{}',
		'two lengths': 'Content-Length: 5\r\nContent-Length: 6\r\n\r\n{}',
		'length and chunks': 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
		'20 digits': 'Content-Length: 99999999999999999999\r\n\r\n{}',
		'a bad chunk': 'Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n',
		'a huge chunk': 'Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n{}\r\n0\r\n\r\n',
		'an odd encoding': 'Transfer-Encoding: xchunked\r\n\r\n{}',
	})) {
		const answer = await raw(natter, start + rest);
		assert.ok(answer.status >= 400 && answer.status < 502, `${what}: ${answer.status}`);
	}
	const good = await raw(natter, `${start}Transfer-Encoding: chunked\r\n\r\n8\r\n{"text":\r\n6\r\n"chun"\r\n1\r\n}\r\n0\r\n\r\n`);
	assert.equal(good.status, 201, good.text);
	assert.equal((await conversationOf(ann, id)).last_number, last_number + 1);
	/* A body that never comes holds nobody up. */
	const slow = Array.from({ length: 40 }, () => raw(natter, `${start}Content-Length: 20\r\n\r\n{"te`, { timeout: 3000 }));
	await sleep(100);
	for (let i = 0; i < 10; i++)
		assert.ok((await ann.api.get('/me')).ms < 1000);
	await Promise.all(slow);
	const get = await raw(natter, `GET ${natter.path}api/v1/me HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${ann.token}\r\n`
		+ 'Content-Length: 3\r\nConnection: close\r\n\r\nabc');
	assert.ok([200, 400].includes(get.status), 'a GET with a body');
});

test('SQL in any field is text', async () => {
	const attacks = ["' OR '1'='1", '"; DROP TABLE users; --', '\\', "\\'", '%', '_', '`', '/*!50000 SELECT 1 */', '0x41', "x' AND SLEEP(5)#"];
	for (const text of attacks) {
		assert.equal((await say(ann, id, text)).text, text);
		assert.equal((await ann.api.patch(`/conversations/${id}`, { name: text, topic: text })).body.name, text);
		for (const path of [`/users?q=${encodeURIComponent(text)}`, `/conversations/public?q=${encodeURIComponent(text)}`]) {
			const answer = await ann.api.get(path);
			assert.equal(answer.status, 200);
			assert.ok(answer.ms < 2000, path);
		}
		const door = new Client(natter, { browser: true });
		const refused = await door.post('/session', { username: text, password: text });
		assert.ok([400, 401].includes(refused.status));
	}
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

test('no secret and no text stands in any log', async () => {
	const { readdirSync, readFileSync, statSync } = await import('node:fs');
	const { join } = await import('node:path');
	const marker = 'logmarker-91e4';
	await say(ann, id, `${marker}-text`);
	await ann.api.patch(`/conversations/${id}`, { name: `${marker}-name` });
	await new Client(natter, { browser: true }).post('/session', { username: ann.username, password: `${marker}-password` });
	await ann.api.get(`/users?q=${marker}-query`);
	await new Client(natter).get('/me', { headers: { authorization: `Bearer ${marker}-token` } });
	await raw(natter, `GET ${natter.path}api/v1/me?${marker}-query HTTP/1.1\r\nHost: x\r\nUser-Agent: x\u001b[31m\r\n`
		+ 'Connection: close\r\n\r\n');
	const session = browser.jar.get('natter_session');
	await sleep(300);
	const folder = join(natter.var, 'log');
	for (const name of readdirSync(folder)) {
		if (!statSync(join(folder, name)).isFile())
			continue;
		const text = readFileSync(join(folder, name), 'utf8');
		for (const secret of [marker, session, ann.token, PASSWORD])
			assert.ok(!text.includes(secret), `${name} has ${secret.slice(0, 9)}...: ${
				text.slice(Math.max(0, text.indexOf(secret) - 100), text.indexOf(secret) + 60)}`);
		assert.ok(!text.includes('\u001b'), `${name} has an escape character`);
	}
});
