/*
 * The privacy cut: a flood of canaries while members are removed and added
 * again at random.  Who is out gets nothing of a later seq by any road: the
 * stream of everything, the stream of the conversation, long-poll, history,
 * events, list and unread, a single message, sync, typing.  Nor do they get what
 * was written meanwhile into an old message and into the topic.
 *
 *	const counts = await cut(natter, { seed, removals: 50 });
 *
 * meanwhile({ running }): harm that is done until running() is false.
 */

import { sleep, until } from '../support/instance.js';
import { createGroup, people } from '../support/people.js';
import { openLongPoll } from '../support/stream.js';
import { History, now, random } from './history.js';
import { textOf } from './load.js';
import { expectNoViolation, judge, readLogs } from './oracle.js';
import { tap, tappedEventSource, tappedWebSocket } from './tap.js';

/** A stream of one conversation ends with the membership. */
const CLOSED_MS = 5000;

/** One group: an owner, one who writes, one who types, one who comes and goes. */
class Scene {
	constructor(natter, history, r) {
		Object.assign(this, { natter, history, random: r });
		this.running = true;
		this.typed = 0;
		this.rewritten = [];
		this.closing = [];
	}

	async prepare() {
		this.people = (await people(this.natter, 'owner', 'writer', 'typist', 'victim'))
			.map((person) => tap(this.history, person));
		[this.owner, this.writer, this.typist, this.victim] = this.people;
		const members = [this.writer, this.typist, this.victim];
		this.id = await createGroup(this.owner, members);
		this.path = `/conversations/${this.id}`;
		this.history.create(this.id, [this.owner, ...members]);
		this.old = (await this.say(this.owner)).body;
		this.whole = await this.listen();
		this.single = await this.listenHere();
	}

	listen() {
		return until('a stream opens', () => tappedWebSocket(this.victim.api, '/events',
			{ hello: 'anytime' }).catch(() => null));
	}

	listenHere() {
		const open = this.random.chance(0.5) ? tappedWebSocket : tappedEventSource;
		return open(this.victim.api, `${this.path}/events`, { hello: 'anytime' })
			.catch(() => null);
	}

	say(person) {
		const key = this.random.key();
		const text = textOf(key, 20);
		const operation = this.history.begin(person.id, 'post',
			{ conversation: this.id, key, text });
		return this.history.surely(operation, (how) => person.api.post(
			`${this.path}/messages`, { text, client_id: key }, how), () => !this.running);
	}

	async flood(person) {
		while (this.running) {
			const answer = await this.say(person);
			this.newest = answer?.body?.id ?? this.newest;
		}
	}

	/** Everything that the victim can ask for, again and again. */
	async ask() {
		const roads = [() => `${this.path}/messages`, () => `${this.path}/events?after=0&limit=200`,
			() => this.path, () => '/conversations', () => `${this.path}/members`,
			() => `/messages/${this.newest}`, () => '/me/events?after=0&limit=200', () => '/sync',
			() => `${this.path}/messages?after=0&limit=200`];
		for (let i = 0; this.running; i++) {
			const newest = this.newest;
			const began = now();
			const answer = await this.victim.api.get(roads[i % roads.length]()).catch(() => null);
			if (answer?.status === 200 && answer.asked.includes(`/messages/${newest}`))
				this.history.answers.push({ user: this.victim.id, began, ended: now(),
					method: 'GET', path: answer.asked, status: 200, about: [this.id] });
			await sleep(5);
		}
	}

	/** By long-poll, from the present on. */
	async poll() {
		while (this.running) {
			try {
				const poll = await openLongPoll(this.victim.api, `${this.path}/events`,
					{ wait: 2 });
				poll.loop.catch(() => {});
				while (poll.open && this.running)
					await Promise.race([poll.ended, sleep(200)]);
				await poll.close();
			} catch {
				await sleep(50);	/* out */
			}
		}
	}

	/** Only while the victim is out: it must never be heard. */
	async type() {
		for (let i = 0; i < 3; i++) {
			await this.typist.api.post(`${this.path}/typing`).catch(() => null);
			this.typed++;
			await sleep(20);
		}
	}

	/** Into what is older than the removal; to be read by who is in again. */
	async rewrite() {
		const { api, id } = this.owner;
		const text = this.random.key();
		const topic = this.random.key();
		this.rewritten.push({ key: text, field: 'text', until: Infinity },
			{ key: topic, field: 'topic', until: Infinity });
		await this.history.surely(this.history.begin(id, 'edit',
			{ conversation: this.id, key: this.old.client_id, text }), (how) =>
			api.patch(`/messages/${this.old.id}`, { text }, how));
		await api.patch(this.path, { topic }).catch(() => null);
	}

	async remove() {
		const { single } = this;
		await this.history.surely(this.history.begin(this.owner.id, 'remove',
			{ conversation: this.id, subject: this.victim.id }), (how) =>
			this.owner.api.delete(`${this.path}/members/${this.victim.id}`, how));
		if (single === null || !single.open)
			return;
		this.closing.push(Promise.race([single.ended, sleep(CLOSED_MS)]).then(() => {
			if (single.open)
				this.history.violation(5, `the stream of c:${this.id} is open `
					+ `${CLOSED_MS} ms after the removal`);
			return single.close();
		}));
	}

	async back() {
		for (const words of this.rewritten)
			words.until = Math.min(words.until, now());
		await this.history.surely(this.history.begin(this.owner.id, 'add',
			{ conversation: this.id, subject: this.victim.id }), (how) =>
			this.owner.api.post(`${this.path}/members`, { user_id: this.victim.id }, how));
	}

	async play(removals) {
		const others = [this.flood(this.writer), this.flood(this.owner), this.ask(), this.poll()];
		try {
			for (let i = 0; i < removals; i++) {
				await sleep(40 + 260 * this.random.next());
				await this.remove();
				await this.rewrite();
				await this.type();
				await sleep(30 + 250 * this.random.next());
				if (!this.whole.open)
					this.whole = await this.listen();
				await this.back();
				this.single = await this.listenHere();
			}
			await this.remove();
			await this.rewrite();
			await sleep(300);
		} finally {
			this.running = false;
			await Promise.all(others);
			await Promise.all(this.closing);
			await this.whole.close();
		}
	}
}

/** Nobody hears the typist: he types only while the victim is out. */
function expectUntyped(history, scenes) {
	for (const scene of scenes)
		for (const { t, user, event } of history.heard)
			if (event?.type === 'typing' && event.conversation_id === scene.id
				&& event.user_id === scene.typist.id && user === scene.victim.id)
				history.violation(5, `${user} heard typing in c:${scene.id}, out of it, at ${t}`);
}

/** Nobody who is out gets what is written meanwhile. */
function expectUnread(history, scenes) {
	for (const { victim, id, rewritten } of scenes) {
		const until = new Map(rewritten.map((words) => [words.key, words]));
		for (const { t, user, road, keys } of history.heard)
			for (const key of user === victim.id ? keys : [])
				if (t < (until.get(key)?.until ?? 0))
					history.violation(5, `${user}, out of c:${id}, got ${key}, a new `
						+ `${until.get(key).field}, by ${road} at ${t}`);
	}
}

export async function cut(natter, { seed, removals = 50, groups = 5, meanwhile = () => {} }) {
	const history = new History('cut', seed);
	const scenes = Array.from({ length: groups }, (_, i) =>
		new Scene(natter, history, random(seed * 1000 + i)));
	const began = now();
	try {
		for (const scene of scenes)
			await scene.prepare();
		const playing = Promise.all(scenes.map((scene) =>
			scene.play(Math.ceil(removals / groups) - 1)));
		await Promise.all([playing, meanwhile({ running: () =>
			scenes.some((scene) => scene.running) })]);
		expectUntyped(history, scenes);
		expectUnread(history, scenes);
		const logs = await readLogs(scenes.flatMap((scene) => [scene.owner, scene.writer,
			scene.victim]), scenes.map((scene) => scene.id));
		const judgement = judge(history, logs);
		expectNoViolation(history, judgement);
		const sent = history.operations.filter((o) => o.op === 'post').length;
		return { ...judgement.counts,
			removals: history.operations.filter((o) => o.op === 'remove').length,
			canaries: sent, canaries_per_s: Math.round(sent / (now() - began) * 1000),
			typed_while_out: scenes.reduce((sum, scene) => sum + scene.typed, 0),
			rewritten_while_out: scenes.reduce((sum, scene) => sum + scene.rewritten.length, 0) };
	} finally {
		history.close();
	}
}
