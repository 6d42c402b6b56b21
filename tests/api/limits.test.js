/* Limits: too much is 429 with Retry-After, and only for who does too much. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client, raw } from '../support/http.js';
import { sleep, startInstance, until } from '../support/instance.js';
import { conversationOf, createGroup, expectProblem, PASSWORD, people, person } from '../support/people.js';
import { openWebSocket } from '../support/stream.js';

let natter, ann, bob;

before(async () => {
	const nginx = () => 'set_real_ip_from 127.0.0.10; real_ip_header X-Real-IP;';
	natter = await startInstance({ limits: true, nginx, env: {
		NATTER_LIMITS_SEND: '12',
		NATTER_LIMITS_WRITE: '30',
		NATTER_LIMITS_READ: '60',
		NATTER_LIMITS_TYPING: '6',
		NATTER_LIMITS_STREAM: '6',
		NATTER_LIMITS_SIGN_IN_ACCOUNT: '5',
		NATTER_LIMITS_SIGN_IN_ADDRESS: '12',
		NATTER_LIMITS_SIGN_UP_ADDRESS: '4',
		NATTER_LIMITS_ADDRESS: '200',
		NATTER_LIMITS_CONNECTIONS: '20',
		NATTER_LIMITS_TEXT_CHARACTERS: '100',
		NATTER_LIMITS_GROUP_MEMBERS: '3',
	} });
	[ann, bob] = await people(natter, 'ann', 'bob');
});
after(() => natter?.stop());

/** Ask until refused; how often it was granted. */
async function granted(ask, most) {
	for (let n = 0; n < most; n++) {
		const answer = await ask(n);
		if (answer.status === 429) {
			expectProblem(answer, 429, 'rate_limited');
			assert.ok(Number(answer.headers['retry-after']) <= 61);
			return n;
		}
		assert.ok(answer.status < 500, answer.text);
	}
	return most;
}

test('the site tells what a client should know', async () => {
	const { body } = await new Client(natter).get('/site');
	assert.equal(body.limits.text_characters, 100);
});

test('messages are limited per user, and come back with time', async () => {
	const id = await createGroup(ann, [bob]);
	const post = (who) => (n) => who.api.post(`/conversations/${id}/messages`, { text: `${n}` });
	const took = await granted(post(ann), 40);
	assert.ok(took >= 12 && took <= 14, `${took} of 12`);
	assert.equal((await post(bob)(0)).status, 201, 'another user is not affected');
	assert.equal((await conversationOf(ann, id)).last_number, took + 1, 'refused ones are not stored');
	const refused = await post(ann)(0);
	await sleep(Number(refused.headers['retry-after']) * 1000 + 100);
	assert.equal((await post(ann)(0)).status, 201, 'after Retry-After it works');
});

test('all tokens and sessions of a user count together', async () => {
	const user = await person(natter, 'both');
	const id = await createGroup(user);
	const other = await user.newToken('read,write');
	const took = await granted((n) => (n % 2 ? other : user.api).post(`/conversations/${id}/messages`,
		{ text: 'x' }), 40);
	assert.ok(took >= 12 && took <= 14, `${took} of 12`);
});

test('reads, changes, typing and streams have limits of their own', async () => {
	const user = await person(natter, 'busy');
	const id = await createGroup(user);
	const typing = await granted(() => user.api.post(`/conversations/${id}/typing`), 30);
	assert.ok(typing >= 6 && typing <= 8, `${typing} of 6`);
	const writes = await granted((n) => user.api.patch(`/conversations/${id}`, { topic: `${n}` }), 60);
	assert.ok(writes >= 25 && writes <= 33, `${writes} of 30`);
	const reads = await granted(() => user.api.get(`/conversations/${id}/messages`), 100);
	assert.ok(reads >= 50 && reads <= 65, `${reads} of 60`);
	assert.equal((await user.api.post(`/conversations/${id}/messages`, { text: 'x' })).status, 201);
	let opened = 0;
	await assert.rejects((async () => {
		for (; opened < 20; opened++)
			await (await openWebSocket(user.api)).close();
	})(), { status: 429 });
	assert.ok(opened >= 6 && opened <= 8, `${opened} of 6`);
});

test('guessing a password is slowed down, the owner inside is not', async () => {
	const user = await person(natter, 'target');
	const inside = await user.signIn();
	const door = new Client(natter, { browser: true });
	const tries = await granted(() => door.post('/session',
		{ username: user.username, password: 'wrong password' }), 20);
	assert.ok(tries >= 4 && tries <= 6, `${tries} of 5`);
	expectProblem(await door.post('/session', { username: user.username, password: PASSWORD }),
		429, 'rate_limited');
	assert.equal((await inside.get('/me')).status, 200);
	await granted((n) => door.post('/session', { username: `stranger-${n}`, password: PASSWORD }), 20);
	const again = await inside.post('/session', { username: user.username, password: PASSWORD });
	assert.equal(again.status, 201, `from the address of strangers: ${again.text}`);
});

test('one address cannot try many accounts, nor make many', async () => {
	const door = new Client(natter, { browser: true });
	const tries = await granted((n) => door.post('/session',
		{ username: `nobody-${n}`, password: 'wrong password' }), 30);
	assert.ok(tries <= 13, `${tries} of 12, less what was used before`);
	const made = await granted((n) => door.post('/users',
		{ username: `new-${n}`, password: PASSWORD, invite: 'x'.repeat(43) }), 20);
	assert.ok(made <= 5, `${made} of 4`);
	assert.equal((await bob.api.get('/me')).status, 200, 'who is signed in goes on');
});

test('text and group sizes are bounded as configured', async () => {
	const user = await person(natter, 'sizes');
	const others = await people(natter, 'a', 'b', 'c');
	const id = await createGroup(user, others.slice(0, 2));
	assert.equal((await user.api.post(`/conversations/${id}/messages`, { text: 'x'.repeat(100) })).status, 201);
	expectProblem(await user.api.post(`/conversations/${id}/messages`, { text: 'x'.repeat(101) }), 400, 'bad_input');
	expectProblem(await user.api.post(`/conversations/${id}/members`, { user_id: others[2].id }), 409, 'conflict');
	assert.ok([400, 409].includes((await user.api.post('/conversations', { kind: 'group', name: 'x',
		visibility: 'private', user_ids: others.map((o) => o.id) })).status));
});

test('one address has so many requests under way, and no other suffers', async () => {
	const from = '127.0.0.9';
	const asked = (method, path, more) => `${method} ${natter.path}${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
	const slow = Array.from({ length: 20 }, () => raw(natter, asked('POST', 'api/v1/session',
		'Content-Type: application/json\r\nContent-Length: 100\r\n'), { from, timeout: 2000 }));
	const ask = (path) => raw(natter, asked('GET', path, 'Connection: close\r\n'), { from });
	for (const path of ['api/v1/site', 'index.html']) {
		const refused = await until(`${path} is refused`, async () => {
			const answer = await ask(path);
			return answer.status === 429 && answer;
		});
		assert.match(refused.text, /\r\nRetry-After: [1-9]/);
		assert.match(refused.text, /application\/problem\+json[^]*"code":"rate_limited"/);
	}
	const door = new Client(natter, { browser: true });
	const answer = await door.post('/session', { username: 'nobody-at-all', password: PASSWORD });
	assert.ok([401, 429].includes(answer.status), `no place in the queue: ${answer.text}`);
	assert.equal((await bob.api.get('/me')).status, 200);
	await Promise.all(slow);
	assert.equal((await ask('api/v1/site')).status, 200, 'places come back');
});

test('a host with a whole network is one address, however that is written', async () => {
	const head = (method, address) => `${method} ${natter.path}api/v1/site HTTP/1.1\r\nHost: x\r\nX-Real-IP: ${address}\r\n`;
	const of = (address) => raw(natter, `${head('GET', address)}Connection: close\r\n\r\n`, { from: '127.0.0.10' });
	/* Their zeros: none, the fourth number, the third and fourth, the second and third. */
	await Promise.all([['2001:db8:1:2:0:', '2001:db8:1:3:0:'], ['2001:db8:1:0:0:', '2001:db8:2:0:0:'],
		['2001:db8:0:0:1:', '2001:db9:0:0:1:'], ['2001:0:0:4:1:', '2001:0:0:5:1:']].map(async ([net, other]) => {
		const slow = Array.from({ length: 20 }, (_, n) => raw(natter, `${head('POST', `${net}1:${n + 1}:1`)}` +
			'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n', { from: '127.0.0.10', timeout: 2000 }));
		await until(`another of ${net} is refused`, async () => (await of(`${net}2:2:2`)).status === 429,
			{ timeout: 1500 });
		assert.equal((await of(`${other}1:1:1`)).status, 200, other);
		await Promise.all(slow);
	}));
});

test('who is not signed in is limited by address, last of all', async () => {
	const took = await granted(() => new Client(natter).get('/site'), 260);
	assert.ok(took < 260, 'there is a limit');
	assert.equal((await bob.api.get('/me')).status, 200);
	assert.equal((await new Client(natter).page('healthz')).status, 200, 'probes are not counted');
});
