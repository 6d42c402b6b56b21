/*
 * A transaction that takes its event's row id early and commits late, while
 * others commit higher ids, and whose worker dies before it has told anybody:
 * the event has to reach those who listen all the same.
 *
 *	const counts = await late(natter, { seed });
 */

import { sleep, until } from '../support/instance.js';
import { createGroup, people } from '../support/people.js';
import { History, random } from './history.js';
import { expectNoViolation, judge, readLogs } from './oracle.js';
import { armed, callsOf, isStopped, whyNot } from './strace.js';
import { tap, tappedWebSocket } from './tap.js';
import { textOf } from './load.js';

const HEARD_MS = 5000;
/** Longer than pushd takes to look for rows. */
const AHEAD_MS = 1500;

class Late {
	constructor(natter, history, r) {
		Object.assign(this, { natter, history, random: r });
	}

	async prepare() {
		this.people = (await people(this.natter, 'ann', 'bob')).map((p) => tap(this.history, p));
		[this.ann, this.bob] = this.people;
		this.ids = [];
		for (let i = 0; i < 2; i++) {
			const id = await createGroup(this.ann, [this.bob]);
			this.history.create(id, this.people);
			this.ids.push(id);
		}
		this.stream = await tappedWebSocket(this.bob.api, '/events', { hello: 'anytime' });
	}

	async post(id) {
		const key = this.random.key();
		const text = textOf(key, 20);
		const operation = this.history.begin(this.ann.id, 'post', { conversation: id, key, text });
		const answer = await this.history.surely(operation, (how) => this.ann.api.post(
			`/conversations/${id}/messages`, { text, client_id: key }, how));
		return { key, ...answer.body };
	}

	edit(message) {
		const text = `${message.key} ${this.random.key()} edited`;
		const operation = this.history.begin(this.ann.id, 'edit',
			{ conversation: message.conversation_id, key: message.key, text });
		return this.history.attempt(operation, (how) =>
			this.ann.api.patch(`/messages/${message.id}`, { text }, how));
	}

	/** How many statements an edit sends before COMMIT.  The request that is watched
	 * may be another one, which has none: then once more. */
	async beforeCommit(pids, message) {
		for (let tries = 0; tries < 5; tries++) {
			const calls = await callsOf(pids, () => this.edit(message));
			const before = calls.filter((c) => c.name === 'sendto')
				.findIndex((c) => c.text.includes('COMMIT'));
			if (before > 0)
				return before;
		}
		throw new Error('no edit with a COMMIT was seen');
	}

	/** A worker that is stopped after its last statement before COMMIT. A worker that
	 * sends more, because it has yet to prepare a statement, stops too early or not
	 * at all: then another is tried. */
	async stopAtCommit(pids) {
		const commit = await this.beforeCommit(pids, await this.post(this.ids[0]));
		const message = await this.post(this.ids[0]);
		const brake = await armed(pids, { name: 'sendto', nth: commit }, 'SIGSTOP');
		const editing = this.edit(message);
		let done = false;
		editing.finally(() => done = true);
		await until('the worker stopped, or the edit is done', () =>
			done || pids.some(isStopped));
		await brake.end();
		return { message, editing, stopped: pids.find(isStopped) };
	}

	/** Whether the edit was committed, late, by a worker that told nobody. */
	async commitLate() {
		const pids = await this.natter.pids('app');
		const { message, editing, stopped } = await this.stopAtCommit(pids);
		if (stopped === undefined)
			return false;
		for (const end = performance.now() + AHEAD_MS; performance.now() < end;) {
			await this.post(this.ids[1]);
			await sleep(100);
		}
		/* COMMIT goes out, the word to pushd does not. */
		const knife = await armed([stopped], { name: 'sendto', nth: 2 });
		this.natter.signal(stopped, 'SIGCONT');
		await editing;
		await knife.end();
		const { body } = await this.ann.api.get(`/messages/${message.id}`);
		this.edited = message;
		return body.edited_at !== null;
	}

	async round() {
		for (let tries = 0; !await this.commitLate(); tries++)
			if (tries === 10)
				throw new Error('no worker could be stopped before its COMMIT');
		const { id, conversation_id } = this.edited;
		try {
			await this.stream.expectEvent('message.edited', (e) => e.message.id === id,
				{ timeout: HEARD_MS });
		} catch (error) {
			this.history.violation(6, `c:${conversation_id}: an edit that was committed late is not `
				+ `heard in ${HEARD_MS} ms: ${error.message.slice(0, 150)}`);
		}
	}
}

export async function lateCommit(natter, { seed, rounds = 1 }) {
	const [pid] = await natter.pids('app');
	const why = await whyNot(pid);
	if (why !== null)
		return { skipped: why };
	const history = new History('late', seed);
	const scene = new Late(natter, history, random(seed));
	try {
		await scene.prepare();
		for (let i = 0; i < rounds; i++)
			await scene.round();
		const judgement = judge(history, await readLogs(scene.people, scene.ids));
		expectNoViolation(history, judgement);
		return { rounds, ...judgement.counts };
	} finally {
		await scene.stream?.close();
		history.close();
	}
}
