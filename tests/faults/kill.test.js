/*
 * kill -9 of each part, and of everything at once, while people write.
 *
 * Writers give every message a client_id and repeat what had an unknown
 * outcome (no answer, 5xx) until it is answered. Afterwards the oracle says:
 * every acknowledged message is there exactly once, at the place its answer
 * named; nothing else is there; numbers and seqs have no gap; all members read
 * the same order; a message that was answered before another was sent stands
 * before it; and the state that each follower built from events equals a fresh
 * load within 10 s.
 */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { sleep, startInstance, until } from '../support/instance.js';
import { allEvents, allMessages, createGroup, people } from '../support/people.js';
import { openEventSource, openWebSocket, Replica } from '../support/replica.js';

const WRITERS = 4;
const CONVERGE_MS = 10_000;

let natter;

before(async () => {
	natter = await startInstance();
});
after(() => natter?.stop());

/** Send one message until the outcome is known. */
async function sendSurely(writer, id, text, history) {
	const client_id = randomUUID();
	const entry = { writer: writer.id, text, client_id, sent_at: performance.now(), tries: 0 };
	history.push(entry);
	for (;;) {
		entry.tries++;
		let answer = null;
		try {
			answer = await writer.api.post(`/conversations/${id}/messages`, { text, client_id },
				{ timeout: 5000, check: false });
		} catch {
			/* no answer: unknown */
		}
		if (answer?.status === 201 || answer?.status === 200) {
			entry.answered_at = performance.now();
			entry.answer = answer.body;
			return;
		}
		if (answer !== null && answer.status < 500)
			throw new Error(`refused: ${answer.status} ${answer.text}`);
		if (answer?.status === 503)
			assert.match(answer.headers['retry-after'] ?? '', /^[1-9]\d*$/, '503 names a time');
		await sleep(50 + Math.random() * 150);
	}
}

/** The log of a conversation against what the writers know of it. */
async function oracle(members, id, history) {
	const logs = await Promise.all(members.map((member) => allMessages(member.api, id)));
	const [log] = logs;
	assert.deepEqual(log.map((m) => m.number), log.map((_, i) => i + 1), 'numbers without a gap');
	for (const other of logs)
		assert.deepEqual(other.map((m) => [m.id, m.number, m.seq, m.text]),
			log.map((m) => [m.id, m.number, m.seq, m.text]), 'the same order for all');
	const events = await allEvents(members[0].api, `/conversations/${id}/events`);
	assert.deepEqual(events.map((e) => e.seq), events.map((_, i) => i + 1), 'seqs without a gap');
	assert.deepEqual(events.filter((e) => e.type === 'message.posted').map((e) => [e.seq, e.message.id]),
		log.map((m) => [m.seq, m.id]), 'an event for each message');
	const found = new Map();
	for (const message of log) {
		assert.ok(!found.has(message.text), `twice: ${message.text}`);
		found.set(message.text, message);
	}
	assert.equal(log.length, history.length, 'nothing else is there');
	for (const entry of history) {
		const kept = found.get(entry.text);
		assert.ok(kept !== undefined, `lost: ${JSON.stringify(entry)}`);
		assert.deepEqual([kept.id, kept.number, kept.seq, kept.author.id],
			[entry.answer.id, entry.answer.number, entry.answer.seq, entry.writer],
			'the answer named its place');
		entry.seq = kept.seq;
	}
	const byAnswer = [...history].sort((a, b) => a.answered_at - b.answered_at);
	const bySend = [...history].sort((a, b) => a.sent_at - b.sent_at);
	let highest = 0;
	let i = 0;
	for (const entry of bySend) {
		for (; i < byAnswer.length && byAnswer[i].answered_at < entry.sent_at; i++)
			highest = Math.max(highest, byAnswer[i].seq);
		assert.ok(entry.seq > highest, 'answered before it was sent, stands before it');
	}
}

/**
 * People write and follow while `harm` happens; then everything has to be
 * right, and new messages have to arrive live again.
 */
async function survive(t, harm, { writing = 3000 } = {}) {
	const members = await people(natter, ...Array.from({ length: WRITERS }, () => 'w'));
	const id = await createGroup(members[0], members.slice(1));
	const followers = members.map((member, i) => {
		const replica = new Replica(member, { open: i % 2 ? openEventSource : openWebSocket });
		replica.faults = true;
		return replica;
	});
	const history = [];
	let harming = true;
	let converged;
	try {
		await Promise.all(followers.map((follower) => follower.start()));
		const started = performance.now();
		const writers = members.map(async (member, n) => {
			for (let i = 0; harming || performance.now() - started < writing; i++) {
				await sendSurely(member, id, `${n}.${i}`, history);
				await sleep(5);
			}
		});
		await sleep(400);
		await harm().finally(() => harming = false);
		await Promise.all(writers);
		const quiet = performance.now();
		await Promise.all(followers.map((follower) => follower.expectConverged(CONVERGE_MS)));
		converged = performance.now() - quiet;
		await oracle(members, id, history);
		const stream = await until('a stream opens again', () =>
			openWebSocket(members[0].api).catch(() => false));
		await sendSurely(members[1], id, 'live again', history);
		await stream.expectEvent('message.posted', (e) => e.message.text === 'live again',
			{ timeout: 10_000 });
		await stream.close();
	} finally {
		harming = false;
		await Promise.all(followers.map((follower) => follower.stop()));
	}
	const retried = history.filter((entry) => entry.tries > 1).length;
	const slowest = Math.max(...history.map((entry) => entry.answered_at - entry.sent_at));
	t.diagnostic(`${history.length} messages, ${retried} repeated, slowest ${Math.round(slowest)} ms, `
		+ `converged after ${Math.round(converged)} ms`);
	return { history, slowest };
}

/** kill -9 of the chosen processes; new ones have to take their place. */
async function kill(role, choose = () => true, { count = Infinity, timeout = 15_000 } = {}) {
	const before = await natter.ps();
	const victims = before.filter((p) => p.role === role && choose(p)).slice(0, count);
	assert.ok(victims.length > 0, `nobody to kill: ${role} in ${JSON.stringify(before)}`);
	/* A worker of nginx may die of its master's death before its turn. */
	const killed = victims.filter(({ pid }) => natter.signal(pid, 'SIGKILL'));
	assert.ok(killed.length > 0, 'nobody was killed');
	const dead = new Set(victims.map((v) => v.pid));
	await until(`${role} is there again`, async () => {
		const now = (await natter.ps()).filter((p) => p.role === role && !dead.has(p.pid));
		return now.length >= before.filter((p) => p.role === role).length;
	}, { timeout, every: 100 });
}

test('kill -9 of workers', async (t) => {
	const { slowest } = await survive(t, async () => {
		for (let i = 0; i < 4; i++) {
			await kill('app', () => true, { count: 1 + i % 3 });
			await sleep(100);
		}
	});
	assert.ok(slowest < 3000, 'the others went on');
});

test('kill -9 of pushd', (t) => survive(t, async () => {
	for (let i = 0; i < 3; i++) {
		await kill('pushd');
		await sleep(400);
	}
}));

test('kill -9 of the push nginx: its worker', (t) => survive(t, async () => {
	for (let i = 0; i < 3; i++) {
		await kill('push', (p) => !p.master);
		await sleep(400);
	}
}));

test('kill -9 of the push nginx: master and worker', (t) => survive(t, async () => {
	for (let i = 0; i < 2; i++) {
		await kill('push');
		await sleep(600);
	}
}));

test('kill -9 of the public nginx', (t) => survive(t, async () => {
	await kill('nginx', (p) => !p.master);
	await sleep(300);
	await kill('nginx');
}));

test('kill -9 of MariaDB', (t) => survive(t, async () => {
	for (let i = 0; i < 2; i++) {
		await kill('db', () => true, { timeout: 30_000 });
		await sleep(1000);
	}
}, { writing: 5000 }));

test('MariaDB away for a while: 503 with Retry-After, and no worker dies of it', (t) => survive(t, async () => {
	const workers = new Set(await natter.pids('app'));
	const [pid] = await natter.pids('db');
	natter.signal(pid, 'SIGSTOP');
	await sleep(3000);
	natter.signal(pid, 'SIGCONT');
	await sleep(500);
	const now = await natter.pids('app');
	assert.ok(now.every((one) => workers.has(one)), 'the same workers');
}));

test('kill -9 of everything, the supervisor too', (t) => survive(t, async () => {
	await natter.killAll();
	await natter.up({ timeout: 30_000 });
	await sleep(500);
}));
