/*
 * The end of a session, a token or a membership: at once for requests, within
 * 5 s for streams, and nothing said afterwards is ever heard.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sleep, startInstance } from '../support/instance.js';
import { allEvents, createGroup, expectProblem, PASSWORD, people, person, say, startConversation }
	from '../support/people.js';
import { openEventSource, openLines, openLongPoll, openWebSocket } from '../support/stream.js';

let natter, ann, bob;

before(async () => {
	natter = await startInstance();
	[ann, bob] = await people(natter, 'ann', 'bob');
});
after(() => natter?.stop());

/** Streams of a client hear why, are cut within 5 s, and hear nothing of what follows. */
async function expectCut(streams, reason, revoke, friend, id) {
	await revoke();
	const revoked = performance.now();
	const canaries = [];
	const talking = (async () => {
		while (performance.now() - revoked < 3500) {
			canaries.push((await say(friend, id, `after revocation ${canaries.length}`)).id);
			await sleep(50);
		}
	})();
	for (const stream of streams)
		await stream.expectEnd(5000);
	assert.ok(performance.now() - revoked < 5000);
	await talking;
	for (const stream of streams) {
		assert.deepEqual(stream.of('session.ended').map((e) => e.reason), [reason]);
		stream.checkAll();
		assert.deepEqual(stream.of('message.posted').filter((e) => canaries.includes(e.message.id)), [],
			'nothing said after the revocation is heard');
	}
}

test('signing out ends the session and its streams', async () => {
	const user = await person(natter, 'leaver');
	const id = await startConversation(ann, user);
	const browser = await user.signIn();
	const stolen = browser.with({});
	const streams = [await openWebSocket(browser), await openEventSource(browser),
		await openWebSocket(browser, `/conversations/${id}/events`)];
	await expectCut(streams, 'signed_out', async () =>
		assert.equal((await browser.delete('/session')).status, 204), ann, id);
	assert.equal(browser.cookie, '', 'the cookie is cleared');
	assert.notEqual(stolen.cookie, '');
	expectProblem(await stolen.get('/me'), 401, 'unauthenticated');
	await assert.rejects(openWebSocket(stolen), { status: 401 });
});

test('the other tabs of the same person come back and miss nothing', async () => {
	const user = await person(natter, 'tabs');
	const id = await startConversation(ann, user);
	const [one, two] = [await user.signIn(), await user.signIn()];
	const stays = await openWebSocket(two);
	await openWebSocket(one);
	assert.equal((await one.delete('/session')).status, 204);
	await stays.expectEvent('session.ended', () => true, { timeout: 5000 });
	await stays.expectEnd(8000);
	const again = await openWebSocket(two);
	const said = await say(ann, id, 'welcome back');
	await again.expectEvent('message.posted', (e) => e.message.id === said.id);
	await again.close();
});

test('ending one session by its id ends only that one', async () => {
	const user = await person(natter, 'many');
	const [one, two] = [await user.signIn(), await user.signIn()];
	const { items } = (await one.get('/sessions')).body;
	assert.equal(items.length, 2);
	assert.equal(items.filter((s) => s.current).length, 1);
	const other = items.find((s) => !s.current);
	const stranger = await bob.signIn();
	expectProblem(await stranger.delete(`/sessions/${other.id}`), 404, 'not_found');
	assert.equal((await two.get('/me')).status, 200);
	assert.equal((await one.delete(`/sessions/${other.id}`)).status, 204);
	expectProblem(await two.get('/me'), 401, 'unauthenticated');
	assert.equal((await one.get('/me')).status, 200);
	expectProblem(await one.delete(`/sessions/${other.id}`), 404, 'not_found');
});

test('signing out everywhere else', async () => {
	const user = await person(natter, 'everywhere');
	const id = await startConversation(ann, user);
	const [here, ...others] = [await user.signIn(), await user.signIn(), await user.signIn()];
	const streams = await Promise.all(others.map((browser) => openWebSocket(browser)));
	await expectCut(streams, 'revoked', async () =>
		assert.equal((await here.delete('/sessions')).status, 204), ann, id);
	for (const browser of others)
		expectProblem(await browser.get('/me'), 401, 'unauthenticated');
	assert.equal((await here.get('/me')).status, 200);
});

test('a new password ends every other session and stream', async () => {
	const user = await person(natter, 'changer');
	const id = await startConversation(ann, user);
	const [here, other] = [await user.signIn(), await user.signIn()];
	const streams = [await openWebSocket(other), await openEventSource(other)];
	expectProblem(await here.put('/me/password', { current_password: 'wrong password',
		new_password: 'another good password' }), 403, 'forbidden');
	assert.equal((await other.get('/me')).status, 200);
	await expectCut(streams, 'password_changed', async () => assert.equal((await here.put('/me/password',
		{ current_password: PASSWORD, new_password: 'another good password' })).status, 204), ann, id);
	expectProblem(await other.get('/me'), 401, 'unauthenticated');
	assert.equal((await here.get('/me')).status, 200);
	const again = here.with({});
	again.jar.clear();
	expectProblem(await again.post('/session', { username: user.username, password: PASSWORD }),
		401, 'bad_credentials');
	assert.equal((await again.post('/session', { username: user.username,
		password: 'another good password' })).status, 201);
});

test('a deleted token is dead at once, and its streams within 5 s', async () => {
	const user = await person(natter, 'scripter');
	const id = await startConversation(ann, user);
	const browser = await user.signIn();
	const made = await browser.post('/tokens', { name: 'tail', scopes: ['read'] });
	assert.equal(made.status, 201);
	const script = user.api.with({ token: made.body.token });
	const streams = [await openWebSocket(script), await openEventSource(script),
		await openLines(script, `/conversations/${id}/events`)];
	await expectCut(streams, 'token_revoked', async () =>
		assert.equal((await browser.delete(`/tokens/${made.body.id}`)).status, 204), ann, id);
	expectProblem(await script.get('/me'), 401, 'unauthenticated');
	await assert.rejects(openEventSource(script), { status: 401 });
});

test('what was said after a revocation is not heard, when pushd hears of both at once', async () => {
	const ways = {
		'the command line': ({ user }) => natter.cli(['user', 'disable', user.username]),
		'the API': ({ browser }) => browser.with({}).delete('/session'),
	};
	const [pushd] = await natter.pids('pushd');
	for (const [way, revoke] of Object.entries(ways)) {
		const user = await person(natter, 'held');
		const id = await startConversation(ann, user);
		const browser = await user.signIn();
		const streams = [await openWebSocket(browser), await openEventSource(browser)];
		/* Workers that have told it something are known to it. */
		await Promise.all(Array.from({ length: 24 }, () => say(ann, id, 'before')));
		natter.signal(pushd, 'SIGSTOP');
		let late;
		try {
			await revoke({ user, browser });
			late = await Promise.all(Array.from({ length: 12 }, () => say(ann, id, 'after')));
		} finally {
			natter.signal(pushd, 'SIGCONT');
		}
		const ids = late.map((message) => message.id);
		for (const stream of streams) {
			await stream.expectEnd(5000);
			assert.deepEqual(stream.of('message.posted').filter((e) => ids.includes(e.message.id)), [], way);
		}
	}
});

test('a disabled account is out at once, and back when enabled', async () => {
	const user = await person(natter, 'banned');
	const id = await startConversation(ann, user);
	const browser = await user.signIn();
	const streams = [await openWebSocket(browser), await openWebSocket(user.api),
		await openEventSource(user.api, `/conversations/${id}/events`)];
	await expectCut(streams, 'disabled', () => natter.cli(['user', 'disable', user.username]), ann, id);
	expectProblem(await browser.get('/me'), 401, 'unauthenticated');
	expectProblem(await user.api.get('/me'), 401, 'unauthenticated');
	const door = browser.with({});
	door.jar.clear();
	expectProblem(await door.post('/session', { username: user.username, password: PASSWORD }),
		401, 'bad_credentials');
	await natter.cli(['user', 'enable', user.username]);
	assert.equal((await door.post('/session', { username: user.username, password: PASSWORD })).status, 201);
});

test('who is removed hears of the removal, and of nothing later', async () => {
	for (let round = 0; round < 5; round++) {
		const victim = await person(natter, 'victim');
		const id = await createGroup(ann, [victim, bob]);
		const mine = await openWebSocket(victim.api);
		const single = await openEventSource(victim.api, `/conversations/${id}/events`);
		const poll = await openLongPoll(victim.api, `/conversations/${id}/events`);
		let flood = true;
		const flooding = (async () => {
			for (let i = 0; flood; i++)
				await say(ann, id, `canary ${i}`);
		})();
		await sleep(100 + 40 * round);
		assert.equal((await bob.api.delete(`/conversations/${id}/members/${victim.id}`)).status, 403);
		assert.equal((await ann.api.delete(`/conversations/${id}/members/${victim.id}`)).status, 204);
		await sleep(400);
		flood = false;
		await flooding;
		const log = await allEvents(ann.api, `/conversations/${id}/events`);
		const cut = log.find((e) => e.type === 'member.removed').seq;
		assert.ok(log.at(-1).seq > cut, 'there was something to leak');
		await single.expectEnd(5000);
		await mine.expectEvent('conversation.left', (e) => e.conversation_id === id);
		for (const [name, stream] of Object.entries({ mine, single, poll })) {
			const late = stream.events.filter((e) => (e.stream === `c:${id}`) && e.seq > cut);
			assert.deepEqual(late.map((e) => `${e.seq} ${e.type}`), [],
				`${name} heard what came after ${cut}`);
		}
		for (const path of ['', '/messages', '/events', '/members'])
			expectProblem(await victim.api.get(`/conversations/${id}${path}`), 404, 'not_found');
		/* The stream of everything goes on. */
		const other = await startConversation(ann, victim);
		const said = await say(ann, other, 'just us');
		const stream = mine.open ? mine : await openWebSocket(victim.api);
		await stream.expectEvent('message.posted', (e) => e.message.id === said.id);
		await stream.close();
		await poll.close();
	}
});

test('what is read while being removed never reaches beyond the removal', async () => {
	for (let round = 0; round < 8; round++) {
		const victim = await person(natter, 'victim');
		const id = await createGroup(ann, [victim]);
		let last = (await say(ann, id, 'start')).seq;
		const answers = [];
		const paths = [
			() => `/conversations/${id}/events?after=${Math.max(0, last - 3)}`,
			() => `/conversations/${id}/events?after=${Math.max(0, last - 1)}&wait=5`,
			() => `/conversations/${id}/messages?limit=3`,
			() => `/conversations/${id}`,
			() => '/conversations',
		];
		let reading = true;
		let flood = true;
		const reads = paths.map(async (path) => {
			while (reading)
				answers.push(await victim.api.get(path()));
		});
		const flooding = [0, 1].map(async (n) => {
			for (let i = 0; flood; i++)
				last = (await say(ann, id, `canary ${n}.${i}.`)).seq;
		});
		await sleep(150 + 20 * round);
		assert.equal((await ann.api.delete(`/conversations/${id}/members/${victim.id}`)).status, 204);
		await sleep(150);
		[reading, flood] = [false, false];
		await Promise.all([...reads, ...flooding]);
		const log = await allEvents(ann.api, `/conversations/${id}/events`);
		const cut = log.find((e) => e.type === 'member.removed').seq;
		const late = log.filter((e) => e.seq > cut && e.type === 'message.posted').map((e) => e.message.text);
		assert.ok(late.length > 0, 'there was something to leak');
		for (const answer of answers)
			for (const text of late)
				assert.ok(!answer.text.includes(text), `round ${round}: ${answer.asked} has ${text}, said after ${cut}`);
	}
});

test('who comes back hears again, from the return on', async () => {
	const guest = await person(natter, 'guest');
	const id = await createGroup(ann, [guest], { visibility: 'public' });
	const stream = await openWebSocket(guest.api);
	await guest.api.delete(`/conversations/${id}/members/${guest.id}`);
	await say(ann, id, 'unheard');
	await guest.api.post(`/conversations/${id}/members`, {});
	const said = await say(ann, id, 'heard');
	await stream.expectEvent('message.posted', (e) => e.message.id === said.id);
	assert.ok(stream.of('message.posted').every((e) => e.message.text !== 'unheard'));
	await stream.close();
});

test('a deleted group is silent', async () => {
	const guest = await person(natter, 'guest');
	const id = await createGroup(ann, [guest]);
	const stream = await openWebSocket(guest.api);
	const single = await openWebSocket(guest.api, `/conversations/${id}/events`);
	assert.equal((await ann.api.delete(`/conversations/${id}`)).status, 204);
	await stream.expectEvent('conversation.left', (e) => e.conversation_id === id);
	await single.expectEnd(5000);
	await stream.close();
});

test('who was disabled while pushd was away for long has no stream afterwards', async () => {
	const user = await person(natter, 'gone');
	const id = await startConversation(ann, user);
	const streams = [await openWebSocket(user.api), await openEventSource(user.api),
		await openWebSocket(user.api, `/conversations/${id}/events`)];
	const supervisor = natter.child.pid;
	const [pushd] = await natter.pids('pushd');
	natter.signal(supervisor, 'SIGSTOP');
	try {
		natter.signal(pushd, 'SIGKILL');
		await natter.cli(['user', 'disable', user.username]);
		await natter.sql('UPDATE events SET at_ms = at_ms - 11 * 60 * 1000');
	} finally {
		natter.signal(supervisor, 'SIGCONT');
	}
	for (const stream of streams)
		await stream.expectEnd(10_000);
	await say(ann, id, 'to nobody');
	for (const stream of streams)
		assert.deepEqual(stream.of('message.posted'), []);
});
