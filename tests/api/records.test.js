/*
 * What is written down: who did or was refused what, in the log; what is not:
 * secrets and texts, anywhere in it, nor anything of the inside in an answer.
 * (Every instance looks for its secrets in its logs when it stops.)
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client, raw } from '../support/http.js';
import { startInstance, until } from '../support/instance.js';
import { codeOf, createGroup, expectProblem, PASSWORD, people, say } from '../support/people.js';

let natter, ann, bob, browser, id;

before(async () => {
	natter = await startInstance({ env: { NATTER_LIMITS_TYPING: '5' } });
	[ann, bob] = await people(natter, 'ann', 'bob');
	browser = await ann.signIn();
	id = await createGroup(ann, [bob]);
});
after(() => natter?.stop());

/** The lines about a request, of both pools. */
function linesOf(answer) {
	return ['app', 'auth'].flatMap((role) => readFileSync(join(natter.var, `log/${role}.log`), 'utf8').split('\n'))
		.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
		.filter(({ request }) => request === answer.headers['x-request-id']);
}

test('who did what, and who was refused what, is in the log', async () => {
	const door = new Client(natter, { browser: true });
	const code = codeOf(await natter.cli(['invite', 'add', '--uses', '1']));
	const username = `new${++natter.people}`;
	const made = await browser.post('/tokens', { name: 'script', scopes: ['read'] });
	const invited = await ann.api.post('/invites', {});
	const reader = new Client(natter, { token: made.body.token });
	const member = `/conversations/${id}/members/${bob.id}`;
	const there = `/conversations/${id}`;
	const rows = [
		[await browser.post(`${there}/messages`, { text: 'x' }, { headers: { origin: 'https://evil.example' } }),
			`refused: POST /api/v1/conversations/{id}/messages, cross_site, user ${ann.id} `],
		[await door.post('/session', { username: ann.username, password: 'wrong password' }),
			`sign-in refused: user ${ann.id} `],
		[await door.post('/session', { username: 'nobody-at-all', password: 'wrong password' }),
			'sign-in refused: user 0 '],
		[await door.post('/session', { username: ann.username, password: PASSWORD }), `user ${ann.id} signed in `],
		[await door.get('/sessions'), null],
		[await door.delete('/sessions'), `done: DELETE /api/v1/sessions, user ${ann.id} `],
		[await door.delete('/session'), `done: DELETE /api/v1/session, user ${ann.id} `],
		[await door.post('/users', { username, password: PASSWORD }),
			'refused: POST /api/v1/users, registration_closed, user 0 '],
		[await door.post('/users', { username, password: PASSWORD, invite: code }),
			'done: POST /api/v1/users, user 0 '],
		[await door.post('/links/redeem', { code: 'x'.repeat(43), password: PASSWORD }),
			'refused: POST /api/v1/links/redeem, link_invalid, '],
		[made, `done: POST /api/v1/tokens, user ${ann.id} `],
		[await reader.post(`${there}/messages`, { text: 'x' }),
			`refused: POST /api/v1/conversations/{id}/messages, scope_missing, user ${ann.id} `],
		[await new Client(natter, { token: 'natter_wrong' }).get('/me'),
			'refused: GET /api/v1/me, unauthenticated, user 0 '],
		[await new Client(natter).get('/me'), null],
		[invited, `done: POST /api/v1/invites, user ${ann.id} `],
		[await ann.api.delete(`/invites/${invited.body.id}`),
			`done: DELETE /api/v1/invites/${invited.body.id}, user ${ann.id} `],
		[await bob.api.patch(there, { name: 'x' }),
			`refused: PATCH /api/v1/conversations/{id}, forbidden, user ${bob.id} `],
		[await ann.api.patch(there, { visibility: 'public' }), `done: PATCH /api/v1${there}, user ${ann.id} `],
		[await ann.api.patch(member, { role: 'admin' }), `done: PATCH /api/v1${member}, user ${ann.id} `],
		[await ann.api.delete(member), `done: DELETE /api/v1${member}, user ${ann.id} `],
		[await ann.api.post(`${there}/members`, { user_id: bob.id }),
			`done: POST /api/v1${there}/members, user ${ann.id} `],
		[await ann.api.get(there), null],
	];
	for (let answer = { status: 0 }; answer.status !== 429;) {
		answer = await bob.api.post(`/conversations/${id}/typing`);
		if (answer.status === 429)
			rows.push([answer, `refused: POST /api/v1/conversations/{id}/typing, rate_limited, user ${bob.id} `]);
	}
	for (const [answer, text] of rows) {
		const lines = linesOf(answer);
		if (text === null) {
			assert.deepEqual(lines, [], answer.asked);
			continue;
		}
		const line = lines.find((one) => one.text.startsWith(text));
		assert.ok(line !== undefined, `${answer.asked}: ${text}: ${JSON.stringify(lines)}`);
		assert.match(line.text, / from 127\.0\.0\.1$/);
		assert.match(line.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
	}
});

/** Of the inside nothing: versions, paths, statements, names of tables. */
function expectNothingInside(answer, what) {
	assert.doesNotMatch(answer.text,
		/SELECT|INSERT|mysql|mariadb|nginx\/|fcgi|natter-app|\.c:|\/tmp|\/var|\/home|\/root|backtrace|errno/i, what);
	assert.equal(answer.headers?.server ?? 'nginx', 'nginx', what);
}

test('a fault says its request and nothing of the inside; the log has the rest', async () => {
	await say(ann, id, 'before the fault');
	await natter.sql('RENAME TABLE reactions TO elsewhere');
	let answer;
	try {
		answer = await ann.api.get(`/conversations/${id}/messages`);
	} finally {
		await natter.sql('RENAME TABLE elsewhere TO reactions');
	}
	expectProblem(answer, 500, 'internal');
	expectNothingInside(answer, 'a fault');
	assert.equal(answer.body.instance, answer.headers['x-request-id']);
	const lines = linesOf(answer);
	assert.ok(lines.some(({ level, text }) => level === 'error' && text.includes('1146')), JSON.stringify(lines));
	assert.ok(lines.some(({ text }) => text.includes('answered 500')));
	assert.equal((await ann.api.get(`/conversations/${id}/messages`)).status, 200, 'and it is over');
});

test('errors of the web server say nothing of the inside either', async () => {
	const end = 'HTTP/1.1\r\nHost: x\r\nConnection: close\r\n';
	for (const [what, text] of Object.entries({
		'no request': 'x\r\n\r\n',
		'a bad version': 'GET / HTTP/9.9\r\nHost: x\r\n\r\n',
		'an unknown page': `GET ${natter.path}nothing ${end}\r\n`,
		'a long line': `GET ${natter.path}${'x'.repeat(9000)} ${end}\r\n`,
		'a bad escape': `GET ${natter.path}%00 ${end}\r\n`,
		'a body for the page': `POST ${natter.path} ${end}Content-Length: 0\r\n\r\n`,
		'a folder': `GET ${natter.path}views/ ${end}\r\n`,
		'too much': `POST ${natter.path}api/v1/users ${end}Content-Length: 999999\r\n\r\n` })) {
		const answer = await raw(natter, text, { timeout: 500 });
		assert.ok(answer.status >= 400 && answer.status < 506, `${what}: ${answer.status}`);
		expectNothingInside(answer, what);
	}
	const outside = { headers: { 'x-forwarded-for': '192.0.2.1' } };
	const readyz = await new Client(natter).page('readyz', outside);
	assert.deepEqual(Object.keys(readyz.body).sort(), ['ready', 'status'], 'no parts for strangers');
	assert.equal((await new Client(natter).page('metrics', outside)).status, 404);
});

test('no secret, no text and no control character stands in any log', async () => {
	const marker = 'logmarker-91e4';
	await say(ann, id, `${marker}-text`);
	await ann.api.patch(`/conversations/${id}`, { name: `${marker}-name`, topic: `${marker}-topic` });
	await ann.api.patch('/me', { display_name: `${marker}-me`, settings: { x: `${marker}-settings` } });
	const door = new Client(natter, { browser: true });
	await door.post('/session', { username: ann.username, password: `${marker}-password` });
	await door.post('/session', { username: `${marker}-username`, password: PASSWORD });
	await door.post('/links/redeem', { code: `${marker}-code`, password: PASSWORD });
	await ann.api.get(`/users?q=${marker}-query`);
	await ann.api.get(`/${marker}-path%1b[31m`);
	await ann.api.post(`/conversations/${id}/messages`, { text: 'x' },
		{ headers: { 'idempotency-key': `${marker}-key` } });
	await new Client(natter).get('/me',
		{ headers: { authorization: `Bearer ${marker}-token`, referer: `http://x/${marker}` } });
	await new Client(natter, { cookie: ['natter_session', `${marker}-cookie`] }).get('/me');
	await raw(natter, Buffer.from(`GET ${natter.path}api/v1/me?${marker}-query HTTP/1.1\r\nHost: x\r\n`
		+ 'User-Agent: x\u001b[31m\u009b31m\r\nConnection: close\r\n\r\n', 'latin1'));
	const folder = join(natter.var, 'log');
	await until('the web server has written', () =>
		/GET \S+\/me" 401/.test(readFileSync(join(folder, 'access.log'), 'utf8')));
	const secrets = [marker, browser.jar.get('natter_session'), ann.token, PASSWORD];
	for (const name of readdirSync(folder).filter((file) => file !== 'up.txt')) {
		if (!statSync(join(folder, name)).isFile())
			continue;
		let text = readFileSync(join(folder, name), 'utf8');
		/* The path of an unknown page is no secret. */
		if (name === 'access.log')
			text = text.replaceAll(`/${marker}-path`, '');
		for (const secret of secrets)
			assert.ok(!text.includes(secret), `${name} has ${secret.slice(0, 9)}...: ${
				text.slice(Math.max(0, text.indexOf(secret) - 100), text.indexOf(secret) + 60)}`);
		assert.doesNotMatch(text, /[^\P{Cc}\n\t]/u, `${name} has a control character`);
	}
});
