/*
 * More than the host can do: three times the requests that it answers, from
 * many addresses and from one, then a flood of sign-ins, with the real cost of a
 * password.
 *
 *	const counts = await overload(natter, { seed, long });
 *
 * What has to hold: nobody gets anything else than an answer or a 429 or 503
 * with Retry-After; who is answered is answered within a second; the health
 * endpoints go on answering; as much is answered as without the crowd; and when
 * it is gone, all is soon as before.  One address alone gets nobody else
 * refused.  Beside the sign-ins, messages are as fast as before, memory stays
 * within what the hashes may take, and the right password gets in.
 */

import assert from 'node:assert/strict';
import { Client } from '../support/http.js';
import { sleep, until } from '../support/instance.js';
import { FRUGAL, memory } from '../support/memory.js';
import { createGroup, PASSWORD, people } from '../support/people.js';
import { ANSWERED_MS, bytesOf, everyday, flood, HARM_MS } from './flood.js';

const BACK_S = 10;
/** Enough to keep all workers at it. */
const CLIENTS = 24;
/** Of the rate at once; the generator takes its part of the same processors. */
const KEPT = 0.6;
const TRIES = 3;
const OTHERS_PER_S = 100;
const SIGN_INS_PER_S = 100;
/** What a hash takes is 32 MiB. */
const HASHING_KB = 64 * 1024;
/** Ours is one of them. */
const ADDRESSES = Array.from({ length: 10 }, (_, i) => `127.0.0.${i + 1}`);

/** The product's own bounds, where the tests have others. */
export const OVERLOAD_ENVIRONMENT = {
	NATTER_INSTANCE_WORKERS: '12',
	NATTER_INSTANCE_QUEUE: '150',
	NATTER_LIMITS_CONNECTIONS: '500',
	NATTER_LIMITS_SIGN_IN_ACCOUNT: '60',
	NATTER_LIMITS_SIGN_IN_ADDRESS: '30',
	NATTER_PASSWORD_LOG2_N: '15',
	NATTER_PASSWORD_P: '3',
	...FRUGAL,
};

/** Nothing but answers and polite refusals. */
function expectPolite(figures, what) {
	for (const [name, { wrong }] of Object.entries(figures))
		assert.deepEqual(wrong, {}, `${what}: ${name} got other answers than 2xx, 429 and 503`);
}

/** Ask again and again, as a monitor does: [ms], all of them 200. */
async function watch(natter, page, running) {
	const client = new Client(natter, { check: false });
	const took = [];
	while (running()) {
		const answer = await client.page(page, { timeout: 5000, fresh: true });
		assert.equal(answer.status, 200, `${page} under load: ${answer.status} ${answer.text}`);
		took.push(answer.ms);
		await sleep(100);
	}
	return took;
}

async function whileFlooding(natter, options) {
	let running = true;
	const watching = ['healthz', 'readyz'].map((page) => watch(natter, page, () => running));
	const figures = await flood(natter, options).finally(() => running = false);
	return { figures, health: Math.round(Math.max(...(await Promise.all(watching)).flat())) };
}

/** Seconds until nobody is refused any more and all is as fast as before. */
async function comeBack(natter, requests, calm, rate) {
	const began = performance.now();
	const limit = Math.max(3 * calm.all.p99, HARM_MS);
	for (;;) {
		const { all } = await flood(natter, { requests, rate, seconds: 0.5 });
		const seconds = (performance.now() - began) / 1000;
		if (all.taken === all.sent && all.p99 <= limit)
			return Math.round(seconds * 10) / 10;
		assert.ok(seconds < BACK_S, `${BACK_S} s after the flood: ${JSON.stringify(all)}`);
	}
}

/** More than it can do; again when somebody else has had the processors. */
async function crowd(natter, scene, times) {
	const { requests, seed, seconds, can } = scene;
	for (let i = 1;; i++) {
		const { figures, health } = await whileFlooding(natter, { requests, seed: seed + i, seconds,
			addresses: ADDRESSES, rate: times * can.all.per_s });
		expectPolite(figures, `${times} times the load`);
		const { all } = figures;
		const own = Math.max(0, all.p99 - all.lag_p99);
		if (i < TRIES && (own > ANSWERED_MS || all.per_s < KEPT * Math.min(times, 1) * can.all.per_s))
			continue;
		const back = await comeBack(natter, requests, scene.calm, 0.2 * can.all.per_s);
		const told = { times, taken_per_s: all.per_s, p99: all.p99, late_p99: all.lag_p99,
			refused: all.refused, refused_p99: all.refused_p99, health_worst: health,
			back_s: back, tries: i };
		assert.ok(own <= ANSWERED_MS, `who is answered waits: ${JSON.stringify(told)}`);
		assert.ok(all.per_s >= KEPT * Math.min(times, 1) * can.all.per_s,
			`the crowd keeps it from working: ${JSON.stringify(told)}`);
		if (times >= 3)
			assert.ok(all.refused > 0, `no crowd at all: ${JSON.stringify(told)}`);
		return told;
	}
}

/** As much as that, from one address, and the others from another. */
async function alone(natter, { requests, seed, seconds, can, calm }) {
	const [{ all: one }, { all }] = await Promise.all([
		flood(natter, { requests, seed, seconds, addresses: ['127.0.0.99'], rate: 3 * can.all.per_s }),
		flood(natter, { requests, seed, seconds, rate: OTHERS_PER_S })]);
	const told = { one_taken_per_s: one.per_s, one_refused: one.refused, one_p99: one.p99,
		others_p99: all.p99, others_before: calm.all.p99 };
	assert.deepEqual([all.wrong, all.refused], [{}, 0], `one keeps others out: ${JSON.stringify(all)}`);
	assert.deepEqual(one.wrong, {});
	assert.ok(one.refused > 0, `no crowd at all: ${JSON.stringify(told)}`);
	assert.ok(all.p99 - all.lag_p99 <= ANSWERED_MS, `others wait for one: ${JSON.stringify(told)}`);
	return told;
}

/** The most memory that a process of a role had while that went on, on average. */
async function peakOf(natter, role, running) {
	let most = 0;
	while (running()) {
		const pids = await natter.pids(role);
		most = Math.max(most, memory(pids) / pids.length || 0);
		await sleep(300);
	}
	return Math.round(most);
}

/** Tries until whoever has a session is in again: no limit that strangers use up
 * keeps him out, only a full queue. */
async function signInFromInside(inside, user) {
	let tries = 0;
	await until('the owner gets in, from inside', async () => {
		const answer = await inside.post('/session', { username: user.username, password: PASSWORD });
		tries++;
		assert.ok([201, 503].includes(answer.status), answer.text);
		return answer.status === 201;
	}, { timeout: BACK_S * 1000, every: 20 });
	return tries;
}

/** Names that exist, names that do not, wrong passwords, from many addresses that lie. */
async function signIns(natter, scene) {
	const { requests, seed, seconds, people: [victim] } = scene;
	const inside = await victim.signIn();
	const tries = (names) => names.map((username, i) => bytesOf(natter, 'POST', '/session', {
		body: { username, password: 'not the right one' },
		headers: { Origin: natter.origin, 'X-Forwarded-For': `10.0.0.${i % 250}` } }));
	const rate = 0.15 * scene.can.all.per_s;
	const calm = await flood(natter, { requests, rate, seconds, seed });
	let over = false;
	const running = () => !over;
	const [door, beside, peak, insideTries] = await Promise.all([
		flood(natter, { rate: SIGN_INS_PER_S, seconds, seed, addresses: ADDRESSES, requests: [
			{ name: 'known', share: 0.5, status: '401', variants: tries([victim.username]) },
			{ name: 'unknown', share: 0.5, status: '401', variants: tries(
				Array.from({ length: 250 }, (_, i) => `nobody-${i}`)) }] })
			.finally(() => over = true),
		flood(natter, { requests, rate, seconds, seed }),
		peakOf(natter, 'auth', running),
		signInFromInside(inside, victim)]);
	const outside = new Client(natter, { browser: true });
	const began = performance.now();
	await until('the right password gets in', async () => (await outside.post('/session',
		{ username: victim.username, password: PASSWORD })).status === 201,
	{ timeout: BACK_S * 1000, every: 100 });
	const told = { sign_ins: door.all.sent, hashed: door.all.taken, refused: door.all.refused,
		refused_p99: door.all.refused_p99, hashed_p99: door.all.p99,
		p99_before: calm.all.p99, p99_beside: beside.all.p99,
		auth_worker_mb: Math.round(peak / 1024), inside_tries: insideTries,
		in_after_s: Math.round(performance.now() - began) / 1000 };
	expectPolite(door, 'sign-ins');
	expectPolite({ all: beside.all }, 'messages beside sign-ins');
	const text = JSON.stringify(told);
	assert.equal(beside.all.refused, 0, `messages were refused: ${text}`);
	assert.ok(beside.all.p99 <= Math.max(2 * calm.all.p99, HARM_MS), `messages wait: ${text}`);
	assert.ok(door.all.refused > door.all.taken, `most of a flood is refused: ${text}`);
	assert.ok(peak < HASHING_KB, `memory of a worker: ${text}`);
	return told;
}

export async function overload(natter, { seed, long = false }) {
	const members = await people(natter, 'ann', 'bob', 'eve', 'joe');
	const places = [];
	for (const person of members)
		places.push([person, await createGroup(person, members.filter((other) => other !== person))]);
	const requests = everyday(natter, places);
	const scene = { people: members, requests, seed, seconds: long ? 10 : 2.5 };
	await flood(natter, { requests, clients: CLIENTS, seconds: 1 });
	scene.can = await flood(natter, { requests, clients: CLIENTS, seconds: long ? 8 : 2 });
	expectPolite(scene.can, 'as much as it can');
	scene.calm = await flood(natter, { requests, rate: 0.2 * scene.can.all.per_s, seconds: 1 });
	const crowds = [];
	for (const times of long ? [0.5, 1, 2, 3, 5] : [3])
		crowds.push(await crowd(natter, scene, times));
	return { can_per_s: scene.can.all.per_s, calm_p99: scene.calm.all.p99, crowds,
		alone: await alone(natter, scene), flood: await signIns(natter, scene) };
}
