/* Accounts: sign-up, passwords, oneself and others, invitations and links. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/http.js';
import { sleep, startInstance } from '../support/instance.js';
import { openSql } from '../support/mariadb.js';
import { allEvents, appearance, expectProblem, freshName, invitationCode, PASSWORD, people, person,
	say, signInCode, signUp, startConversation } from '../support/people.js';
import { openWebSocket } from '../support/stream.js';
import { compareTimes } from '../support/times.js';

let natter, ann, bob;

before(async () => {
	natter = await startInstance();
	[ann, bob] = await people(natter, 'ann', 'bob');
});
after(() => natter?.stop());

const browser = (site = natter) => new Client(site, { browser: true });

/** The fields that were refused: {'/username': 'reserved'}. */
function refused(answer, status = 400, code = 'bad_input') {
	const { errors } = expectProblem(answer, status, code);
	return Object.fromEntries(errors.map((e) => [e.pointer, e.code]));
}

const times = (count, make) => Promise.all(Array.from({ length: count }, (_, i) => make(i)));
const statuses = (answers) => answers.map((answer) => answer.status).sort();

/* Sign-up */

test('an invitation makes an account, a session and notes to oneself', async () => {
	const door = browser();
	const username = freshName(natter, 'new');
	const made = await door.post('/users', { username, password: PASSWORD,
		display_name: '  Zoë\u202e \u200b Lee ', invite: await invitationCode(natter) });
	assert.equal(made.status, 201, made.text);
	const { user } = made.body;
	assert.equal(user.username, username);
	assert.equal(user.display_name, 'Zoë Lee');
	assert.equal(user.kind, 'person');
	assert.equal(user.is_admin, false);
	const cookie = made.headers['set-cookie'];
	assert.equal(cookie.length, 1);
	assert.match(cookie[0], /^natter_session=[A-Za-z0-9]{43};/);
	assert.match(cookie[0], /; *HttpOnly/i);
	assert.match(cookie[0], /; *SameSite=Lax/i);
	assert.doesNotMatch(cookie[0], /domain=/i);
	assert.doesNotMatch(made.text, new RegExp(door.cookie.split('=')[1]));
	const { items } = (await door.get('/conversations')).body;
	assert.equal(items.length, 1);
	assert.equal(items[0].kind, 'direct');
	assert.equal(items[0].peer.id, user.id);
});

test('without an invitation sign-up is closed, and a dead code is no invitation', async () => {
	const account = () => ({ username: freshName(natter), password: PASSWORD });
	expectProblem(await browser().post('/users', account()), 403, 'registration_closed');
	expectProblem(await browser().post('/users', { ...account(), invite: null }),
		403, 'registration_closed');
	const invite = await invitationCode(natter);
	assert.equal((await browser().post('/users', { ...account(), invite })).status, 201);
	const used = await browser().post('/users', { ...account(), invite });
	expectProblem(used, 404, 'link_invalid');
	const unknown = await browser().post('/users', { ...account(), invite: 'x'.repeat(43) });
	assert.deepEqual(appearance(unknown), appearance(used));
});

test('names of accounts', async () => {
	const invite = await invitationCode(natter);
	const tried = async (username) => refused(await browser().post('/users',
		{ username, password: PASSWORD, invite }))['/username'];
	for (const name of ['-a', '.ab', '_ab', 'a b', 'аdmin', 'ｂob', 'é1', 'a@b', 'a/b', 'a\u200bb',
		'ß1', 'ab\n', "a'--", 'a%b'])
		assert.equal(await tried(name), 'invalid', name);
	for (const name of ['admin', 'Root', 'everyone', 'me', 'here', 'all', 'system', 'api', 'natter'])
		assert.equal(await tried(name), 'reserved', name);
	for (const name of ['', 'a', 'a'.repeat(33), 7, ['ann'], { a: 1 }, true])
		assert.ok(await tried(name), String(name));
	assert.equal(await tried(undefined), 'required');
	expectProblem(await browser().post('/users', { username: ann.username, password: PASSWORD,
		invite }), 409, 'username_taken');
	expectProblem(await browser().post('/users', { username: ann.username.toUpperCase(),
		password: PASSWORD, invite }), 409, 'username_taken');
	const username = freshName(natter, 'Mixed');
	const made = await browser().post('/users', { username, password: PASSWORD, invite });
	assert.equal(made.status, 201, 'refusals used the invitation up');
	assert.equal(made.body.user.username, username.toLowerCase());
	assert.equal(made.body.user.display_name, username.toLowerCase());
	assert.equal((await browser().post('/session', { username, password: PASSWORD })).status, 201);
});

test('passwords are taken as typed', async () => {
	for (const password of ['8 chars!', ' spaces on both sides ', 'ＵＮＩ 密码 пароль 🔑🔑',
		randomBytes(64).toString('hex'), '§' + randomBytes(150).toString('base64').slice(0, 255),
		'pe\u0301chés dure\u0301s']) {
		const { browser: signed, username } = await signUp(natter, { stem: 'pw', password });
		await signed.delete('/session');
		assert.equal((await browser().post('/session', { username, password })).status, 201);
		for (const other of [password.trim(), password.toUpperCase(), password.normalize('NFC'),
			[...password].slice(0, -1).join('')])
			if (other !== password)
				expectProblem(await browser().post('/session', { username, password: other }),
					401, 'bad_credentials');
	}
	const invite = await invitationCode(natter);
	const username = freshName(natter, 'longish-name');
	const tried = async (password) => refused(await browser().post('/users',
		{ username, password, invite }))['/password'];
	assert.equal(await tried('password123'), 'common');
	assert.equal(await tried(username), 'like_username');
	for (const password of ['7 chars', 'x'.repeat(1000), '', 0, true, [], { a: 'b' }, undefined])
		assert.ok(await tried(password), String(password));
	expectProblem(await browser().post('/users',
		`{"username":"${username}","password":"long enough\\u0000x","invite":"${invite}"}`),
	400, 'bad_json');
});

/* Sign-in and sessions */

test('unknown, wrong and disabled look and take the same', async (t) => {
	const disabled = await person(natter, 'disabled');
	await disabled.signIn();
	await bob.signIn();
	await natter.cli(['user', 'disable', disabled.username]);
	const kinds = {
		unknown: { username: freshName(natter, 'nobody'), password: PASSWORD },
		impossible: { username: "Ünknown' OR 1=1 --", password: PASSWORD },
		wrong: { username: bob.username, password: `${PASSWORD}!` },
		disabled: { username: disabled.username, password: PASSWORD },
		passwordless: { username: ann.username, password: PASSWORD },
	};
	const tries = (kind) => () => browser().post('/session', kinds[kind]);
	const unknown = appearance(await tries('unknown')());
	for (const kind of Object.keys(kinds)) {
		const answer = await tries(kind)();
		expectProblem(answer, 401, 'bad_credentials');
		assert.equal(answer.headers['set-cookie'], undefined);
		assert.deepEqual(appearance(answer), unknown, kind);
		const { far, said } = await compareTimes(tries(kind), tries('unknown'), { pairs: 30 });
		t.diagnostic(`${said}: ${kind} and unknown`);
		assert.ok(!far, `${kind} and unknown: ${said}`);
	}
});

test('a body that is no sign-in is refused', async () => {
	for (const body of [{}, { username: bob.username }, { username: bob.username, password: 0 },
		{ username: [], password: [] }, { username: null, password: null }])
		refused(await browser().post('/session', body));
	for (const body of ['[]', 'true', '"x"', 'null', ''])
		assert.equal((await browser().post('/session', body)).status, 400, body);
});

test('a sign-in gives a new secret, and the one that the browser had dies', async () => {
	const user = await person(natter, 'fixed');
	const first = await user.signIn();
	const before = first.with({});
	assert.equal((await first.post('/session',
		{ username: user.username, password: PASSWORD })).status, 201);
	assert.notEqual(first.cookie, before.cookie);
	expectProblem(await before.get('/me'), 401, 'unauthenticated');
	assert.equal((await first.get('/me')).status, 200);
});

test('a new password: this session goes on with a new secret, links die', async () => {
	const user = await person(natter, 'changer');
	const here = await user.signIn();
	const stolen = here.with({});
	const other = await user.signIn();
	const change = (current_password, new_password) =>
		here.put('/me/password', { current_password, new_password });
	assert.deepEqual(refused(await change(`${PASSWORD}!`, 'a much better one'), 403, 'forbidden'),
		{ '/current_password': 'wrong' });
	assert.ok('/new_password' in refused(await change(PASSWORD, 'short')));
	assert.ok('/current_password' in refused(await change(undefined, 'a much better one')));
	assert.equal((await other.get('/me')).status, 200, 'refusals end nothing');
	const answer = await change(PASSWORD, 'a much better one');
	assert.equal(answer.status, 204, answer.text);
	assert.notEqual(here.cookie, stolen.cookie);
	assert.equal((await here.get('/me')).status, 200);
	expectProblem(await stolen.get('/me'), 401, 'unauthenticated');
	expectProblem(await other.get('/me'), 401, 'unauthenticated');
	assert.equal((await user.api.get('/me')).status, 200, 'tokens stay');
	const ended = (await allEvents(user.api, '/me/events')).filter((e) => e.type === 'session.ended');
	assert.equal(ended.at(-1).reason, 'password_changed');
	const code = await signInCode(natter, user.username);
	assert.equal((await here.put('/me/password', { current_password: 'a much better one',
		new_password: PASSWORD })).status, 204);
	expectProblem(await browser().post('/links/check', { code }), 404, 'link_invalid');
});

/* Me and the others */

test('my settings are merged by their keys', async () => {
	const user = await person(natter, 'me');
	const change = (settings) => user.api.patch('/me', { settings });
	assert.deepEqual((await user.api.get('/me')).body.settings, {});
	await change({ theme: 'dark', list: { open: [1, null, 'é'] }, n: 1 });
	const answer = await change({ theme: null, n: 2 });
	assert.equal(answer.status, 200, answer.text);
	assert.deepEqual(answer.body.settings, { list: { open: [1, null, 'é'] }, n: 2 });
	assert.deepEqual((await user.api.get('/me')).body.settings, answer.body.settings);
	for (const settings of [[], 'x', 1, true, { big: 'x'.repeat(17_000) }])
		assert.ok('/settings' in refused(await change(settings)));
	assert.deepEqual((await user.api.patch('/me', { settings: null })).body.settings,
		answer.body.settings);
	await times(8, (i) => change({ [`key${i}`]: i }));
	const { settings, last_seq, epoch } = (await user.api.get('/me')).body;
	for (let i = 0; i < 8; i++)
		assert.equal(settings[`key${i}`], i, 'a merge lost another');
	assert.ok(epoch.length > 8);
	assert.equal((await allEvents(user.api, '/me/events')).at(-1).seq, last_seq);
});

test('a new name is cleaned, heard and shown', async () => {
	const user = await person(natter, 'renamed');
	const answer = await user.api.patch('/me', { display_name: ' Анна\u200b \u202e  Ли ' });
	assert.equal(answer.status, 200, answer.text);
	assert.equal(answer.body.user.display_name, 'Анна Ли');
	const event = (await allEvents(user.api, '/me/events')).at(-1);
	assert.equal(event.type, 'user.updated');
	assert.equal(event.user.display_name, 'Анна Ли');
	const [friend, stranger] = await people(natter, 'friend', 'stranger');
	const id = await startConversation(friend, user);
	const stream = await openWebSocket(friend.api);
	const deaf = await openWebSocket(stranger.api);
	await user.api.patch('/me', { display_name: 'Anna' });
	const heard = await stream.expectEvent('user.updated', (e) => e.stream === `c:${id}`);
	assert.deepEqual([heard.user.id, heard.user.display_name], [user.id, 'Anna']);
	await user.api.patch('/me', { settings: { theme: 'dark' } });
	const said = await say(user, id, 'settings are nobody else\'s');
	await stream.expectEvent('message.posted', (e) => e.message.id === said.id);
	assert.equal(stream.of('user.updated').length, 1);
	assert.equal(deaf.of('user.updated').length, 0);
	await stream.close();
	await deaf.close();
	for (const display_name of ['', '\u200b\u2060', ' \u3164 \u00a0', 'x'.repeat(65), 3, {}])
		assert.ok('/display_name' in refused(await user.api.patch('/me', { display_name })),
			JSON.stringify(display_name));
	assert.equal((await user.api.patch('/me', { display_name: '😀'.repeat(64) })).status, 200);
});

test('a name that can not be told to all is not changed', async () => {
	const [user, friend] = await people(natter, 'lost', 'friend');
	const id = await startConversation(friend, user);
	const code = await signInCode(natter, user.username);
	const redeem = () => new Client(natter, { browser: true }).post('/links/redeem',
		{ code, password: PASSWORD, display_name: 'Found' });
	const sql = openSql(join(natter.var, 'run/db.sock'), { database: 'natter' });
	try {
		await sql.ask(`BEGIN; SELECT id FROM conversations WHERE id = ${id} FOR UPDATE`);
		expectProblem(await user.api.patch('/me', { display_name: 'Found' }), 503, 'unavailable');
		expectProblem(await redeem(), 503, 'unavailable');
	} finally {
		await sql.close();
	}
	assert.notEqual((await user.api.get('/me')).body.user.display_name, 'Found');
	const answer = await redeem();
	assert.equal(answer.status, 201, 'the link is as good as before');
	assert.equal(answer.body.user.display_name, 'Found');
	assert.equal((await allEvents(friend.api, `/conversations/${id}/events`)).at(-1).user.display_name, 'Found');
});

test('people are found by what is in their names', async () => {
	const stem = `zq${Date.now() % 100_000}`;
	const [first, second, third] = await people(natter, stem, `${stem}x`, `a-${stem}`);
	const find = async (q, limit) => (await ann.api.get(`/users?q=${encodeURIComponent(q)}`
		+ (limit ? `&limit=${limit}` : ''))).body.items;
	const ids = async (...args) => (await find(...args)).map((user) => user.id);
	assert.deepEqual((await ids(stem)).slice(-1), [third.id], 'who begins with it comes first');
	assert.deepEqual((await ids(stem.toUpperCase())).sort(), [first.id, second.id, third.id].sort());
	assert.equal((await ids(stem, 2)).length, 2);
	await second.api.patch('/me', { display_name: `100% _Größe_ ${stem}` });
	for (const q of ['100% _gr', 'größe', 'GRÖ', 'gro', '% _'])
		assert.ok((await ids(q, 50)).includes(second.id), q);
	for (const q of ['%', '_', '!', '\\', '%_%'])
		assert.ok(!(await ids(q, 50)).includes(first.id), q);
	assert.deepEqual(await ids('日本\u{1f600}'), []);
	await natter.cli(['user', 'disable', third.username]);
	assert.equal((await ids(stem)).length, 2);
	const shown = await ann.api.get(`/users/${third.id}`);
	assert.equal(shown.status, 200, 'authors have a name for ever');
	assert.deepEqual(Object.keys(shown.body).sort(),
		['display_name', 'id', 'kind', 'presence', 'username']);
	expectProblem(await ann.api.get('/users/999999999'), 404, 'not_found');
	for (const query of ['limit=0', 'limit=51', 'limit=x', 'q=a&q=b', `q=${'x'.repeat(65)}`])
		expectProblem(await ann.api.get(`/users?${query}`), 400, 'bad_input');
	expectProblem(await browser().get('/users'), 401, 'unauthenticated');
});

/* Tokens */

test('administrators alone may give the scope admin away', async () => {
	const ask = async (user) => (await user.signIn()).post('/tokens',
		{ name: ' deploy \u200b script ', scopes: ['admin', 'read', 'admin'] });
	assert.deepEqual(refused(await ask(ann)), { '/scopes': 'forbidden' });
	const boss = await person(natter, 'boss', { admin: true });
	const made = await ask(boss);
	assert.equal(made.status, 201, made.text);
	assert.deepEqual(made.body.scopes, ['read', 'admin']);
	assert.equal(made.body.name, 'deploy script');
	assert.equal(made.body.used_at, null);
	assert.equal((await new Client(natter, { token: made.body.token }).get('/me')).status, 200);
	const { items } = (await boss.api.get('/tokens')).body;
	assert.ok(Date.parse(items.find((t) => t.id === made.body.id).used_at) > Date.now() - 60_000);
});

test('a dead token is nobody, also beside a session', async () => {
	const signed = await ann.signIn();
	const made = await signed.post('/tokens', { name: 'short', scopes: ['read'] });
	const both = signed.with({ token: made.body.token });
	both.jar = new Map(signed.jar);
	assert.equal((await both.get('/me')).status, 200);
	assert.equal((await signed.delete(`/tokens/${made.body.id}`)).status, 204);
	expectProblem(await both.get('/me'), 401, 'unauthenticated');
	expectProblem(await signed.delete(`/tokens/${made.body.id}`), 404, 'not_found');
	assert.equal((await signed.get('/me')).status, 200);
});

/* Invitations and links */

test('a sign-in link asks for a good password and may change the name', async () => {
	const user = await person(natter, 'linked');
	const code = await signInCode(natter, user.username);
	const check = await browser().post('/links/check', { code });
	const { expires_at, ...rest } = check.body;
	assert.deepEqual(rest, { kind: 'sign_in', username: user.username,
		display_name: user.user.display_name });
	assert.ok(Date.parse(expires_at) > Date.now());
	const redeem = (password, display_name) => browser().post('/links/redeem',
		{ code, password, display_name });
	assert.deepEqual(refused(await redeem('password123')), { '/password': 'common' });
	assert.deepEqual(refused(await redeem(user.username)), { '/password': 'like_username' });
	assert.deepEqual(refused(await redeem(PASSWORD, '\u200b')), { '/display_name': 'invalid' });
	const won = await redeem(PASSWORD, ' Linda ');
	assert.equal(won.status, 201, 'refusals used the link up');
	assert.equal(won.body.user.display_name, 'Linda');
	assert.equal((await user.api.get('/me')).body.user.display_name, 'Linda');
	const used = await browser().post('/links/check', { code });
	expectProblem(used, 404, 'link_invalid');
	assert.deepEqual(appearance(await browser().post('/links/check', { code: 'B'.repeat(43) })),
		appearance(used));
});

test('an invitation: made, listed without its code, withdrawn', async () => {
	const boss = await person(natter, 'boss', { admin: true });
	const made = await ann.api.post('/invites', { uses: 3 });
	assert.equal(made.status, 201, made.text);
	const { id, code, url, uses_left, expires_at } = made.body;
	assert.equal(url, `${natter.url}#/join/${code}`);
	assert.equal(uses_left, 3);
	assert.ok(Math.abs(Date.parse(expires_at) - Date.now() - 7 * 86_400_000) < 60_000);
	const check = await browser().post('/links/check', { code });
	assert.deepEqual(check.body, { kind: 'invite', expires_at });
	const list = await ann.api.get('/invites');
	assert.ok(list.body.items.some((i) => i.id === id));
	assert.doesNotMatch(list.text, new RegExp(code));
	assert.ok(!(await bob.api.get('/invites')).body.items.some((i) => i.id === id));
	assert.ok((await boss.api.get('/invites')).body.items.some((i) => i.id === id));
	expectProblem(await bob.api.delete(`/invites/${id}`), 404, 'not_found');
	assert.equal((await ann.api.delete(`/invites/${id}`)).status, 204);
	expectProblem(await browser().post('/links/check', { code }), 404, 'link_invalid');
	expectProblem(await browser().post('/users', { username: freshName(natter), password: PASSWORD,
		invite: code }), 404, 'link_invalid');
	for (const uses of [0, 1001, -1, 1.5, '3'])
		assert.ok('/uses' in refused(await ann.api.post('/invites', { uses })));
	const again = (await bob.api.post('/invites', {})).body;
	assert.equal((await boss.api.delete(`/invites/${again.id}`)).status, 204);
});

test('an invitation expires, and dies with the account of who made it', async () => {
	const soon = await ann.api.post('/invites',
		{ expires_at: new Date(Date.now() + 3000).toISOString() });
	const host = await person(natter, 'host');
	const { code } = (await host.api.post('/invites', {})).body;
	await natter.cli(['user', 'disable', host.username]);
	expectProblem(await browser().post('/links/check', { code }), 404, 'link_invalid');
	await sleep(Date.parse(soon.body.expires_at) - Date.now() + 10);
	expectProblem(await browser().post('/links/check', { code: soon.body.code }),
		404, 'link_invalid');
});

test('redeeming a link ends the sessions that were there', async () => {
	const user = await person(natter, 'lost');
	const thief = await user.signIn();
	const code = await signInCode(natter, user.username);
	assert.equal((await thief.get('/me')).status, 200, 'a link alone ends nothing');
	const owner = browser();
	assert.equal((await owner.post('/links/redeem',
		{ code, password: 'back in my hands' })).status, 201);
	expectProblem(await thief.get('/me'), 401, 'unauthenticated');
	assert.equal((await owner.get('/me')).status, 200);
});

/* A database that is lost before the session is written */

/** What is answered when the database is lost to whoever does that to a session. */
async function lostAt(deed, ask) {
	const sql = openSql(join(natter.var, 'run/db.sock'), { database: 'natter' });
	try {
		await sql.ask(`CREATE TRIGGER sessions_lost BEFORE ${deed} ON sessions FOR EACH ROW`
			+ " SIGNAL SQLSTATE '70100' SET MYSQL_ERRNO = 1927, MESSAGE_TEXT = 'lost'");
		return await ask();
	} finally {
		await sql.ask('DROP TRIGGER IF EXISTS sessions_lost');
		await sql.close();
	}
}

test('a sign-up without a session has not happened', async () => {
	const door = browser();
	const invite = await invitationCode(natter);
	const username = freshName(natter, 'unlucky');
	const signUpNow = () => door.post('/users', { username, password: PASSWORD, invite });
	expectProblem(await lostAt('INSERT', signUpNow), 503, 'unavailable');
	assert.equal(door.cookie, '');
	const made = await signUpNow();
	assert.equal(made.status, 201, made.text);
	assert.equal((await door.get('/me')).body.user.username, username);
	assert.equal((await door.get('/conversations')).body.items.length, 1);
	expectProblem(await browser().post('/users', { username: freshName(natter), password: PASSWORD, invite }),
		404, 'link_invalid');
});

test('a link without a session is as good as before, and so is all that it ends', async () => {
	const user = await person(natter, 'unlucky');
	const before = await user.signIn();
	const code = await signInCode(natter, user.username);
	const owner = browser();
	const redeem = () => owner.post('/links/redeem', { code, password: 'back in my hands', display_name: 'Lucky' });
	expectProblem(await lostAt('INSERT', redeem), 503, 'unavailable');
	assert.equal(owner.cookie, '');
	assert.notEqual((await before.get('/me')).body.user.display_name, 'Lucky');
	assert.equal((await browser().post('/session', { username: user.username, password: PASSWORD })).status, 201);
	const { last_seq } = (await user.api.get('/me')).body;
	const done = await redeem();
	assert.equal(done.status, 201, done.text);
	assert.equal((await owner.get('/me')).body.user.display_name, 'Lucky');
	expectProblem(await before.get('/me'), 401, 'unauthenticated');
	expectProblem(await redeem(), 404, 'link_invalid');
	const ended = await allEvents(user.api, '/me/events');
	assert.deepEqual(ended.filter((e) => e.seq > last_seq).map((e) => e.reason), ['password_changed']);
});

test('who comes with a session that can not be ended keeps it, and nothing else', async () => {
	const [host, user] = await people(natter, 'host', 'guest');
	const ways = {
		'sign-up': async () => ['/users',
			{ username: freshName(natter), password: PASSWORD, invite: await invitationCode(natter) }],
		'a link': async () => ['/links/redeem',
			{ code: await signInCode(natter, user.username), password: PASSWORD }],
		'sign-in': () => ['/session', { username: user.username, password: PASSWORD }],
	};
	for (const [way, words] of Object.entries(ways)) {
		const door = await host.signIn();
		const old = door.with({});
		const [path, body] = await words();
		const count = () => natter.sql('SELECT COUNT(*) FROM sessions');
		const sessions = await count();
		expectProblem(await lostAt('DELETE', () => door.post(path, body)), 503, 'unavailable');
		assert.equal(door.cookie, old.cookie, way);
		assert.equal((await door.get('/me')).body.user.id, host.id, way);
		assert.equal(await count(), sessions, way);
		const done = await door.post(path, body);
		assert.equal(done.status, 201, `${way}: ${done.text}`);
		assert.equal((await door.get('/me')).body.user.id, done.body.user.id, way);
		expectProblem(await old.get('/me'), 401, 'unauthenticated');
	}
});

/* Other settings of the site */

test('tries are limited by account; who is signed in is not locked out', async () => {
	const strict = await startInstance({ limits: true, env: { NATTER_SITE_REGISTRATION: 'open',
		NATTER_LIMITS_SIGN_IN_ADDRESS: '0', NATTER_LIMITS_SIGN_UP_ADDRESS: '0' } });
	try {
		const owner = browser(strict);
		const username = 'owner-of-it';
		assert.equal((await owner.post('/users', { username, password: PASSWORD })).status, 201,
			'an open site needs no invitation');
		const guesses = await times(14, (i) => browser(strict).post('/session',
			{ username, password: `a wrong guess ${i}` }));
		assert.ok(statuses(guesses).includes(429), String(statuses(guesses)));
		const right = { username, password: PASSWORD };
		expectProblem(await browser(strict).post('/session', right), 429, 'rate_limited');
		expectProblem(await browser(strict).post('/session',
			{ ...right, username: 'Owner-Of-It' }), 429, 'rate_limited');
		assert.equal((await owner.post('/session', right)).status, 201);
		const unknown = await times(14, () => browser(strict).post('/session',
			{ username: 'nobody-there', password: PASSWORD }));
		assert.deepEqual(statuses(unknown), statuses(guesses), 'an unknown name is limited alike');
		const changes = await times(14, () => owner.put('/me/password',
			{ current_password: 'not the one', new_password: 'a much better one' }));
		assert.ok(statuses(changes).includes(429), String(statuses(changes)));
	} finally {
		await strict.stop();
	}
});

test('a closed site takes nobody, whatever they bring', async () => {
	const closed = await startInstance({ env: { NATTER_SITE_REGISTRATION: 'closed' } });
	try {
		for (const invite of [undefined, await invitationCode(closed), 'x'])
			for (const body of [{ username: 'somebody', password: PASSWORD, invite }, { invite }])
				expectProblem(await browser(closed).post('/users', body), 403, 'registration_closed');
		expectProblem(await closed.admin.post('/invites', {}), 403, 'registration_closed');
		const invited = await person(closed, 'invited');
		assert.notEqual((await invited.signIn()).cookie, '', 'the command line still adds people');
	} finally {
		await closed.stop();
	}
});
