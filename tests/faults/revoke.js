/*
 * Revocation: signing out, a new password, "sign out others", a disabled
 * account and a deleted token, each at a random moment of a flood.  Requests
 * and messages that begin after it are refused, whoever makes them; streams are closed
 * within 5 s; nothing that was said after it is heard.
 *
 *	const counts = await revoke(natter, { seed, revocations: 10 });
 */

import assert from 'node:assert/strict';
import { late, sleep, until } from '../support/instance.js';
import { PASSWORD, people, person, startConversation } from '../support/people.js';
import { History, now, random } from './history.js';
import { textOf } from './load.js';
import { expectNoViolation, judge, readLogs } from './oracle.js';
import { tap, TappedClient, tappedEventSource, tappedWebSocket } from './tap.js';

const CLOSED_MS = 5000;
/** So long goes the flood on, in which nothing may be heard. */
const AFTER_MS = 3500;

const ok = (answer) => assert.ok(answer.status < 300, answer.text);

/** Each makes `lost`, the clients that are out, and does it. */
const WAYS = {
	'sign-out': async ({ user }) => {
		const browser = await user.signIn();
		return { lost: [browser], revoke: async () => ok(await browser.with({}).delete('/session')) };
	},
	'new password': async ({ user }) => {
		const [here, other] = [await user.signIn(), await user.signIn()];
		return { lost: [other], revoke: async () => ok(await here.put('/me/password',
			{ current_password: PASSWORD, new_password: 'quite another password' })) };
	},
	'sign out others': async ({ user }) => {
		const [here, ...others] = [await user.signIn(), await user.signIn(), await user.signIn()];
		return { lost: others, revoke: async () => ok(await here.delete('/sessions')) };
	},
	'disabled account': async ({ user, natter }) => {
		const browser = await user.signIn();
		return { lost: [browser, user.api],
			revoke: () => natter.cli(['user', 'disable', user.username]) };
	},
	'deleted token': async ({ user }) => {
		const browser = await user.signIn();
		const made = await browser.post('/tokens',
			{ name: 'lost', scopes: ['read', 'write'] });
		ok(made);
		return { lost: [user.api.with({ token: made.body.token })],
			revoke: async () => ok(await browser.delete(`/tokens/${made.body.id}`)) };
	},
};

class Scene {
	constructor(natter, history, r, way, friend) {
		Object.assign(this, { natter, history, random: r, way, friend });
		this.hits = 0;
	}

	async prepare() {
		this.user = await person(this.natter, 'user');
		this.id = await startConversation(this.friend, this.user);
		this.history.create(this.id, [this.friend, this.user]);
		const { lost, revoke } = await WAYS[this.way](this);
		this.revoke = revoke;
		this.lost = lost.map((client) => {
			const copy = new TappedClient(this.natter, { history: this.history,
				user: this.user.id, token: client.token, browser: client.browser });
			copy.jar = new Map(client.jar);
			return copy;
		});
		this.streams = [];
		for (const client of this.lost)
			for (const open of [tappedWebSocket, tappedEventSource])
				this.streams.push(await this.listen(open, client, '/events'));
		this.streams.push(await this.listen(tappedWebSocket, this.lost[0],
			`/conversations/${this.id}/events`));
	}

	/** To sign in by a link has ended all streams, perhaps this one, too. */
	listen(open, client, path) {
		return until('a stream opens', () => open(client, path, { hello: 'anytime' })
			.catch(() => null));
	}

	async flood() {
		while (this.flooding) {
			const key = this.random.key();
			const text = textOf(key, 20);
			await this.history.surely(this.history.begin(this.friend.id, 'post',
				{ conversation: this.id, key, text }), (how) => this.friend.api.post(
				`/conversations/${this.id}/messages`, { text, client_id: key }, how),
			() => !this.flooding);
			await sleep(20);
		}
	}

	/** One try, with the secret that is going to be lost. */
	say(client) {
		const key = this.random.key();
		const text = textOf(key, 20);
		return this.history.attempt(this.history.begin(this.user.id, 'post',
			{ conversation: this.id, key, text }), (how) => client.post(
			`/conversations/${this.id}/messages`, { text, client_id: key }, how));
	}

	/** A thief with the same secret, who never stops asking and talking. */
	async steal(client) {
		while (this.flooding) {
			const began = now();
			const answer = await (this.random.next() < 0.5 ? this.say(client)
				: client.get(this.random.pick(['/me', '/conversations',
					`/conversations/${this.id}/messages`]))).catch(() => null);
			if (answer === null || began < (this.revoked ?? Infinity))
				continue;
			this.hits++;
			if (answer.status !== 401)
				this.history.violation(5, `${this.way}: ${answer.asked} answered `
					+ `${answer.status} ${Math.round(began - this.revoked)} ms after`);
			await sleep(20);
		}
	}

	async play() {
		this.flooding = true;
		const others = [this.flood(), ...this.lost.map((client) => this.steal(client)),
			this.steal(this.lost[0])];
		try {
			await sleep(100 + 400 * this.random.next());
			await this.revoke();
			this.revoked = now();
			this.history.fault('revoked', this.way);
			await Promise.all(this.streams.map((stream) => this.expectEnd(stream)));
			this.closed = now() - this.revoked;
			await sleep(Math.max(0, AFTER_MS - this.closed));
		} finally {
			this.flooding = false;
			await Promise.all(others);
			for (const stream of this.streams)
				stream.close();
		}
		for (const client of this.lost)
			await tappedWebSocket(client, '/events').then((stream) => {
				this.history.violation(5, `${this.way}: a stream opened afterwards`);
				return stream.close();
			}, () => {});
	}

	async expectEnd(stream) {
		const ended = await Promise.race([stream.ended.then(() => true), late(CLOSED_MS)]);
		if (!ended)
			this.history.violation(5, `${this.way}: a stream is open ${CLOSED_MS} ms after`);
	}

	/** What was begun after the revocation, and heard all the same; but a request
	 * that was under way then may be answered. */
	expectSilence() {
		const later = new Set(this.history.operations.filter((o) => o.op === 'post'
			&& o.client === this.friend.id && o.conversation === this.id && o.began > this.revoked).map((o) => o.key));
		for (const { user, road, keys, began } of this.history.heard)
			for (const key of keys)
				if (user === this.user.id && later.has(key) && began > this.revoked)
					this.history.violation(5, `${this.way}: ${key} was said afterwards, and `
						+ `heard by ${road}`);
		return later.size;
	}
}

/** at_once: so many scenes play at the same time. */
export async function revoke(natter, { seed, revocations = 10, at_once = 10 }) {
	const history = new History('revoke', seed);
	const r = random(seed);
	const ways = Object.keys(WAYS);
	const counts = { revocations: 0, requests_after: 0, canaries_after: 0, slowest_close_ms: 0 };
	try {
		const [friend] = (await people(natter, 'friend')).map((p) => tap(history, p));
		const ids = [];
		while (counts.revocations < revocations) {
			const scenes = Array.from({ length: Math.min(at_once,
				revocations - counts.revocations) }, (_, i) => new Scene(natter, history,
				random(seed * 1000 + counts.revocations + i),
				ways[(counts.revocations + i) % ways.length], friend));
			for (const scene of scenes)
				await scene.prepare();
			await sleep(100 * r.next());
			await Promise.all(scenes.map((scene) => scene.play()));
			for (const scene of scenes) {
				ids.push(scene.id);
				counts.requests_after += scene.hits;
				counts.canaries_after += scene.expectSilence();
				counts.slowest_close_ms = Math.max(counts.slowest_close_ms,
					Math.round(scene.closed));
			}
			counts.revocations += scenes.length;
		}
		const judgement = judge(history, await readLogs([friend], ids));
		expectNoViolation(history, judgement);
		return { ...judgement.counts, ...counts };
	} finally {
		history.close();
	}
}
