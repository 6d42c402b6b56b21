/*
 * The kill sweep: one request, killed at every system call of its worker, then
 * made again with the same key until it is answered.  It has to have happened
 * exactly once, wholly or not at all at every moment between, and to be heard
 * by those who listen.
 *
 *	const counts = await sweep(natter, { what: 'send', seed });
 */

import assert from 'node:assert/strict';
import { alive, sleep, until } from '../support/instance.js';
import { allEvents, allMessages, createGroup, people } from '../support/people.js';
import { History, random } from './history.js';
import { expectNoViolation, judge, readLogs } from './oracle.js';
import { alone, armed, callsOf, doingsOf, nameOf, whyNot } from './strace.js';
import { tap, tappedWebSocket } from './tap.js';
import { textOf } from './load.js';

/** An open stream hears of what has happened, though its worker died. */
const HEARD_MS = 5000;
const PUSHD_MS = 600;
const ADULT_MS = 1100;
/** So many that each has lived for a while before its turn to die. */
const WORKERS = 8;
/** So many violations tell what is wrong. */
const ENOUGH = 3;

export const SWEEP_ENVIRONMENT = { NATTER_INSTANCE_WORKERS: String(WORKERS) };

class Sweep {
	constructor(natter, history, r) {
		Object.assign(this, { natter, history, random: r });
		this.conversations = [];
		this.seen = [];
	}

	async prepare() {
		[this.ann, this.bob, this.cat] = (await people(this.natter, 'ann', 'bob', 'cat'))
			.map((person) => tap(this.history, person));
		this.people = [this.ann, this.bob, this.cat];
		this.id = await this.group([this.bob, this.cat]);
		await this.listen();
	}

	async group(members, more) {
		const id = await createGroup(this.ann, members, more);
		this.history.create(id, [this.ann, ...members]);
		this.conversations.push(id);
		return id;
	}

	async listen() {
		this.stream = await tappedWebSocket(this.bob.api, '/events', { hello: 'anytime' });
	}

	/** Whoever may be killed; all of them are there again. */
	async victims({ role = 'app' }) {
		return until(`all of ${role} are there`, async () => {
			const pids = await this.natter.pids(role);
			return pids.length === (role === 'app' ? WORKERS : 1) && pids;
		});
	}

	/** The one that was seen first: who dies young is started again only after a while. */
	oldest(pids) {
		this.seen = [...this.seen.filter((pid) => pids.includes(pid)),
			...pids.filter((pid) => !this.seen.includes(pid))];
		return this.seen[0];
	}

	surely(operation, ask) {
		return this.history.surely(operation, ask);
	}

	/** Bob hears the event, of which nobody may have told pushd. */
	async expectHeard(type, fits, what) {
		if (!this.stream.open)
			await this.listen();
		try {
			await this.stream.expectEvent(type, fits, { timeout: HEARD_MS });
		} catch (error) {
			this.history.violation(6, `${what}: not heard in ${HEARD_MS} ms: `
				+ error.message.slice(0, 200));
		}
	}

	/** What can be read at this moment is whole. */
	async expectWhole(id, what, reader = this.ann) {
		const half = await halfState(reader, id);
		if (half !== null)
			this.history.violation(2, `${what}: ${half}`);
	}
}

/** What does not fit together in a conversation, in words; or null. */
export async function halfState(reader, id) {
	const view = await until('the conversation can be read', async () => {
		const answer = await reader.api.get(`/conversations/${id}`).catch(() => null);
		return answer?.status === 200 && answer.body;
	});
	const messages = await allMessages(reader.api, id);
	const events = await allEvents(reader.api, `/conversations/${id}/events`);
	const members = (await reader.api.get(`/conversations/${id}/members`)).body.items;
	const posted = events.filter((e) => e.type === 'message.posted');
	const inside = new Set();
	for (const event of events)
		if (event.type === 'member.added')
			inside.add(event.user_id ?? event.user.id);
		else if (event.type === 'member.removed')
			inside.delete(event.user_id);
	/* Somebody who died may be at COMMIT still. */
	const now = (await reader.api.get(`/conversations/${id}`)).body;
	if (['last_seq', 'last_number', 'member_count'].some((what) => now[what] !== view[what]))
		return halfState(reader, id);
	const right = view.last_number === messages.length && view.last_seq === events.length
		&& posted.length === messages.length
		&& events.every((e, i) => e.seq === i + 1)
		&& messages.every((m, i) => m.number === i + 1 && m.seq === posted[i].seq)
		&& members.length === inside.size && view.member_count === inside.size
		&& members.every((m) => inside.has(m.user.id));
	return right ? null : `half a state in c:${id}: last_number ${view.last_number}, last_seq `
		+ `${view.last_seq}, ${messages.length} messages, ${posted.length} of ${events.length} events, `
		+ `${members.length} members, ${inside.size} by the log, member_count ${view.member_count}`;
}

/** What is swept: `ready` before, `ask` under the knife, `settle` after. */
const KINDS = {
	send: {
		ready: (s) => ({ key: s.random.key(), id: s.id }),
		begin: (s, one) => s.history.begin(s.ann.id, 'post', { conversation: s.id, key: one.key,
			text: textOf(one.key, 60) }),
		ask: (s, one) => (how) => s.ann.api.post(`/conversations/${s.id}/messages`,
			{ text: textOf(one.key, 60), client_id: one.key }, how),
		settle: async (s, one, answer, what) => {
			if (answer.status >= 300) {
				s.history.violation(1, `${what}: ${answer.status} ${answer.text}`);
				return;
			}
			await s.expectHeard('message.posted', (e) => e.message.id === answer.body.id, what);
			const again = await s.ann.api.post(`/conversations/${s.id}/messages`,
				{ text: textOf(one.key, 60), client_id: one.key });
			if (again.status !== 200 || again.body.id !== answer.body.id
				|| again.body.seq !== answer.body.seq)
				s.history.violation(1, `${what}: again: ${again.status} id ${again.body?.id}, `
					+ `seq ${again.body?.seq}; before: id ${answer.body.id}, seq ${answer.body.seq}`);
		},
	},
	remove: {
		ready: async (s) => ({ id: await s.group([s.bob, s.cat]) }),
		begin: (s, one) => s.history.begin(s.ann.id, 'remove', { conversation: one.id,
			subject: s.cat.id }),
		ask: (s, one) => (how) =>
			s.ann.api.delete(`/conversations/${one.id}/members/${s.cat.id}`, how),
		settle: async (s, one, answer, what) => {
			if (![204, 404].includes(answer.status))
				s.history.violation(1, `${what}: ${answer.status} ${answer.text}`);
			await s.expectHeard('member.removed', (e) => e.stream === `c:${one.id}`
				&& e.user_id === s.cat.id, what);
			const gone = await s.cat.api.get(`/conversations/${one.id}/messages`);
			if (gone.status !== 404)
				s.history.violation(5, `${what}: the removed one reads: ${gone.status}`);
		},
	},
	/* A direct conversation is named by its two people: there is one. */
	create: {
		reader: (s) => s.bob,
		ready: async (s) => {
			const [guest] = await people(s.natter, 'guest');
			s.people.push(tap(s.history, guest));
			return { guest };
		},
		begin: (s) => s.history.begin(s.bob.id, 'create', {}),
		ask: (s, one) => (how) => s.bob.api.post('/conversations',
			{ kind: 'direct', user_id: one.guest.id }, how),
		settle: async (s, one, answer, what) => {
			if (answer.status >= 300) {
				s.history.violation(1, `${what}: ${answer.status} ${answer.text}`);
				return;
			}
			one.id = answer.body.id;
			s.history.create(one.id, [s.bob, one.guest]);
			s.conversations.push(one.id);
			await s.expectHeard('conversation.joined', (e) =>
				e.conversation?.id === one.id || e.conversation_id === one.id, what);
			for (const person of [s.bob, one.guest]) {
				const list = (await person.api.get('/conversations')).body.items;
				if (list.filter((c) => c.id === one.id).length !== 1)
					s.history.violation(2, `${what}: ${person.id} does not have it once`);
			}
		},
	},
};

/* Nobody notices but those who listen: pushd dies instead of the worker.  One
 * that dies young would be started again only after a while. */
KINDS.push = { ...KINDS.send, role: 'pushd', ready: async (s) => {
	await s.victims(KINDS.push);
	await sleep(ADULT_MS);
	return KINDS.send.ready(s);
} };

/**
 * What is to be killed, alone in its pool: a worker that has done this before,
 * or one that has never been asked (it has statements to prepare).
 */
async function victim(s, kind, state) {
	const pids = await s.victims(kind);
	const old = s.oldest(pids);
	if (kind.role === 'pushd')
		return { pid: old, pids };
	if (state === 'used') {
		const one = await kind.ready(s);
		await alone(old, pids, () => act(s, kind, one, 'unharmed'));
		return { pid: old, pids };
	}
	s.natter.signal(old, 'SIGKILL');
	await until('it is dead', () => !alive(old));
	const now = await s.victims(kind);
	return { pid: now.find((pid) => !pids.includes(pid)), pids: now };
}

/** One that nobody disturbs. */
async function act(s, kind, one, what) {
	const answer = await s.surely(kind.begin(s, one), kind.ask(s, one));
	await kind.settle(s, one, answer, what);
}

const statesOf = (kind) => kind.role === 'pushd' ? ['used'] : ['new', 'used'];

/** The system calls of a request, by a worker in each of its states. */
async function findPoints(s, kind) {
	const points = [];
	for (const state of statesOf(kind)) {
		const one = await kind.ready(s);
		const { pid, pids } = await victim(s, kind, state);
		const ask = () => act(s, kind, one, `${state}, unharmed`);
		const calls = kind.role === 'pushd' ? await doingsOf(pid, ask)
			: await alone(pid, pids, () => callsOf(pid, ask));
		points.push(...calls.map((call) => ({ state, call })));
	}
	return points;
}

/** The request, while its worker is under the knife: its answer, and whether that died. */
async function cut(s, kind, one, operation, { pid, call }) {
	const knife = await armed(pid, call);
	try {
		const answer = await s.history.attempt(operation, kind.ask(s, one));
		/* pushd comes to it after the answer, if at all. */
		if (kind.role === 'pushd')
			await until('pushd dies', () => !alive(pid), { timeout: PUSHD_MS, every: 5 })
				.catch(() => {});
		else
			await knife.done();
		return { answer, dead: await knife.end() };
	} catch (error) {
		await knife.end();
		throw error;
	}
}

async function strike(s, kind, { state, call }, counts) {
	const what = `${state}, killed at ${nameOf(call)}`;
	const one = await kind.ready(s);
	const { pid, pids } = await victim(s, kind, state);
	const operation = kind.begin(s, one);
	s.history.fault('sweep', what);
	let { answer, dead } = await alone(pid, pids, () => cut(s, kind, one, operation, { pid, call }));
	counts.points++;
	counts.killed += dead ? 1 : 0;
	counts.answered += operation.outcome === 'ok' ? 1 : 0;
	if (one.id !== undefined)
		await s.expectWhole(one.id, what);
	if (operation.outcome === 'unknown')
		answer = await s.surely(operation, kind.ask(s, one));
	await kind.settle(s, one, answer, what);
	if (one.id !== undefined)
		await s.expectWhole(one.id, `${what}, repeated`, kind.reader?.(s));
}

export async function sweep(natter, { what, seed }) {
	const [pid] = await natter.pids('app');
	const why = await whyNot(pid);
	if (why !== null)
		return { skipped: why };
	const history = new History(`sweep-${what}`, seed);
	const s = new Sweep(natter, history, random(seed));
	const counts = { points: 0, killed: 0, answered: 0 };
	try {
		await s.prepare();
		for (const point of await findPoints(s, KINDS[what])) {
			if (history.violations.length >= ENOUGH)
				break;
			await strike(s, KINDS[what], point, counts);
		}
		assert.ok(counts.killed > 0 || history.violations.length > 0, 'some worker was killed');
		await sleep(100);
		await s.stream.close();
		const judgement = judge(history, await readLogs(s.people, s.conversations));
		expectNoViolation(history, judgement);
		return { ...counts, ...judgement.counts };
	} finally {
		s.stream?.close();
		history.close();
	}
}
