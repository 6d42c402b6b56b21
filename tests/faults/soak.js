/*
 * Day after day: thousands of requests of all kinds, right and wrong, and
 * streams that come and go, while memory is watched.
 *
 *	const counts = await soak(natter, { seed, seconds: 10 });
 *
 * A role must not keep 100 bytes of each request.  What it keeps is seen
 * between the second quarter, when all caches are warm, and the last.  The
 * database fills its buffer pool, which is bounded; its slope is printed and
 * not judged.
 */

import assert from 'node:assert/strict';
import { Client } from '../support/http.js';
import { FRUGAL, memory } from '../support/memory.js';
import { createGroup, people, say } from '../support/people.js';
import { openEventSource, openLines, openWebSocket } from '../support/stream.js';
import { bytesOf, everyday, flood } from './flood.js';
import { random } from './history.js';

const LEAK_BYTES = 100;
const SLICES = 12;
const CLIENTS = 6;
const ROLES = ['nginx', 'push', 'pushd', 'app', 'auth', 'db'];
const JUDGED = ROLES.filter((role) => role !== 'db');

export const SOAK_ENVIRONMENT = { NATTER_INSTANCE_WORKERS: '4', ...FRUGAL };

/** What is refused leaks as easily as what is answered. */
function wrong(natter, token, id) {
	const asked = (status, share, ...words) => ({ name: words[1], share, status,
		variants: [bytesOf(natter, ...words)] });
	return [
		asked('400', 0.03, 'POST', `/conversations/${id}/messages`, { token, body: '{"text":' }),
		asked('404', 0.03, 'GET', '/conversations/999999999', { token }),
		asked('401', 0.03, 'GET', '/me/events', { token: 'natter_' + 'x'.repeat(43) }),
		asked('401', 0.01, 'POST', '/session', { body: { username: 'nobody', password: 'not right' },
			headers: { Origin: natter.origin } }),
	];
}

class Churn {
	constructor(talker, listener, id, seed) {
		Object.assign(this, { talker, listener, id, random: random(seed), streams: 0 });
	}

	async run(running) {
		while (running()) {
			const open = this.random.pick([openWebSocket, openEventSource, openLines]);
			const path = this.random.pick(['/events', `/conversations/${this.id}/events`]);
			const stream = await open(this.listener.api, path, { hello: 'anytime' });
			const said = await say(this.talker, this.id, 'to a stream');
			await stream.expectEvent('message.posted', (e) => e.message.id === said.id);
			await stream.close();
			this.streams++;
		}
	}
}

/** Least squares: by how much y grows with x. */
function slope(points) {
	const mean = (at) => points.reduce((sum, point) => sum + point[at], 0) / points.length;
	const [x, y] = [mean(0), mean(1)];
	return points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0)
		/ points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}

const quarter = (samples, n, role) => {
	const part = samples.slice((n - 1) * SLICES / 4, n * SLICES / 4);
	return part.reduce((sum, sample) => sum + sample.kb[role], 0) / part.length;
};

function judge(samples) {
	const told = {};
	const half = samples.at(-1).requests - samples[SLICES / 2 - 1].requests;
	const warm = samples.slice(SLICES / 4);
	const round = (n) => Math.round(n * 100) / 100;
	for (const role of ROLES)
		told[role] = { mb: round(samples.at(-1).kb[role] / 1024),
			mb_per_hour: round(slope(warm.map((s) => [s.seconds / 3600, s.kb[role] / 1024]))),
			kb_per_1000: round(slope(warm.map((s) => [s.requests / 1000, s.kb[role]]))),
			bytes_each: round((quarter(samples, 4, role) - quarter(samples, 2, role)) * 1024 / half) };
	for (const role of JUDGED)
		assert.ok(told[role].bytes_each < LEAK_BYTES, `${role} keeps ${told[role].bytes_each} bytes of`
			+ ` each request: ${JSON.stringify(told)}`);
	return told;
}

export async function soak(natter, { seed, seconds }) {
	const [ann, bob, eve] = await people(natter, 'ann', 'bob', 'eve');
	const id = await createGroup(ann, [bob, eve]);
	const requests = [...wrong(natter, ann.token, id), ...everyday(natter, [[ann, id], [bob, id]])
		.map((request) => ({ ...request, share: request.share * 0.9 }))];
	const churn = new Churn(ann, eve, id, seed);
	const pids = await Promise.all(ROLES.map((role) => natter.pids(role)));
	const kb = () => Object.fromEntries(ROLES.map((role, i) => [role, memory(pids[i])]));
	const samples = [];
	const began = performance.now();
	let running = true, asked = 0;
	const churning = churn.run(() => running).catch((error) => error);
	for (let i = 0; i < SLICES; i++) {
		const { all } = await flood(natter, { requests, clients: CLIENTS, seconds: seconds / SLICES,
			seed: seed + i });
		assert.deepEqual([all.wrong, all.refused], [{}, 0], JSON.stringify(all));
		asked += all.taken;
		samples.push({ seconds: (performance.now() - began) / 1000,
			requests: asked + churn.streams * 2, kb: kb() });
	}
	running = false;
	assert.equal(await churning, undefined);
	return { requests: asked, streams: churn.streams, ...judge(samples) };
}
