/* Signed-in browsers: the cookie, its flags, and what two of them mean. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, raw } from '../support/http.js';
import { startInstance } from '../support/instance.js';
import { codeOf, expectProblem, invitationCode, PASSWORD, person, signInCode, signUp }
	from '../support/people.js';

let natter;

before(async () => {
	natter = await startInstance();
});
after(() => natter?.stop());

test('the cookie is for this site only, and out of reach of scripts', async () => {
	const { browser, username, password } = await signUp(natter);
	const answer = await browser.post('/session', { username, password });
	const [cookie] = answer.headers['set-cookie'];
	assert.match(cookie, /^natter_session=[A-Za-z0-9_-]{32,}/);
	assert.match(cookie, /; ?HttpOnly/i);
	assert.match(cookie, /; ?SameSite=Lax/i);
	assert.match(cookie, /; ?Path=\//i);
	assert.match(cookie, /; ?Max-Age=[1-9]/i);
	assert.doesNotMatch(cookie, /Domain/i);
	assert.doesNotMatch(cookie, /Secure/i, 'plain http');
	assert.doesNotMatch(answer.text, new RegExp(browser.jar.get('natter_session')));
	assert.match(answer.headers['cache-control'], /no-store/);
});

test('each sign-in has a new secret, and a planted one is not taken over', async () => {
	const { username, password } = await signUp(natter);
	const planted = new Client(natter, { cookie: ['natter_session', 'A'.repeat(43)] });
	assert.equal((await planted.post('/session', { username, password })).status, 201);
	const first = planted.cookie;
	assert.doesNotMatch(first, /AAAA/);
	await planted.post('/session', { username, password });
	assert.notEqual(planted.cookie, first);
});

test('two session cookies are refused, however they come', async () => {
	const one = (await signUp(natter)).browser;
	const two = (await signUp(natter)).browser;
	const [a, b] = [one, two].map((c) => c.jar.get('natter_session'));
	const me = `${natter.path}api/v1/me`;
	const ask = (lines) => raw(natter, `GET ${me} HTTP/1.1\r\nHost: 127.0.0.1\r\n${lines
		.map((line) => `${line}\r\n`).join('')}Connection: close\r\n\r\n`);
	for (const lines of [
		[`Cookie: natter_session=${a}; natter_session=${b}`],
		[`Cookie: natter_session=${a}`, `Cookie: natter_session=${b}`],
		[`Cookie: natter_session=${a}; natter_session=${a}`],
		[`Cookie: natter_session=${a}; other=1`, `Cookie: natter_session=`]]) {
		const answer = await ask(lines);
		assert.equal(answer.status, 400, `${lines.length} lines: ${answer.text.slice(0, 300)}`);
	}
	assert.equal((await ask([`Cookie: other=1; natter_session=${a}; more=2`])).status, 200);
});

test('broken cookies are nobody', async () => {
	for (const value of ['', 'x', 'A'.repeat(43), '"quoted"', 'a,b', "' OR 1=1", '%00', 'A'.repeat(3000)])
		expectProblem(await new Client(natter, { cookie: ['natter_session', value] }).get('/me'),
			401, 'unauthenticated');
});

test('sessions are listed with the one that asks', async () => {
	const { browser, username, password } = await signUp(natter);
	const phone = new Client(natter, { browser: true, headers: { 'user-agent': 'Phone/1.0' } });
	await phone.post('/session', { username, password });
	const { items } = (await phone.get('/sessions')).body;
	assert.equal(items.length, 2);
	const mine = items.find((s) => s.current);
	assert.equal(mine.user_agent, 'Phone/1.0');
	assert.equal(mine.address, '127.0.0.1');
	assert.notEqual((await browser.get('/sessions')).body.items.find((s) => s.current).id, mine.id);
	for (const secret of [phone, browser])
		assert.doesNotMatch(JSON.stringify(items), new RegExp(secret.jar.get('natter_session')));
});

test('a one-time link signs in once', async () => {
	const user = await person(natter, 'linked');
	const code = await signInCode(natter, user.username);
	const browser = new Client(natter, { browser: true });
	const check = await browser.post('/links/check', { code });
	assert.equal(check.status, 200, check.text);
	assert.equal(check.body.kind, 'sign_in');
	expectProblem(await browser.post('/links/redeem', { code, password: 'short' }), 400, 'bad_input');
	const answers = await Promise.all(Array.from({ length: 6 }, () =>
		new Client(natter, { browser: true }).post('/links/redeem', { code, password: PASSWORD })));
	assert.deepEqual(answers.map((a) => a.status).sort(), [201, 404, 404, 404, 404, 404]);
	expectProblem(await browser.post('/links/check', { code }), 404, 'link_invalid');
	expectProblem(await browser.post('/links/redeem', { code, password: PASSWORD }), 404, 'link_invalid');
	assert.equal((await browser.post('/session', { username: user.username, password: PASSWORD })).status, 201);
});

test('a new link replaces the older one', async () => {
	const user = await person(natter, 'twice');
	const [older, newer] = [await signInCode(natter, user.username), await signInCode(natter, user.username)];
	const browser = new Client(natter, { browser: true });
	expectProblem(await browser.post('/links/check', { code: older }), 404, 'link_invalid');
	assert.equal((await browser.post('/links/check', { code: newer })).status, 200);
});

test('an invitation has as many seats as it says, also for a crowd', async () => {
	const code = codeOf(await natter.cli(['invite', 'add', '--uses', '2']));
	const check = await new Client(natter).post('/links/check', { code });
	assert.equal(check.body.kind, 'invite');
	const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => new Client(natter, { browser: true })
		.post('/users', { username: `crowd${n}`, password: PASSWORD, invite: code })));
	assert.equal(answers.filter((a) => a.status === 201).length, 2,
		answers.map((a) => `${a.status} ${a.body.code}`).join(' '));
	expectProblem(await new Client(natter).post('/links/check', { code }), 404, 'link_invalid');
	const one = await invitationCode(natter);
	const taken = answers.find((a) => a.status === 201).body.user.username;
	expectProblem(await new Client(natter, { browser: true }).post('/users',
		{ username: taken, password: PASSWORD, invite: one }), 409, 'username_taken');
	assert.equal((await new Client(natter).post('/links/check', { code: one })).status, 200,
		'a refused sign-up takes no seat');
});

test('ten sign-ups with one name at once: one account', async () => {
	const code = codeOf(await natter.cli(['invite', 'add', '--uses', '10']));
	const answers = await Promise.all(Array.from({ length: 10 }, () => new Client(natter, { browser: true })
		.post('/users', { username: 'same-name', password: PASSWORD, invite: code })));
	assert.equal(answers.filter((a) => a.status === 201).length, 1);
	for (const answer of answers.filter((a) => a.status !== 201))
		expectProblem(answer, 409, 'username_taken');
});

test('unknown user, wrong password and disabled account look the same', async () => {
	const { username } = await signUp(natter);
	const off = await signUp(natter);
	await natter.cli(['user', 'disable', off.username]);
	const door = new Client(natter, { browser: true });
	const answers = [
		await door.post('/session', { username, password: 'wrong password 1' }),
		await door.post('/session', { username: 'nobody-of-that-name', password: 'wrong password 1' }),
		await door.post('/session', { username: off.username, password: off.password })];
	const shapes = answers.map(({ status, body: { request_id, instance, ...body } }) =>
		({ status, body }));
	assert.equal(answers[0].status, 401);
	assert.deepEqual(shapes[1], shapes[0]);
	assert.deepEqual(shapes[2], shapes[0]);
});
