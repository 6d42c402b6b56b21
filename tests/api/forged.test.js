/*
 * What a client says about itself: headers that only a proxy may set, a Host
 * that is another's, fields that only the server fills, credentials in places
 * where none belong, and requests that another site makes a browser send.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { operations } from '../support/contract.js';
import { Client, raw } from '../support/http.js';
import { startInstance } from '../support/instance.js';
import { conversationOf, createGroup, expectProblem, PASSWORD, people, say } from '../support/people.js';

const EVIL = 'https://evil.example';

let natter, strict, ann, bob, browser, id, said;

before(async () => {
	natter = await startInstance();
	strict = await startInstance({ limits: true, env: { NATTER_LIMITS_SIGN_IN_ADDRESS: '6', NATTER_LIMITS_ADDRESS: '40' } });
	[ann, bob] = await people(natter, 'ann', 'bob');
	browser = await ann.signIn();
	id = await createGroup(ann, [bob]);
	said = await say(ann, id, 'start');
});
after(async () => {
	await natter?.stop();
	await strict?.stop();
});

/** Every header that somebody, somewhere, takes for the truth. */
const forged = (n) => ({ 'x-forwarded-for': `10.0.0.${n}`, 'x-real-ip': `10.0.0.${n}`, forwarded: `for=10.0.0.${n}`,
	'x-client-ip': `10.0.0.${n}`, 'true-client-ip': `10.0.0.${n}`, 'cf-connecting-ip': `10.0.0.${n}`,
	'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', 'x-user': 'admin', 'x-remote-user': 'admin',
	'remote-user': 'admin', remote_user: 'admin', remote_addr: '10.0.0.1', proxy: 'http://evil.example',
	'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE', 'x-original-url': '/api/v1/me',
	'x-rewrite-url': '/api/v1/me', 'x-accel-redirect': '/_push/u_1', 'x-sendfile': '/etc/passwd',
	'x-natter-waited': '1', natter_waited: '1', 'x-request-id': 'a\tb', request_uri: '/api/v1/me', 'content-location': EVIL,
	'x-forwarded-prefix': '/evil', 'x-script-name': '/evil' });

test('limits count the address that connects, whatever is said of it', async () => {
	const door = new Client(strict, { browser: true });
	const answers = [];
	for (let n = 0; n < 16; n++)
		answers.push(await door.post('/session', { username: `nobody-${n}`, password: 'wrong password' }, { headers: forged(n) }));
	const refused = answers.filter(({ status }) => status === 429);
	assert.ok(refused.length >= 16 - 8, `${refused.length} of 16`);
	expectProblem(refused[0], 429, 'rate_limited');
	let site;
	for (let n = 0; n < 120 && site?.status !== 429; n++)
		site = await new Client(strict).get('/site', { headers: forged(n) });
	assert.equal(site.status, 429, 'and so for those without a name');
});

test('nobody becomes somebody by a header, and nothing is done that the method does not say', async () => {
	const anybody = new Client(natter);
	expectProblem(await anybody.get('/me', { headers: forged(1) }), 401, 'unauthenticated');
	assert.equal((await anybody.page('metrics', { headers: forged(1) })).status, 404, 'not from this host any more');
	for (const headers of [{ via: '1.1 proxy' }, { host: 'chat.example.org' }])
		assert.equal((await anybody.page('metrics', { headers })).status, 404, JSON.stringify(headers));
	const plain = await ann.api.get(`/conversations/${id}`);
	const answer = await ann.api.get(`/conversations/${id}`, { headers: forged(1) });
	assert.deepEqual(answer.body, plain.body);
	assert.doesNotMatch(JSON.stringify(answer.headers), /evil|10\.0\.0/);
	assert.equal((await ann.api.post(`/conversations/${id}/typing`, undefined, { headers: forged(1) })).status, 204);
	const other = new Client(natter, { browser: true });
	await other.post('/session', { username: ann.username, password: PASSWORD }, { headers: forged(1) });
	const { items } = (await other.get('/sessions', { headers: forged(1) })).body;
	assert.equal(items.find(({ current }) => current).address, '127.0.0.1');
});

test('whatever the Host, what is made from an address is the site\'s own', async () => {
	const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example' };
	for (const answer of [
		await new Client(natter).get('/site', { headers }),
		await ann.api.post('/invites', {}, { headers }),
		await ann.api.post(`/conversations/${id}/messages`, { text: 'x' }, { headers }),
		await new Client(natter).page('', { headers }),
		await new Client(natter).page('views', { headers }),
		await browser.get('/me', { headers }),
		await new Client(natter, { browser: true }).post('/session', { username: ann.username, password: PASSWORD }, { headers })])
		assert.doesNotMatch(answer.text + JSON.stringify(answer.headers), /evil/, answer.asked);
	const { body } = await ann.api.post('/invites', {}, { headers });
	assert.ok(body.url.startsWith(natter.url), body.url);
	/* A page of evil.example whose name now leads here is another site still. */
	expectProblem(await browser.post(`/conversations/${id}/messages`, { text: 'x' },
		{ headers: { host: 'evil.example', origin: 'http://evil.example', 'sec-fetch-site': undefined } }), 403, 'cross_site');
});

test('a secret in a query is none', async () => {
	for (const name of ['access_token', 'token', 'api_key', 'key', 'session', 'natter_session', 'authorization', 'auth'])
		for (const path of ['/me', `/conversations/${id}/messages`, '/events'])
			expectProblem(await new Client(natter).get(`${path}?${name}=${ann.token}`,
				{ headers: path === '/events' ? { accept: 'text/event-stream' } : {} }), 401, 'unauthenticated');
	for (const name of ['x-api-key', 'x-auth-token', 'x-access-token', 'private-token', 'token'])
		expectProblem(await new Client(natter).get('/me', { headers: { [name]: ann.token } }), 401, 'unauthenticated');
	expectProblem(await new Client(natter).get('/me', { headers: { cookie: `natter_session=${ann.token}` } }), 401, 'unauthenticated');
	expectProblem(await new Client(natter, { token: browser.jar.get('natter_session') }).get('/me'), 401, 'unauthenticated');
});

/** All that the server fills in, as somebody else would have it. */
const LONG_AGO = '2001-01-01T00:00:00.000Z';
const server = () => ({ id: 1, user_id: bob.id, author_id: bob.id, author: { id: bob.id }, sender_id: bob.id,
	actor_id: bob.id, created_by: bob.id, owner_id: bob.id, conversation_id: 1, number: 1, seq: 1, last_seq: 1,
	last_number: 1, created_at: LONG_AGO, edited_at: LONG_AGO, deleted_at: LONG_AGO, html: '<script>x</script>',
	role: 'owner', is_admin: true, admin: true, is_bot: true, kind: 'bot', disabled: false, scopes: ['admin'],
	token: 'natter_x', code: 'x', password_hash: 'x', uses_left: 1000, member_count: 5, unread: 0,
	reactions: [{ emoji: '👍', count: 9 }], epoch: 'x', username: 'changed', url: EVIL });
const without = (...names) => Object.fromEntries(Object.entries(server()).filter(([name]) => !names.includes(name)));

test('what the server fills in is not taken from a body', async () => {
	const members = async () => (await ann.api.get(`/conversations/${id}/members`)).body.items.map(({ user, role }) => [user.id, role]);
	const before = await members();
	const me = (await ann.api.get('/me')).body.user;

	const posted = (await ann.api.post(`/conversations/${id}/messages`, { text: 'mine', ...server() })).body;
	const { last_number } = await conversationOf(ann, id);
	assert.deepEqual([posted.author.id, posted.number, posted.conversation_id, posted.edited_at, posted.deleted_at, posted.reactions],
		[ann.id, last_number, id, null, null, []]);
	assert.ok(posted.created_at > '2020' && !posted.html.includes('script'));

	const edited = (await ann.api.patch(`/messages/${said.id}`, { text: 'edited', ...server() })).body;
	assert.deepEqual([edited.id, edited.author.id, edited.number, edited.seq, edited.created_at],
		[said.id, ann.id, said.number, said.seq, said.created_at]);

	const changed = (await ann.api.patch(`/conversations/${id}`, { topic: 'x', ...server() })).body;
	assert.deepEqual([changed.id, changed.kind, changed.role, changed.member_count], [id, 'group', 'owner', 2]);

	await bob.api.patch('/me', { display_name: 'Bob', ...server() });
	const user = (await bob.api.get('/me')).body.user;
	assert.deepEqual([user.id, user.username, user.kind], [bob.id, bob.username, 'person']);
	expectProblem(await browser.post('/tokens', { name: 'x', ...server() }), 400, 'bad_input');	/* scopes: admin */
	const token = (await browser.post('/tokens', { name: 'x', ...without('scopes', 'conversation_id'), scopes: ['read'] })).body;
	assert.equal((await new Client(natter, { token: token.token }).get('/me')).body.user.id, ann.id);

	const invite = (await ann.api.post('/invites', { ...server() })).body;
	assert.deepEqual([invite.uses_left, invite.created_by], [1, ann.id]);
	const guest = new Client(natter, { browser: true });
	const made = await guest.post('/users', { ...server(), username: `guest${++natter.people}`, password: PASSWORD,
		invite: invite.code });
	assert.equal(made.status, 201, made.text);
	assert.equal(made.body.user.kind, 'person');
	expectProblem(await guest.post('/tokens', { name: 'x', scopes: ['admin'] }), 400, 'bad_input');
	assert.notEqual(made.body.user.id, 1);

	const group = (await ann.api.post('/conversations', { ...server(), kind: 'group', name: 'x', visibility: 'private' })).body;
	assert.deepEqual([group.role, group.member_count, group.last_number], ['owner', 1, 0]);
	const added = (await ann.api.post(`/conversations/${group.id}/members`, { ...server() })).body;
	assert.equal(added.role, 'member');

	assert.deepEqual(await members(), before);
	assert.deepEqual((await ann.api.get('/me')).body.user, me);
});

const writes = operations.filter(({ method }) => method !== 'GET');
const fill = (path) => path.replace('/api/v1', '').replace('{user_id}', bob.id).replace('{emoji}', encodeURIComponent('👍'))
	.replace('{id}', path.includes('/messages/{id}') ? said.id : id);

test('another site makes a browser do nothing, on any route that is described', async () => {
	const before = await conversationOf(ann, id);
	const silent = { origin: undefined, 'sec-fetch-site': undefined };
	for (const { method, path, operation } of writes)
		for (const headers of [{ origin: EVIL, 'sec-fetch-site': 'cross-site' }, { ...silent, origin: 'null' },
			{ ...silent, 'sec-fetch-site': 'same-site' },
			/* Who says nothing may be a script, where no cookie is needed. */
			...operation.security?.length > 0 ? [silent] : []]) {
			const answer = await browser.request(method, fill(path), method === 'DELETE' ? undefined : {}, { headers });
			expectProblem(answer, 403, 'cross_site');
			assert.equal(answer.headers['set-cookie'], undefined);
		}
	assert.deepEqual(await conversationOf(ann, id), before);
	assert.equal((await browser.get('/me')).status, 200);
});

test('no answer of any route may be read by another site, cached by others, or sniffed', async () => {
	for (const { method, path } of operations) {
		if (!path.startsWith('/api/v1/') || path === '/api/v1/events')
			continue;
		for (const how of [method, 'OPTIONS']) {
			const body = ['GET', 'DELETE', 'OPTIONS'].includes(how) ? undefined : {};
			const answer = await browser.request(how, fill(path), body, { check: false, headers: { origin: EVIL,
				'access-control-request-method': method, 'access-control-request-headers': 'content-type' } });
			assert.ok(answer.status < 500, `${how} ${path}: ${answer.text}`);
			assert.ok(!Object.keys(answer.headers).some((name) => name.startsWith('access-control-')), `${how} ${path}`);
			if (how === 'OPTIONS' || path.endsWith('.json'))
				continue;
			assert.match(answer.headers['cache-control'] ?? '', /no-store/, `${how} ${path}`);
			assert.equal(answer.headers['x-content-type-options'], 'nosniff', `${how} ${path}`);
		}
	}
});

test('a header is not split by what stands in a request', async () => {
	for (const text of ['%0d%0aSet-Cookie:%20natter_session=evil', '%0aX-Evil:%201', '%e5%98%8a%e5%98%8dX-Evil:1'])
		for (const path of [`/api/v1/${text}`, `/api/v1/me?x=${text}`, `/${text}`, `/api/v1/messages/1/reactions/${text}`]) {
			const answer = await raw(natter, `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${text}\r\n`
				+ 'Connection: close\r\n\r\n');
			assert.doesNotMatch(answer.text.split('\r\n\r\n')[0], /evil/i, path);
		}
});
