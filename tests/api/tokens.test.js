/* Tokens of scripts: scopes, bounds, expiry. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '../support/http.js';
import { sleep, startInstance } from '../support/instance.js';
import { createGroup, expectProblem, people, say } from '../support/people.js';
import { openWebSocket } from '../support/stream.js';

let natter, ann, bob, browser;

before(async () => {
	natter = await startInstance();
	[ann, bob] = await people(natter, 'ann', 'bob');
	browser = await ann.signIn();
});
after(() => natter?.stop());

async function token(more) {
	const made = await browser.post('/tokens', { name: 'script', scopes: ['read', 'write'], ...more });
	assert.equal(made.status, 201, made.text);
	return { ...made.body, api: new Client(natter, { token: made.body.token }) };
}

test('the secret is shown once', async () => {
	const made = await token({ name: 'once' });
	assert.match(made.token, /^natter_[A-Za-z0-9]{43}$/);
	const list = await browser.get('/tokens');
	const listed = list.body.items.find((t) => t.id === made.id);
	assert.deepEqual([listed.name, listed.scopes], ['once', ['read', 'write']]);
	assert.doesNotMatch(list.text, new RegExp(made.token));
	assert.equal((await made.api.get('/me')).body.user.id, ann.id);
});

test('a read token reads, a write token writes', async () => {
	const id = await createGroup(ann, [bob]);
	const [reader, writer] = [await token({ scopes: ['read'] }), await token({ scopes: ['write'] })];
	const said = await say(ann, id, 'x');
	assert.equal((await reader.api.get(`/conversations/${id}/messages`)).status, 200);
	for (const answer of [
		await reader.api.post(`/conversations/${id}/messages`, { text: 'x' }),
		await reader.api.delete(`/messages/${said.id}`),
		await reader.api.put(`/conversations/${id}/read`, { number: 1 }),
		await reader.api.post('/conversations', { kind: 'direct', user_id: bob.id }),
		await reader.api.patch('/me', { display_name: 'x' }),
		await writer.api.get(`/conversations/${id}/messages`),
		await writer.api.get('/me')])
		expectProblem(answer, 403, 'scope_missing');
	assert.equal((await writer.api.post(`/conversations/${id}/messages`, { text: 'y' })).status, 201);
});

test('tokens make no tokens, change no passwords and end no sessions', async () => {
	const all = await token({});
	for (const answer of [
		await all.api.post('/tokens', { name: 'more', scopes: ['read'] }),
		await all.api.put('/me/password', { current_password: 'x', new_password: 'long enough password' }),
		await all.api.delete('/sessions'),
		await all.api.get('/sessions')])
		assert.equal(answer.status, 403, answer.text);
});

test('a bound token sees its conversation and nothing else', async () => {
	const [inside, outside] = [await createGroup(ann, [bob]), await createGroup(ann, [bob])];
	const hidden = await say(bob, outside, 'hidden');
	const shown = await say(bob, inside, 'shown');
	const bound = await token({ conversation_id: inside });
	assert.equal(bound.conversation_id, inside);
	assert.equal((await bound.api.get(`/conversations/${inside}/messages`)).status, 200);
	assert.equal((await bound.api.post(`/conversations/${inside}/messages`, { text: 'x' })).status, 201);
	assert.equal((await bound.api.get(`/messages/${shown.id}`)).status, 200);
	for (const path of [`/conversations/${outside}`, `/conversations/${outside}/messages`,
		`/conversations/${outside}/events`, `/messages/${hidden.id}`])
		expectProblem(await bound.api.get(path), 404, 'not_found');
	expectProblem(await bound.api.post(`/conversations/${outside}/messages`, { text: 'x' }), 404, 'not_found');
	expectProblem(await bound.api.post(`/conversations/${inside}/messages`,
		{ text: 'x', reply_to: hidden.id }), 404, 'not_found');
	for (const path of ['/conversations', '/me/events', '/users', '/tokens', '/invites', '/sync',
		'/conversations/public', '/me', '/events']) {
		const answer = await bound.api.get(path, { headers: { accept: 'text/event-stream' }, timeout: 3000,
			check: false }).catch((error) => ({ status: error.code, text: '' }));
		if (answer.status === 200)
			assert.doesNotMatch(answer.text, new RegExp(`hidden|"id":${outside}\\b`), path);
		else
			assert.ok([403, 404].includes(answer.status), `${path}: ${answer.status}`);
	}
	for (const answer of [
		await bound.api.post('/conversations', { kind: 'direct', user_id: bob.id }),
		await bound.api.patch('/me', { display_name: 'x' }),
		await bound.api.post('/invites', {})])
		assert.ok([403, 404].includes(answer.status), answer.text);
	const stream = await openWebSocket(bound.api, `/conversations/${inside}/events`);
	const said = await say(bob, inside, 'to the script');
	await say(bob, outside, 'hidden again');
	await stream.expectEvent('message.posted', (e) => e.message.id === said.id);
	await sleep(200);
	assert.ok(stream.frames.every((frame) => !frame.includes('hidden')));
	await stream.close();
});

test('a token is bound only to what one sees', async () => {
	const foreign = await createGroup(bob);
	expectProblem(await browser.post('/tokens', { name: 'x', scopes: ['read'], conversation_id: foreign }),
		404, 'not_found');
	expectProblem(await browser.post('/tokens', { name: 'x', scopes: ['read'], conversation_id: 999_999_999 }),
		404, 'not_found');
});

test('an expired token is dead', async () => {
	const soon = await token({ expires_at: new Date(Date.now() + 3000).toISOString() });
	assert.equal((await soon.api.get('/me')).status, 200);
	await sleep(3100);
	expectProblem(await soon.api.get('/me'), 401, 'unauthenticated');
	for (const expires_at of ['2001-01-01T00:00:00.000Z', 'tomorrow', '0000-00-00T00:00:00Z',
		'2030-02-30T00:00:00Z', '2030-01-01', 5, '2030-01-01T00:00:00+99:99', '2030-01-01T25:00:00Z'])
		expectProblem(await browser.post('/tokens', { name: 'x', scopes: ['read'], expires_at }),
			400, 'bad_input');
});

test('bad tokens are asked for in vain', async () => {
	for (const [body, pointer] of [
		[{ scopes: ['read'] }, '/name'],
		[{ name: '', scopes: ['read'] }, '/name'],
		[{ name: 'x'.repeat(65), scopes: ['read'] }, '/name'],
		[{ name: 'x' }, '/scopes'],
		[{ name: 'x', scopes: [] }, '/scopes'],
		[{ name: 'x', scopes: ['root'] }, '/scopes'],
		[{ name: 'x', scopes: 'read' }, '/scopes'],
		[{ name: 'x', scopes: [null] }, '/scopes'],
		[{ name: 'x', scopes: ['read'], conversation_id: -1 }, '/conversation_id']]) {
		const problem = expectProblem(await browser.post('/tokens', body), 400, 'bad_input');
		assert.ok(problem.errors.some((e) => e.pointer.startsWith(pointer)), JSON.stringify(problem.errors));
	}
});

test('wrong secrets are nobody, and a query is no place for one', async () => {
	for (const secret of ['x', ann.token.slice(0, -1), ann.token + 'x', ann.token.toUpperCase(),
		"'OR'1", 'A'.repeat(4000)])
		expectProblem(await new Client(natter, { token: secret }).get('/me'), 401, 'unauthenticated');
	for (const authorization of ['', 'Bearer', 'Bearer ', `Bearer ${ann.token} ${bob.token}`, 'Digest x', 'x'])
		assert.ok([400, 401].includes((await new Client(natter).get('/me', { headers: { authorization } })).status),
			authorization);
	for (const query of ['token', 'access_token', 'authorization', 'api_key'])
		expectProblem(await new Client(natter).get(`/me?${query}=${ann.token}`), 401, 'unauthenticated');
	for (const scheme of ['Token', 'bearer', 'BEARER']) {
		const answer = await new Client(natter).get('/me',
			{ headers: { authorization: `${scheme} ${ann.token}` } });
		assert.equal(answer.status, scheme === 'Token' ? 401 : 200, 'scheme names have no case');
	}
});

test('a token needs neither Origin nor cookie, and does not mind them', async () => {
	const id = await createGroup(ann);
	for (const headers of [{}, { origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }])
		assert.equal((await ann.api.post(`/conversations/${id}/messages`, { text: 'x' }, { headers })).status, 201);
});

test('somebody else\'s token cannot be seen or deleted', async () => {
	const mine = await token({});
	const other = await bob.signIn();
	assert.ok((await other.get('/tokens')).body.items.every((t) => t.id !== mine.id));
	expectProblem(await other.delete(`/tokens/${mine.id}`), 404, 'not_found');
	assert.equal((await mine.api.get('/me')).status, 200);
});

test('the curl line of the first start posts a message', async () => {
	const { body: me } = await natter.admin.get('/me');
	const made = await natter.admin.post('/conversations', { kind: 'direct', user_id: me.user.id });
	const { stdout } = await promisify(execFile)('curl', ['-sS', '--fail-with-body',
		'-H', `@${join(natter.var, 'secrets/curl-header')}`, '-H', 'Content-Type: text/plain',
		'--data-binary', 'Hello from the shell',
		`${natter.url}api/v1/conversations/${made.body.id}/messages`]);
	assert.equal(JSON.parse(stdout).text, 'Hello from the shell');
});
