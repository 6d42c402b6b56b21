/*
 * A worker remembers whose token or session it has seen, and a send by somebody
 * known asks the database once. Whatever ends or changes meanwhile is found by
 * that one question: every worker acts as if it had never seen him before.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../support/http.js';
import { startInstance } from '../support/instance.js';
import { createGroup, expectProblem, PASSWORD, people, person } from '../support/people.js';

/** Several a worker, and all at once: each worker gets some. */
const WORKERS = 6, BURST = 8 * WORKERS;

let natter, ann, keys = 0;

before(async () => {
	natter = await startInstance();
	[ann] = await people(natter, 'ann');
});
after(() => natter?.stop());

const send = (client, id, more = {}) => client.post(`/conversations/${id}/messages`,
	{ text: 'said', client_id: `k${++keys}`, ...more });

const burst = (client, id, more) => Promise.all(Array.from({ length: BURST },
	() => send(client, id, more)));

/** Every worker has seen this client, and lately. */
async function makeKnown(client, id) {
	for (const answer of [...await burst(client, id), ...await burst(client, id)])
		assert.equal(answer.status, 201, answer.text);
}

async function expectNobody(client, id) {
	const answers = [...await burst(client, id), ...await burst(client, id, { text: '' })];
	for (const answer of answers)
		expectProblem(answer, 401, 'unauthenticated');
}

async function countStatements() {
	const text = await natter.sql("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'");
	return Number(text.trim().split('\t').at(-1));
}

async function scripter(stem, scopes = ['read', 'write']) {
	const user = await person(natter, stem);
	const browser = await user.signIn();
	const made = await browser.post('/tokens', { name: 'script', scopes });
	assert.equal(made.status, 201, made.text);
	const id = await createGroup(ann, [user]);
	return { user, browser, id, token: made.body.id,
		script: user.api.with({ token: made.body.token }) };
}

test('a send by somebody known asks the database once', async () => {
	const { script, id } = await scripter('once');
	await makeKnown(script, id);
	/* It asks the database, too. */
	const [pushd] = await natter.pids('pushd');
	natter.signal(pushd, 'SIGSTOP');
	let asked;
	try {
		const before = await countStatements();
		await burst(script, id);
		asked = await countStatements() - before;
	} finally {
		natter.signal(pushd, 'SIGCONT');
	}
	assert.ok(asked >= BURST && asked < 1.5 * BURST, `${asked} statements for ${BURST} sends`);
});

test('a deleted token says nothing more', async () => {
	const { script, browser, token, id } = await scripter('deleted');
	await makeKnown(script, id);
	assert.equal((await browser.delete(`/tokens/${token}`)).status, 204);
	await expectNobody(script, id);
});

test('an ended session says nothing more', async () => {
	const { user, browser, id } = await scripter('ended');
	const other = await user.signIn();
	await makeKnown(other, id);
	await makeKnown(browser, id);
	assert.equal((await browser.delete('/sessions')).status, 204);
	await expectNobody(other, id);
	await makeKnown(browser, id);
});

test('after a new password only the browser that set it says anything', async () => {
	const { user, browser, id } = await scripter('password');
	const [other, copied] = [await user.signIn(), browser.with({})];
	await makeKnown(other, id);
	await makeKnown(browser, id);
	assert.equal((await browser.put('/me/password', { current_password: PASSWORD,
		new_password: 'another good password' })).status, 204);
	await expectNobody(other, id);
	await expectNobody(copied, id);
	await makeKnown(browser, id);
});

test('a disabled account says nothing until it is enabled', async () => {
	const { user, script, id } = await scripter('disabled');
	await makeKnown(script, id);
	await natter.cli(['user', 'disable', user.username]);
	await expectNobody(script, id);
	await natter.cli(['user', 'enable', user.username]);
	await makeKnown(script, id);
});

test('a new name is in the next message', async () => {
	const { script, id } = await scripter('named');
	await makeKnown(script, id);
	for (const name of ['Another Name', 'another name', 'Änother nàme']) {
		assert.equal((await script.patch('/me', { display_name: name })).status, 200);
		const names = (await burst(script, id)).map((answer) => answer.body.author.display_name);
		assert.deepEqual([...new Set(names)], [name]);
	}
});

test('the secret of a session is no token, also where it is known', async () => {
	const { browser, id } = await scripter('bearer');
	await makeKnown(browser, id);
	await expectNobody(new Client(natter,
		{ token: browser.cookie.split('=').at(-1), browser: true }), id);
	await makeKnown(browser, id);
});

test('who is known is refused as everybody is', async () => {
	const { user, script, browser, id } = await scripter('refused');
	const reader = await browser.post('/tokens', { name: 'reader', scopes: ['read'] });
	const bound = await browser.post('/tokens',
		{ name: 'bound', scopes: ['write'], conversation_id: id });
	const elsewhere = await createGroup(ann, [user]);
	const [reads, writes] = [reader, bound].map((made) =>
		script.with({ token: made.body.token }));
	await makeKnown(script, id);
	await makeKnown(writes, id);
	for (const answer of await burst(reads, id))
		expectProblem(answer, 403, 'scope_missing');
	for (const answer of await burst(writes, elsewhere))
		expectProblem(answer, 404, 'not_found');
	for (const answer of await burst(script, id, { text: ' ' }))
		expectProblem(answer, 400, 'bad_input');
	assert.equal((await send(script, id, { client_id: 'used' })).status, 201);
	for (const answer of await burst(script, id, { client_id: 'used', text: 'other' }))
		expectProblem(answer, 422, 'idempotency_mismatch');
	assert.equal((await ann.api.delete(`/conversations/${id}/members/${user.id}`)).status, 204);
	for (const answer of await burst(script, id))
		expectProblem(answer, 404, 'not_found');
});
