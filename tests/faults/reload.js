/*
 * Reloads, and workers that are told to end, under 500 requests a second on
 * kept connections: no request fails, streams come back by themselves.
 *
 *	const counts = await reload({ seed, long });
 *
 * nginx closes an idle connection when it is reloaded, and a request may be on
 * its way there already.  Nobody has taken it then, so a client repeats it on
 * another connection (RFC 9110, 9.2.2; a send has its key).  These are counted;
 * whatever else goes wrong is a failure.
 */

import assert from 'node:assert/strict';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { sleep, startInstance, until } from '../support/instance.js';
import { createGroup, people } from '../support/people.js';
import { Replica } from '../support/replica.js';
import { History, now, random } from './history.js';
import { textOf } from './load.js';
import { converge, expectNoViolation, judge, readLogs } from './oracle.js';
import { tap, tappedEventSource, tappedWebSocket } from './tap.js';

const RATE = 500;
const CONNECTIONS = 40;
const SENDS = 0.35;
const USERS = 6;
const WORKERS = 12;
/** A stream that ends comes back after a moment, and catches up. */
const BACK_MS = 5000;
const CONVERGE_MS = 15_000;

const RENEWING = ['reload', 'settings', 'push'];
const LOGS = ['access.log', 'nginx.log', 'app.log', 'auth.log', 'pushd.log', 'push.log'];

/** What is done under load, and how often. */
const DEEDS = { short: { reload: 5, settings: 3, push: 2, refused: 1, term: 5 },
	long: { reload: 110, settings: 60, push: 30, refused: 10, term: 60 } };

/** Connections that are kept for the next request. */
class Kept {
	constructor(natter) {
		this.natter = natter;
		this.agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
		this.closed_idle = 0;
	}

	async ask(person, method, path, body) {
		try {
			return await this.once(person, method, path, body);
		} catch (error) {
			if (!error.unanswered)
				throw error;
			this.closed_idle++;
			return this.once(person, method, path, body, { agent: false });
		}
	}

	once(person, method, path, body, more = { agent: this.agent }) {
		const data = body === undefined ? null : JSON.stringify(body);
		const headers = { ...person.api.credentials(), ...data !== null && {
			'content-type': 'application/json', 'content-length': Buffer.byteLength(data) } };
		return new Promise((done, fail) => {
			const request = http.request({ host: '127.0.0.1', port: this.natter.port, method,
				path: person.api.address(path), headers, ...more }, (response) => {
				let text = '';
				response.setEncoding('utf8');
				response.on('data', (chunk) => text += chunk);
				response.on('error', fail);
				response.on('end', () => done({ status: response.statusCode,
					headers: response.headers, text, body: text === '' ? null : JSON.parse(text),
					asked: `${method} ${path}` }));
			});
			request.on('error', (error) => {
				/* Nothing came back on a connection that was idle before. */
				error.unanswered = request.reusedSocket
					&& ['ECONNRESET', 'EPIPE'].includes(error.code);
				fail(error);
			});
			request.end(data);
		});
	}

	close() {
		this.agent.destroy();
	}
}

class Scene {
	constructor(natter, history, r) {
		Object.assign(this, { natter, history, random: r, kept: new Kept(natter) });
		this.counts = { requests: 0, slowest_ms: 0, polls: 0, opened: 0, not_opened: 0 };
		this.pending = new Set();
	}

	async prepare() {
		this.people = (await people(this.natter, ...Array.from({ length: USERS }, () => 'r')))
			.map((person) => tap(this.history, person));
		this.ids = [];
		for (let i = 0; i < 4; i++) {
			const members = this.people.filter((_, n) => (n + i) % 3 !== 0);
			const id = await createGroup(members[0], members.slice(1));
			this.history.create(id, members);
			this.ids.push({ id, members });
		}
		this.followers = this.people.map((person, i) => {
			const follower = new Replica(person,
				{ open: i % 2 ? tappedEventSource : tappedWebSocket });
			follower.faults = true;
			return follower;
		});
		await Promise.all(this.followers.map((follower) => follower.start()));
	}

	run() {
		this.running = true;
		this.asking = this.askAll();
		this.others = [...this.ids.map((talk) => this.poll(talk)), this.openAgain()];
	}

	async askAll() {
		const began = now();
		for (let n = 0; this.running; n++) {
			const wait = 1000 * n / RATE - (now() - began);
			if (wait > 1)
				await sleep(wait);
			const asked = this.one().finally(() => this.pending.delete(asked));
			this.pending.add(asked);
		}
		this.counts.per_second = Math.round(1000 * this.counts.requests / (now() - began));
	}

	async one() {
		const { id, members } = this.random.pick(this.ids);
		const person = this.random.pick(members);
		const began = now();
		if (this.random.chance(SENDS)) {
			await this.say(person, id);
		} else {
			const path = this.random.pick(['/me', '/conversations', `/conversations/${id}`,
				`/conversations/${id}/messages?limit=20`, '/sync', '/site', '/users']);
			await this.expect(this.kept.ask(person, 'GET', path), path).catch(() => {});
		}
		this.counts.requests++;
		this.counts.slowest_ms = Math.max(this.counts.slowest_ms, Math.round(now() - began));
	}

	async say(person, id) {
		const key = this.random.key();
		const text = textOf(key, 30);
		const operation = this.history.begin(person.id, 'post', { conversation: id, key, text });
		const answer = await this.history.attempt(operation, () => this.expect(this.kept.ask(person,
			'POST', `/conversations/${id}/messages`, { text, client_id: key }), 'a send'));
		return { text, number: answer?.body?.number };
	}

	async expect(asked, what) {
		try {
			const answer = await asked;
			if (answer.status < 200 || answer.status > 299)
				this.failed(`${what}: ${answer.status} ${answer.text}`);
			return answer;
		} catch (error) {
			this.failed(`${what}: ${error.message}`);
			throw error;
		}
	}

	failed(what) {
		this.history.violation('request', `${this.deed}: ${what}`);
	}

	/** Someone who follows one conversation by long-polls. */
	async poll({ id, members }) {
		let after = 0;
		while (this.running) {
			const path = `/conversations/${id}/events?after=${after}&wait=2`;
			const answer = await this.expect(this.kept.ask(members[0], 'GET', path), 'a poll')
				.catch(() => null);
			this.counts.polls++;
			for (const event of answer?.body?.items ?? []) {
				if (event.seq !== after + 1)
					this.failed(`a poll after ${after} gave ${event.seq}`);
				after = event.seq;
			}
		}
	}

	/** Someone who opens a stream, and another one.  One that is refused comes
	 * again, as clients do. */
	async openAgain() {
		while (this.running) {
			try {
				const stream = await tappedWebSocket(this.people[0].api);
				stream.close();
				this.counts.opened++;
			} catch (error) {
				this.counts.not_opened++;
				if (error.status !== undefined && error.status !== 503)
					this.failed(`a stream: ${error.message}`);
			}
			await sleep(20);
		}
	}

	async pids() {
		const all = {};
		for (const { role, pid, master } of await this.natter.ps())
			if (!master)
				(all[role] ??= new Set()).add(pid);
		return all;
	}

	async deeds() {
		const settings = join(this.natter.var, 'natter.conf');
		return {
			reload: () => this.natter.cli(['reload']),
			push: () => this.natter.cli(['reload', '--push']),
			settings: async () => {
				const name = `Natter ${this.random.below(1e6)}`;
				writeFileSync(settings, `[site]\nname = ${name}\n`);
				for (const log of LOGS)
					renameSync(join(this.natter.var, 'log', log),
						join(this.natter.var, 'log', `${log}.1`));
				await this.natter.cli(['reload']);
				const { body } = await this.people[0].api.get('/site');
				assert.equal(body.name, name, 'what was set is in effect');
				await until('new logs', () => LOGS.every((log) =>
					existsSync(join(this.natter.var, 'log', log))));
			},
			refused: async () => {
				const file = join(this.natter.var, 'nginx.d/wrong.conf');
				writeFileSync(file, 'wrong;\n');
				const before = await this.pids();
				await assert.rejects(this.natter.cli(['reload']), /unknown directive "wrong"/);
				writeFileSync(file, '');
				assert.deepEqual(await this.pids(), before, 'all stays as it was');
			},
			term: async () => {
				const [pid] = await this.natter.pids('app');
				this.natter.signal(pid, 'SIGTERM');
				await until('another worker', async () => {
					const pids = await this.natter.pids('app');
					return pids.length === WORKERS && !pids.includes(pid);
				}, { every: 20 });
			},
		};
	}

	/** One deed, and then everybody hears what is said. */
	async perform(name, deed) {
		const before = await this.pids();
		this.deed = name;
		this.history.fault(name, 'begins');
		await deed();
		this.history.fault(name, 'is over');
		if (RENEWING.includes(name)) {
			const after = await until('one push worker', async () => {
				const pids = await this.pids();
				return pids.push?.size === 1 && pids;
			});
			const renewed = ['app', 'auth', 'pushd', ...name === 'push' ? ['push'] : []];
			for (const role of renewed)
				assert.ok([...after[role]].every((pid) => !before[role].has(pid)), `${role} is new`);
			if (name !== 'push')
				assert.deepEqual(after.push, before.push, 'streams stay where they are');
			assert.equal(after.app.size, WORKERS);
		}
		const began = now();
		const { id, members } = this.ids[0];
		const { text, number } = await this.say(members[0], id);
		const followers = this.followers.filter(({ person }) => members.includes(person));
		await until('everybody has heard it', () => followers.every((follower) =>
			follower.conversations.get(id)?.messages.get(number)?.text === text),
		{ timeout: BACK_MS, every: 10 });
		this.counts.heard_ms = Math.max(this.counts.heard_ms ?? 0, Math.round(now() - began));
	}

	async end() {
		this.running = false;
		await this.asking;
		await Promise.all([...this.pending, ...this.others]);
		await converge(this.history, this.followers, CONVERGE_MS);
		const judgement = judge(this.history,
			await readLogs(this.people, this.ids.map(({ id }) => id)));
		expectNoViolation(this.history, judgement);
		return judgement.counts;
	}

	async stop() {
		this.running = false;
		await Promise.all(this.followers?.map((f) => f.stop().catch(() => {})) ?? []);
		this.kept.close();
		this.history.close();
	}
}

export async function reload({ seed, long = false }) {
	const r = random(seed ^ 0x1f83d9ab);
	const counts = DEEDS[long ? 'long' : 'short'];
	const order = Object.entries(counts).flatMap(([name, n]) => Array.from({ length: n }, () => name))
		.map((name) => [r.next(), name]).sort(([a], [b]) => a - b).map(([, name]) => name);
	const natter = await startInstance({ env: { NATTER_INSTANCE_WORKERS: String(WORKERS) } });
	const scene = new Scene(natter, new History('reload', seed), r);
	try {
		await scene.prepare();
		const deeds = await scene.deeds();
		scene.run();
		for (const name of order) {
			await sleep(200 + 600 * r.next());
			await scene.perform(name, deeds[name]);
		}
		const judged = await scene.end();
		return { reloads: order.filter((name) => RENEWING.includes(name)).length, terminated: counts.term,
			...scene.counts, closed_idle: scene.kept.closed_idle,
			reconnects: scene.followers.reduce((sum, f) => sum + f.counts.connects, 0),
			messages: judged.messages, events_heard: judged.events_heard };
	} finally {
		await scene.stop();
		await natter.stop();
	}
}
