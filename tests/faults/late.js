/*
 * A transaction that takes its event's row id early and commits late, while
 * others commit higher ids, and whose worker dies before it has told anybody:
 * the event has to reach those who listen all the same.
 *
 *	const counts = await late(natter, { seed });
 */

import assert from 'node:assert/strict';
import { sleep } from '../support/instance.js';
import { createGroup, people } from '../support/people.js';
import { History, random } from './history.js';
import { expectNoViolation, judge, readLogs } from './oracle.js';
import { alone, armed, callsOf, whyNot } from './strace.js';
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

	/** An edit that hangs in a worker which is stopped after its last statement before COMMIT. */
	async stopAtCommit() {
		const pids = await this.natter.pids('app');
		const [pid] = pids;
		const [other, message] = [await this.post(this.ids[0]), await this.post(this.ids[0])];
		return alone(pid, pids, async () => {
			/* From here on its statements are prepared. */
			await this.edit(other);
			const calls = await callsOf(pid, () => this.edit(other));
			const nth = calls.filter((c) => c.name === 'sendto')
				.findIndex((c) => c.text.includes('COMMIT'));
			const brake = await armed(pid, { name: 'sendto', nth }, 'SIGSTOP');
			const editing = this.edit(message);
			await brake.stopped();
			await brake.end();
			return { pid, message, editing };
		});
	}

	/** A message whose edit was committed late, by a worker that told nobody. */
	async commitLate() {
		const { pid, message, editing } = await this.stopAtCommit();
		for (const end = performance.now() + AHEAD_MS; performance.now() < end;) {
			await this.post(this.ids[1]);
			await sleep(100);
		}
		/* COMMIT goes out, the word to pushd does not. */
		const knife = await armed(pid, { name: 'sendto', nth: 2 });
		this.natter.signal(pid, 'SIGCONT');
		await editing;
		assert.ok(await knife.end(), 'the worker died');
		const { body } = await this.ann.api.get(`/messages/${message.id}`);
		assert.notEqual(body.edited_at, null, 'the edit was committed');
		return message;
	}

	async round() {
		const { id, conversation_id } = await this.commitLate();
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
