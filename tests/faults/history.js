/*
 * What happened in a run, as the clients saw it, and nothing else: each
 * operation with its key and all its attempts, each event that was heard, each
 * answer that was read.  The oracle judges from this and from the logs that it
 * reads at the end.
 *
 *	const history = new History('load', 42);
 *	const operation = history.begin(ann.id, 'post', { key, conversation });
 *	await history.surely(operation, () => ann.api.post(...));
 *
 * Everything is written to build-test/torture/NAME-SEED.jsonl as it happens;
 * times are milliseconds of the monotonic clock.
 */

import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { root, sleep } from '../support/instance.js';

const ATTEMPT_MS = 8000;
const PAUSE_MS = 60;
const FLUSH_LINES = 200;

/** Message texts carry one of these, so that a leak shows in any byte. */
export const KEY = /k[0-9a-f]{20}/g;

export const now = () => performance.now();

/** Numbers from a seed: the same seed, the same schedule. */
export function random(seed) {
	let a = seed >>> 0;
	const next = () => {
		a = (a + 0x6d2b79f5) >>> 0;
		let t = Math.imul(a ^ a >>> 15, 1 | a);
		t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
		return ((t ^ t >>> 14) >>> 0) / 4294967296;
	};
	const below = (n) => Math.floor(next() * n);
	return { next, below, pick: (list) => list[below(list.length)],
		chance: (share) => next() < share,
		key: () => 'k' + Array.from({ length: 5 }, () =>
			below(65536).toString(16).padStart(4, '0')).join('') };
}

/** ok, refused or unknown: what a client may conclude from an answer. */
export function outcomeOf(answer) {
	if (answer === null || answer.status >= 500 || [408, 425, 429].includes(answer.status))
		return 'unknown';
	return answer.status < 300 ? 'ok' : 'refused';
}

export class History {
	constructor(name, seed) {
		const folder = join(root, 'build-test', 'torture');
		mkdirSync(folder, { recursive: true });
		this.file = join(folder, `${name}-${seed}.jsonl`);
		this.fd = openSync(this.file, 'w');
		this.lines = [];
		this.operations = [];
		this.created = new Map();	/* conversation -> its first members */
		this.heard = [];
		this.answers = [];
		this.violations = [];
		this.statuses = {};
		this.write({ run: name, seed });
	}

	write(record) {
		this.lines.push(JSON.stringify({ t: Math.round(now() * 1000) / 1000, ...record }));
		if (this.lines.length >= FLUSH_LINES)
			this.flush();
	}

	flush() {
		if (this.lines.length > 0)
			writeSync(this.fd, this.lines.join('\n') + '\n');
		this.lines = [];
	}

	close() {
		this.flush();
		closeSync(this.fd);
	}

	/** Something that must not be was seen at once, not by the logs. */
	violation(rule, what) {
		this.violations.push({ rule, what });
		this.write({ violation: rule, what });
	}

	fault(name, what) {
		this.write({ fault: name, what });
	}

	/** A conversation as it was made, before there were faults. */
	create(conversation, members) {
		this.created.set(conversation, new Set(members.map((member) => member.id)));
		this.write({ conversation, created_with: members.map((member) => member.id) });
	}

	begin(client, op, more) {
		const operation = { client, op, began: now(), attempts: [], outcome: 'unknown',
			...more };
		this.operations.push(operation);
		return operation;
	}

	/** One try; its answer, or null when there was none. */
	async attempt(operation, ask) {
		const attempt = { began: now(), outcome: 'unknown' };
		operation.attempts.push(attempt);
		this.write({ client: operation.client, op: operation.op, key: operation.key,
			conversation: operation.conversation, phase: 'begin' });
		let answer = null;
		try {
			answer = await ask({ timeout: ATTEMPT_MS, check: false });
		} catch (error) {
			attempt.error = error.code ?? error.message;
		}
		attempt.ended = now();
		attempt.outcome = outcomeOf(answer);
		attempt.status = answer?.status ?? 0;
		this.statuses[attempt.status] = (this.statuses[attempt.status] ?? 0) + 1;
		if (attempt.outcome === 'ok') {
			const { id, number, seq } = answer.body ?? {};
			attempt.answer = { id, number, seq };
		}
		this.write({ client: operation.client, op: operation.op, key: operation.key,
			conversation: operation.conversation, phase: attempt.outcome,
			status: attempt.status, error: attempt.error, ...attempt.answer });
		if (answer?.status === 503 && !/^[1-9]\d*$/.test(answer.headers['retry-after'] ?? ''))
			this.violation('503', `no Retry-After: ${answer.asked}`);
		if (answer?.status === 500)
			this.violation('500', `${answer.asked}: ${answer.text.slice(0, 200)}`);
		this.conclude(operation);
		return answer;
	}

	/** ok when any try was; refused only when all of them were. */
	conclude(operation) {
		const outcomes = operation.attempts.map((attempt) => attempt.outcome);
		operation.outcome = outcomes.includes('ok') ? 'ok'
			: outcomes.includes('unknown') ? 'unknown' : 'refused';
		operation.ended = operation.outcome === 'unknown' ? Infinity
			: operation.attempts.find((a) => a.outcome === operation.outcome).ended;
		/* A second try may be refused because the first had its way. */
		operation.settled = operation.attempts.at(-1).outcome === 'unknown' ? Infinity
			: operation.attempts.at(-1).ended;
	}

	/** Try with the same key until it is answered, or `give_up` says so. */
	async surely(operation, ask, giveUp = () => false) {
		for (;;) {
			const answer = await this.attempt(operation, ask);
			if (outcomeOf(answer) !== 'unknown' || giveUp())
				return answer;
			await sleep(PAUSE_MS * (1 + Math.random()));
		}
	}

	/** Bytes that came to a user by some road, at this moment; began: when they
	 * were asked for. */
	bytes(user, road, text, began = now()) {
		const keys = [...new Set(text.match(KEY) ?? [])];
		if (keys.length > 0)
			this.heard.push({ t: now(), began, user, road, keys });
		if (road.startsWith('stream'))
			this.frame(user, road, text);
	}

	frame(user, road, text) {
		const frame = JSON.parse(text);
		for (const event of Array.isArray(frame) ? frame : [frame]) {
			this.write({ user, road, heard: event.type, stream: event.stream,
				seq: event.seq, message: event.message?.id });
			this.heard.push({ t: now(), user, road, keys: [], event: {
				type: event.type, stream: event.stream, seq: event.seq,
				message_id: event.message?.id ?? event.message_id,
				conversation_id: event.conversation_id, user_id: event.user_id } });
		}
	}
}
