/* Accounts and sign-in: every row of API "Accounts and sign-in". */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../support/http.js';
import { startInstance } from '../support/instance.js';
import { allEvents, appearance, createGroup, expectProblem, freshName, invitationCode, PASSWORD,
	people, person, say, signInCode, signUp, startConversation } from '../support/people.js';

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
		'x7'.repeat(64), '§'.repeat(256), 'e\u0301e\u0301e\u0301e\u0301e\u0301']) {
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

test('30 people at once with one seat: one account; one name: one account', async () => {
	const invite = await invitationCode(natter);
	const seats = await times(30, () => browser().post('/users',
		{ username: freshName(natter, 'seat'), password: PASSWORD, invite }));
	assert.deepEqual(statuses(seats), [201, ...Array(29).fill(404)]);
	const { body } = await ann.api.post('/invites', { uses: 10 });
	const username = freshName(natter, 'same');
	const names = await times(10, () => browser().post('/users',
		{ username, password: PASSWORD, invite: body.code }));
	assert.deepEqual(statuses(names), [201, ...Array(9).fill(409)]);
	const { items } = (await ann.api.get('/invites')).body;
	assert.equal(items.find((i) => i.id === body.id).uses_left, 9);
});

/* Sign-in and sessions */

test('unknown, wrong and disabled look and take the same', async () => {
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
	const looks = {};
	const took = {};
	for (let i = 0; i < 15; i++)
		for (const [kind, body] of Object.entries(kinds)) {
			const answer = await browser().post('/session', body);
			expectProblem(answer, 401, 'bad_credentials');
			assert.equal(answer.headers['set-cookie'], undefined);
			looks[kind] = appearance(answer);
			(took[kind] ??= []).push(answer.ms);
		}
	const median = (all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)];
	for (const kind of Object.keys(kinds)) {
		assert.deepEqual(looks[kind], looks.unknown, kind);
		const ratio = median(took[kind]) / median(took.unknown);
		assert.ok(ratio > 0.6 && ratio < 1.7, `${kind} takes ${ratio} times as long`);
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
	const planted = new Client(natter, { cookie: ['natter_session', 'A'.repeat(43)] });
	assert.equal((await planted.post('/session',
		{ username: user.username, password: PASSWORD })).status, 201);
	assert.doesNotMatch(planted.cookie, /A{43}/);
	for (const value of ['', 'x', "'", 'A'.repeat(4000), '"', 'a,b']) {
		const odd = new Client(natter, { cookie: ['natter_session', value] });
		expectProblem(await odd.get('/me'), 401, 'unauthenticated');
	}
});

test('the list of sessions', async () => {
	const user = await person(natter, 'lister');
	const here = await user.signIn();
	const there = browser();
	await there.post('/session', { username: user.username, password: PASSWORD },
		{ headers: { 'user-agent': 'Phone/1 \u00fc <script>' } });
	const { items } = (await here.get('/sessions')).body;
	assert.equal(items.length, 2);
	const [current] = items.filter((s) => s.current);
	const [other] = items.filter((s) => !s.current);
	assert.match(other.user_agent, /^Phone\/1 \?+ <script>$/);
	assert.equal(other.address, '127.0.0.1');
	assert.ok(Date.parse(other.expires_at) > Date.now() + 100 * 86_400_000);
	assert.ok(Math.abs(Date.parse(current.seen_at) - Date.now()) < 60_000);
	assert.doesNotMatch(JSON.stringify(items), new RegExp(here.cookie.split('=')[1]));
	expectProblem(await here.delete('/sessions/999999999'), 404, 'not_found');
	assert.equal((await here.delete(`/sessions/${current.id}`)).status, 204);
	assert.equal(here.cookie, '', 'ending the own session clears the cookie');
	assert.equal((await there.get('/me')).status, 200);
	expectProblem(await user.api.get('/sessions'), 403, 'forbidden');
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
	for (const display_name of ['', '\u200b\u2060', ' \u3164 \u00a0', 'x'.repeat(65), 3, {}])
		assert.ok('/display_name' in refused(await user.api.patch('/me', { display_name })),
			JSON.stringify(display_name));
	assert.equal((await user.api.patch('/me', { display_name: '😀'.repeat(64) })).status, 200);
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
	for (const q of ['100% _gr', 'größe', 'GRÖSSE', '% _'])
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

test('a token is shown once and acts as its owner', async () => {
	const signed = await ann.signIn();
	const made = await signed.post('/tokens', { name: ' deploy  script ', scopes: ['write', 'read'] });
	assert.equal(made.status, 201, made.text);
	assert.match(made.body.token, /^natter_[A-Za-z0-9]{43}$/);
	assert.equal(made.body.name, 'deploy script');
	assert.deepEqual(made.body.scopes, ['read', 'write']);
	const script = new Client(natter, { token: made.body.token });
	assert.equal((await script.get('/me')).body.user.id, ann.id);
	const list = await signed.get('/tokens');
	const entry = list.body.items.find((t) => t.id === made.body.id);
	assert.doesNotMatch(list.text, new RegExp(made.body.token));
	assert.ok(Date.parse(entry.used_at) > Date.now() - 60_000);
	assert.equal(entry.expires_at, null);
	const stranger = await bob.signIn();
	expectProblem(await stranger.delete(`/tokens/${made.body.id}`), 404, 'not_found');
	assert.equal((await signed.delete(`/tokens/${made.body.id}`)).status, 204);
	expectProblem(await script.get('/me'), 401, 'unauthenticated');
	expectProblem(await signed.delete(`/tokens/${made.body.id}`), 404, 'not_found');
});

test('scopes are kept apart', async () => {
	const signed = await ann.signIn();
	const token = async (...scopes) => new Client(natter, { token:
		(await signed.post('/tokens', { name: 'scoped', scopes })).body.token });
	const talk = await startConversation(ann, bob);
	const [reads, writes] = [await token('read'), await token('write')];
	const text = { text: 'from a script' };
	expectProblem(await reads.post(`/conversations/${talk}/messages`, text), 403, 'scope_missing');
	assert.equal((await writes.post(`/conversations/${talk}/messages`, text)).status, 201);
	expectProblem(await writes.get(`/conversations/${talk}/messages`), 403, 'scope_missing');
	expectProblem(await writes.get('/me'), 403, 'scope_missing');
	expectProblem(await reads.patch('/me', { display_name: 'x' }), 403, 'scope_missing');
	for (const client of [reads, writes])
		expectProblem(await client.post('/tokens', { name: 'more', scopes: ['read'] }),
			403, 'forbidden');
	for (const [scopes, pointer] of [[[], '/scopes'], [undefined, '/scopes'], ['read', '/scopes'],
		[['read', 'root'], '/scopes/1'], [[1], '/scopes/0'], [['admin'], '/scopes']])
		assert.ok(pointer in refused(await signed.post('/tokens', { name: 'x', scopes })));
	const boss = await person(natter, 'boss', { admin: true });
	assert.equal((await (await boss.signIn()).post('/tokens',
		{ name: 'x', scopes: ['admin'] })).status, 201);
});

test('a token expires, and is nobody from then on', async () => {
	const signed = await ann.signIn();
	const ask = (expires_at) => signed.post('/tokens', { name: 'short', scopes: ['read'], expires_at });
	for (const past of [new Date(Date.now() - 1000).toISOString(), '1969-01-01T00:00:00Z', 'soon', 12])
		assert.ok('/expires_at' in refused(await ask(past)));
	const made = await ask(new Date(Date.now() + 1500).toISOString());
	assert.equal(made.status, 201, made.text);
	const script = new Client(natter, { token: made.body.token });
	assert.equal((await script.get('/me')).status, 200);
	await new Promise((done) => setTimeout(done, 1700));
	expectProblem(await script.get('/me'), 401, 'unauthenticated');
	const both = signed.with({ token: made.body.token });
	both.jar = new Map(signed.jar);
	expectProblem(await both.get('/me'), 401, 'unauthenticated');
	expectProblem(await browser().get(`/me?token=${made.body.token}`), 401, 'unauthenticated');
	for (const wrong of [made.body.token.slice(0, -1), made.body.token.toLowerCase(), 'natter_', 'x'])
		expectProblem(await new Client(natter, { token: wrong }).get('/me'), 401, 'unauthenticated');
});

test('a token for one conversation sees only that one', async () => {
	const signed = await ann.signIn();
	const [mine, other] = [await createGroup(ann, [bob]), await createGroup(ann)];
	const foreign = await createGroup(bob);
	await say(ann, other, 'not for the token');
	const ask = (conversation_id) => signed.post('/tokens',
		{ name: 'bound', scopes: ['read', 'write'], conversation_id });
	const unseen = await ask(foreign);
	expectProblem(unseen, 404, 'not_found');
	assert.deepEqual(appearance(await ask(999_999_999)), appearance(unseen));
	const made = await ask(mine);
	assert.equal(made.body.conversation_id, mine);
	const script = new Client(natter, { token: made.body.token });
	assert.equal((await script.post(`/conversations/${mine}/messages`, { text: 'hi' })).status, 201);
	expectProblem(await script.get(`/conversations/${other}/messages`), 404, 'not_found');
	const { items } = (await script.get('/conversations')).body;
	assert.deepEqual(items.map((c) => c.id), [mine]);
});

/* Invitations and links */

test('an invitation: made, listed without its code, withdrawn', async () => {
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
	assert.ok((await natter.admin.get('/invites')).body.items.some((i) => i.id === id));
	expectProblem(await bob.api.delete(`/invites/${id}`), 404, 'not_found');
	assert.equal((await ann.api.delete(`/invites/${id}`)).status, 204);
	expectProblem(await browser().post('/links/check', { code }), 404, 'link_invalid');
	expectProblem(await browser().post('/users', { username: freshName(natter), password: PASSWORD,
		invite: code }), 404, 'link_invalid');
	for (const uses of [0, 1001, -1, 1.5, '3'])
		assert.ok('/uses' in refused(await ann.api.post('/invites', { uses })));
	const again = (await bob.api.post('/invites', {})).body;
	assert.equal((await natter.admin.delete(`/invites/${again.id}`)).status, 204);
});

test('an invitation expires, and dies with the account of who made it', async () => {
	const soon = await ann.api.post('/invites',
		{ expires_at: new Date(Date.now() + 800).toISOString() });
	const host = await person(natter, 'host');
	const { code } = (await host.api.post('/invites', {})).body;
	await natter.cli(['user', 'disable', host.username]);
	expectProblem(await browser().post('/links/check', { code }), 404, 'link_invalid');
	await new Promise((done) => setTimeout(done, 1000));
	expectProblem(await browser().post('/links/check', { code: soon.body.code }),
		404, 'link_invalid');
});

test('a sign-in link works once, also for 20 at a time', async () => {
	const user = await person(natter, 'linked');
	const old = await signInCode(natter, user.username);
	const code = await signInCode(natter, user.username);
	const dead = await browser().post('/links/check', { code: old });
	expectProblem(dead, 404, 'link_invalid');
	const check = await browser().post('/links/check', { code });
	assert.equal(check.status, 200);
	assert.equal(check.body.kind, 'sign_in');
	assert.equal(check.body.username, user.username);
	assert.ok('/password' in refused(await browser().post('/links/redeem',
		{ code, password: 'password123' })));
	const tries = await times(20, (i) => browser().post('/links/redeem',
		{ code, password: `a good password ${i}`, display_name: `Winner ${i}` }));
	assert.deepEqual(statuses(tries), [201, ...Array(19).fill(404)]);
	const won = tries.findIndex((answer) => answer.status === 201);
	assert.equal(tries[won].body.user.display_name, `Winner ${won}`);
	assert.equal((await user.api.get('/me')).body.user.display_name, `Winner ${won}`);
	assert.equal((await browser().post('/session', { username: user.username,
		password: `a good password ${won}` })).status, 201);
	const used = await browser().post('/links/check', { code });
	const unknown = await browser().post('/links/check', { code: 'B'.repeat(43) });
	assert.deepEqual(appearance(used), appearance(dead));
	assert.deepEqual(appearance(unknown), appearance(dead));
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
