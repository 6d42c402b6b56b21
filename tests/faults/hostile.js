/*
 * Connections that mean harm, all at once, while others go about their day:
 * 200 streams that are never read while much is said to them, readers that
 * read nothing, headers and bodies that come byte by byte, 2,000 connections
 * that say nothing, and 10,000 pings a second.
 *
 *	const counts = await hostile(natter, { seed, long, timed });
 *
 * What has to hold: the others are answered as fast as before and never
 * refused, no nginx dies, memory has a bound, and whoever neither reads nor
 * asks is cut off within a minute.  How fast the others are is judged only where
 * it is timed: not of servers with sanitizers, beside other tests.  A long run
 * does each by itself, too, and then all once more.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { FRUGAL, memory } from '../support/memory.js';
import { createGroup, people } from '../support/people.js';
import { openWebSocket } from '../support/stream.js';
import { startAttack } from './attack.js';
import { ANSWERED_MS, bytesOf, everyday, flood, HARM_MS } from './flood.js';

const CUT_OFF_MS = 60_000;
const OTHERS_PER_S = 100;
const POUR_PER_S = 120;
/** What may stay with each after the first time; after that it stays as it is.
 * The push server keeps its store of 64 MB, and what it needed beside. */
const KEPT_KB = { nginx: 24 * 1024, push: 160 * 1024, pushd: 8 * 1024, app: 24 * 1024 };
const AGAIN_KB = 16 * 1024;

const ATTACKS = { deafStreams: 200, deafReaders: 50, slowHeaders: 300, slowBodies: 300, idle: 2000,
	pings: 1 };
const ALONE = Object.entries({ ...ATTACKS, idle: 7000 }).map(([kind, count]) => ({ [kind]: count }));

/** Bytes that the server has for connections which do not take them. */
function stuck(port) {
	const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
	const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1).filter(Boolean)
		.map((line) => line.trim().split(/\s+/))
		.filter(([, from, , state]) => from.endsWith(local) && state === '01');
	const waiting = lines.map((words) => parseInt(words[4].split(':')[0], 16))
		.filter((bytes) => bytes > 50_000);
	return { connections: waiting.length,
		mb: Math.round(waiting.reduce((sum, bytes) => sum + bytes, 0) / 1e5) / 10 };
}

export const HOSTILE_ENVIRONMENT = { NATTER_INSTANCE_WORKERS: '12', ...FRUGAL };

class Scene {
	constructor(natter, seed) {
		Object.assign(this, { natter, seed });
	}

	async prepare() {
		const { natter } = this;
		this.others = await people(natter, 'ann', 'bob', 'eve');
		this.targets = await people(natter, 'v', 'w', 'x', 'y');
		this.requests = everyday(natter, await Promise.all(this.others.map(async (person) =>
			[person, await createGroup(person, this.others.filter((other) => other !== person))])));
		const [speaker] = this.targets;
		this.room = `/conversations/${await createGroup(speaker, this.targets.slice(1))}/messages`;
		this.pour = [{ name: 'pour', share: 1, variants: [bytesOf(natter, 'POST', this.room,
			{ token: speaker.token, body: { text: 'lorem ip '.repeat(90) } })] }];
		await flood(natter, { requests: [...this.requests, ...this.pour], clients: 8, seconds: 1 });
	}

	/** What the others get meanwhile, and what is said to the targets. */
	async look(seconds) {
		const [pouring, { all }] = await Promise.all([
			flood(this.natter, { requests: this.pour, rate: POUR_PER_S, seconds }),
			flood(this.natter, { requests: this.requests, rate: OTHERS_PER_S, seconds,
				seed: this.seed++ })]);
		assert.deepEqual([all.wrong, all.refused], [{}, 0], `others: ${JSON.stringify(all)}`);
		assert.deepEqual(pouring.all.wrong, {});
		return all;
	}

	/** The targets have all the streams that they may have. */
	start(kind, count) {
		return startAttack(this.natter, kind, { count,
			people: kind === 'pings' ? this.others : this.targets,
			about: `${this.room}?limit=200` });
	}

	async memory() {
		return Object.fromEntries(await Promise.all(['nginx', 'push', 'pushd', 'app'].map(
			async (role) => [role, memory(await this.natter.pids(role))])));
	}

	pids() {
		return Promise.all(['nginx', 'push', 'pushd'].map((role) => this.natter.pids(role)));
	}
}

/** As fast as with as many streams that are read. */
async function calm(scene, seconds) {
	const readers = await scene.start('streams', ATTACKS.deafStreams);
	const all = await scene.look(seconds);
	const told = await readers.end();
	assert.equal(told.open, ATTACKS.deafStreams);
	return all;
}

async function attack(scene, counts, seconds) {
	const attacks = [];
	for (const [kind, count] of Object.entries(counts))
		attacks.push([kind, await scene.start(kind, count)]);
	const began = performance.now();
	const told = { p99: [], worst: 0, stuck: 0, stuck_mb: 0 };
	for (let over = false; !over;) {
		const all = await scene.look(3);
		const { connections, mb } = stuck(scene.natter.port);
		const ms = performance.now() - began;
		told.p99.push(all.p99);
		told.worst = Math.max(told.worst, all.worst);
		told.stuck = Math.max(told.stuck, connections);
		told.stuck_mb = Math.max(told.stuck_mb, mb);
		assert.ok(ms < CUT_OFF_MS || connections === 0, `${connections} are open after ${ms} ms`);
		over = ms > seconds * 1000 && (told.stuck === 0 || connections === 0);
		told.cut_off_s = Math.round(ms / 1000);
	}
	const ends = await Promise.all(attacks.map(async ([kind, one]) => [kind, await one.end()]));
	told.closed_s = Object.fromEntries(ends.filter(([, end]) => end.open === 0)
		.map(([kind, end]) => [kind, Math.round(end.last_ms / 100) / 10]));
	told.refused = Object.assign({}, ...ends.map(([, end]) => end.refused));
	return told;
}

/** Most of the time as fast as before, and always fast enough. */
function expectUnharmed({ p99, worst }, before) {
	const middle = [...p99].sort((a, b) => a - b)[Math.floor(p99.length / 2)];
	const text = `others wait ${p99.join(', ')} ms, at worst ${worst}; before: ${before.p99}`;
	assert.ok(middle <= Math.max(2 * before.p99, HARM_MS), text);
	assert.ok(Math.max(...p99) <= ANSWERED_MS, text);
}

function expectCutOff(told, counts) {
	const text = JSON.stringify(told);
	if (counts.deafStreams)
		assert.ok(told.stuck >= 0.9 * counts.deafStreams, `nothing was stuck: ${text}`);
	for (const kind of ['idle', 'slowHeaders'])
		assert.ok(!counts[kind] || told.closed_s[kind] < CUT_OFF_MS / 1000, `${kind}: ${text}`);
	assert.deepEqual(told.refused, {}, text);
}

/** Memory is bounded, nobody died, and a new stream hears. */
async function expectWell(scene, pids) {
	const memoryNow = await scene.memory();
	for (const [role, kb] of Object.entries(memoryNow))
		assert.ok(kb <= scene.memoryMost[role], `${role} has ${kb} KB, ${JSON.stringify(memoryNow)}`
			+ ` of ${JSON.stringify(scene.memoryMost)}`);
	scene.memoryMost = Object.fromEntries(Object.entries(memoryNow).map(([role, kb]) =>
		[role, Math.min(scene.memoryMost[role], kb + AGAIN_KB)]));
	assert.deepEqual(await scene.pids(), pids, 'an nginx or pushd died');
	const stream = await openWebSocket(scene.targets[0].api);
	await flood(scene.natter, { requests: scene.pour, clients: 1, seconds: 0.1 });
	await stream.expectEvent('message.posted');
	await stream.close();
	return Object.fromEntries(Object.entries(memoryNow).map(([role, kb]) =>
		[role, Math.round(kb / 1024)]));
}

export async function hostile(natter, { seed, long = false, timed = false }) {
	const scene = new Scene(natter, seed);
	await scene.prepare();
	const before = await calm(scene, long ? 10 : 3);
	const pids = await scene.pids();
	scene.memoryMost = Object.fromEntries(Object.entries(await scene.memory()).map(([role, kb]) =>
		[role, kb + KEPT_KB[role]]));
	const rounds = [];
	for (const counts of long ? [ATTACKS, ...ALONE, ATTACKS] : [ATTACKS]) {
		const told = await attack(scene, counts, 12);
		rounds.push({ ...told, p99_calm: before.p99, memory_mb: await expectWell(scene, pids) });
		if (timed)
			expectUnharmed(told, before);
		expectCutOff(told, counts);
	}
	return { rounds };
}
