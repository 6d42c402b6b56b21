/*
 * Load profile L: people in conversations of two, five and many, who write,
 * edit, delete, react, read, come and go, at times and in an order that only
 * the seed decides, while each follows by a stream that is dropped now and
 * then.  The faults of a run are part of the same schedule.
 *
 *	const run = await startLoad(natter, { seed, seconds: 20 });
 *	await run.end();		all answered, converged, judged
 */

import assert from 'node:assert/strict';
import { sleep } from '../support/instance.js';
import { createGroup, people, startConversation } from '../support/people.js';
import { Replica } from '../support/replica.js';
import { History, now, random } from './history.js';
import { converge, expectNoViolation, judge, readLogs } from './oracle.js';
import { tap, tappedEventSource, tappedWebSocket } from './tap.js';

export const SHORT = { users: 10, direct: 4, five: 3, many: 1, rate: 25, seconds: 20,
	drop: 5, converge: 15_000 };
/** The whole profile. */
export const LONG = { users: 40, direct: 10, five: 8, many: 2, rate: 60, seconds: 600,
	drop: 5, converge: 30_000 };

const ANSWERED_MS = 90_000;
const MANY = 30;
const EMOJI = ['👍', '🎉', '❤️'];

/** Who is in which conversation, and what happens when. */
export function makeSchedule(profile, seed) {
	const r = random(seed);
	const talks = [];
	const some = (count) => {
		const all = Array.from({ length: profile.users }, (_, i) => i);
		return Array.from({ length: Math.min(count, profile.users) }, () =>
			all.splice(r.below(all.length), 1)[0]);
	};
	const pairs = new Set();
	while (pairs.size < profile.direct) {
		const pair = some(2).sort((a, b) => a - b);
		if (!pairs.has(pair.join())) {
			pairs.add(pair.join());
			talks.push({ kind: 'direct', members: pair });
		}
	}
	for (let i = 0; i < profile.five + profile.many; i++)
		talks.push({ kind: 'group', members: some(i < profile.five ? 5 : MANY) });
	const steps = [];
	const posted = [];
	const period = 1000 / profile.rate;
	for (let at = 0; at < profile.seconds * 1000; at += 2 * period * r.next())
		steps.push({ at, ...step(r, talks, posted) });
	return { talks, steps };
}

function step(r, talks, posted) {
	const die = r.next();
	if (die < 0.05 && posted.length > 0) {
		const target = posted.splice(r.below(posted.length), 1)[0];
		return { op: 'edit', talk: target.talk, who: target.who, target: target.key,
			key: r.key() };
	}
	if (die < 0.06 && posted.length > 0) {
		const target = posted.splice(r.below(posted.length), 1)[0];
		return { op: 'delete', talk: target.talk, who: target.who, target: target.key };
	}
	const talk = r.below(talks.length);
	const { members, kind } = talks[talk];
	if (die < 0.08 && kind === 'group')
		return { op: 'flip', talk, who: members[0], subject: members[1 + r.below(2)] };
	const who = r.pick(members);
	if (die < 0.12)
		return { op: 'read', talk, who };
	if (die < 0.15 && posted.length > 0) {
		const target = r.pick(posted);
		return { op: 'react', talk: target.talk, who: talks[target.talk].members[0],
			target: target.key, emoji: r.pick(EMOJI) };
	}
	const key = r.key();
	posted.push({ talk, who, key });
	return { op: 'post', talk, who, key, size: Math.round(10 * 800 ** (r.next() ** 3)) };
}

export function textOf(key, size = 0) {
	return `${key} ${'lorem ipsum dolor sit amet '.repeat(Math.ceil(size / 27))}`
		.slice(0, Math.max(size, key.length)).trim();
}

class Load {
	constructor(natter, profile, seed, history) {
		Object.assign(this, { natter, profile, seed, history });
		this.schedule = makeSchedule(profile, seed);
		this.random = random(seed ^ 0x5bd1e995);
		this.chains = new Map();
		this.ids = new Map();
		this.pending = [];
		this.late = 0;
	}

	async prepare() {
		const { talks } = this.schedule;
		this.people = (await people(this.natter,
			...Array.from({ length: this.profile.users }, () => 'l')))
			.map((person) => tap(this.history, person));
		this.conversations = [];
		for (const talk of talks) {
			const members = talk.members.map((i) => this.people[i]);
			const id = talk.kind === 'direct' ? await startConversation(...members)
				: await createGroup(members[0], members.slice(1));
			this.history.create(id, members);
			this.conversations.push(id);
		}
		this.followers = this.people.map((person, i) => {
			const follower = new Replica(person,
				{ open: i % 3 === 2 ? tappedEventSource : tappedWebSocket });
			follower.faults = true;
			return follower;
		});
		await Promise.all(this.followers.map((follower) => follower.start()));
	}

	run() {
		this.running = true;
		this.began = now();
		this.playing = this.play();
		this.dropping = this.drop();
	}

	async play() {
		for (const step of this.schedule.steps) {
			const wait = step.at - (now() - this.began);
			if (wait > 1)
				await sleep(wait);
			if (this.over)
				break;
			this.late = Math.max(this.late, -wait);
			this.pending.push(this.perform(step));
		}
	}

	async drop() {
		while (this.running && this.profile.drop > 0) {
			await sleep(this.profile.drop * 1000 * this.random.next()
				/ this.followers.length * 2);
			this.random.pick(this.followers).stream?.close();
		}
	}

	/** What belongs together happens one after the other. */
	chain(name, action) {
		const next = (this.chains.get(name) ?? Promise.resolve()).then(action);
		this.chains.set(name, next);
		return next;
	}

	giveUp = () => this.deadline !== undefined && now() > this.deadline;

	perform(step) {
		const person = this.people[step.who];
		const conversation = this.conversations[step.talk];
		const path = `/conversations/${conversation}`;
		const begin = (op, more) => this.history.begin(person.id, op,
			{ conversation, key: step.target ?? step.key, ...more });
		const surely = (operation, ask) => this.history.surely(operation, ask, this.giveUp);
		switch (step.op) {
		case 'post':
			return this.chain(step.key, async () => {
				const text = textOf(step.key, step.size);
				const answer = await surely(begin('post', { text }), (how) => person.api.post(
					`${path}/messages`, { text, client_id: step.key }, how));
				if (answer?.status < 300)
					this.ids.set(step.key, answer.body);
			});
		case 'edit':
			return this.chain(step.target, async () => {
				const message = this.ids.get(step.target);
				const text = `${step.target} ${step.key} edited`;
				if (message !== undefined)
					await surely(begin('edit', { text }), (how) =>
						person.api.patch(`/messages/${message.id}`, { text }, how));
			});
		case 'delete':
			return this.chain(step.target, async () => {
				const message = this.ids.get(step.target);
				if (message !== undefined)
					await surely(begin('delete'), (how) =>
						person.api.delete(`/messages/${message.id}`, how));
			});
		case 'react':
			return this.chain(step.target, async () => {
				const message = this.ids.get(step.target);
				if (message !== undefined)
					await surely(begin('react'), (how) => person.api.put(
						`/messages/${message.id}/reactions/${encodeURIComponent(step.emoji)}`,
						undefined, how));
			});
		case 'read':
			return this.chain(`read ${person.id} ${conversation}`, async () => {
				const view = await person.api.get(path).catch(() => null);
				if (view?.status === 200)
					await surely(begin('read'), (how) => person.api.put(`${path}/read`,
						{ number: view.body.last_number }, how));
			});
		case 'flip':
			return this.flip(step, person, path, begin, surely);
		}
	}

	/** In and out, in turn. */
	flip(step, person, path, begin, surely) {
		const subject = this.people[step.subject].id;
		const name = `flip ${subject} ${path}`;
		return this.chain(name, async () => {
			this.out ??= new Set();
			const isOut = this.out.has(name);
			const answer = isOut
				? await surely(begin('add', { subject }), (how) =>
					person.api.post(`${path}/members`, { user_id: subject }, how))
				: await surely(begin('remove', { subject }), (how) =>
					person.api.delete(`${path}/members/${subject}`, how));
			if (answer === null)
				return;
			if (isOut)
				this.out.delete(name);
			else
				this.out.add(name);
		});
	}

	/** Nothing more of the schedule. */
	enough() {
		this.over = true;
	}

	/** Wait until all is answered and all have converged; then judge. */
	async end() {
		await this.playing;
		this.running = false;
		this.deadline = now() + ANSWERED_MS;
		await Promise.all(this.pending);
		await this.dropping;
		const quiet = now();
		await converge(this.history, this.followers, this.profile.converge);
		const converged = now() - quiet;
		const logs = await readLogs(this.people, this.conversations);
		await Promise.all(this.followers.map((follower) => follower.stop().catch((error) =>
			this.history.violation(6, error.message.slice(0, 2000)))));
		const judgement = judge(this.history, logs);
		const posts = this.history.operations.filter((o) => o.op === 'post');
		const total = (name) => this.followers.reduce((sum, f) => sum + f.counts[name], 0);
		judgement.counts = { ...judgement.counts,
			posts: posts.length,
			repeated: posts.filter((o) => o.attempts.length > 1).length,
			slowest_ms: Math.round(Math.max(0, ...posts.map((o) => o.settled - o.began))),
			reconnects: total('connects'), gaps: total('gaps'),
			converged_ms: Math.round(converged), late_ms: Math.round(this.late),
			statuses: this.history.statuses };
		assert.ok(judgement.counts.messages > 0, 'somebody said something');
		return judgement;
	}

	async stop() {
		this.running = false;
		this.deadline = 0;
		await Promise.all(this.followers?.map((f) => f.stop().catch(() => {})) ?? []);
		this.history.close();
	}
}

export async function startLoad(natter, { seed, profile = SHORT, name = 'load' }) {
	const history = new History(name, seed);
	const load = new Load(natter, profile, seed, history);
	await load.prepare();
	load.run();
	return load;
}

/** A whole run: the profile, and beside it what `harm(load)` does. */
export async function runLoad(natter, options, harm = () => {}) {
	const load = await startLoad(natter, options);
	try {
		await harm(load);
		const judgement = await load.end();
		expectNoViolation(load.history, judgement);
		return judgement.counts;
	} finally {
		await load.stop();
	}
}
