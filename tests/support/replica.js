/*
 * A reference client: one user's whole state, built from events by the rules
 * of the design (docs/architecture.md, API "Events"):
 *
 * - subscribe first, queue what arrives, catch up by SQL, then apply the queue;
 * - seq == have + 1 is applied, an older event is ignored, a newer one means a
 *   gap: exactly the missing range is fetched;
 * - resync or another epoch: load afresh;
 * - silence, or a broken stream: connect again, and catch up.
 *
 *	const replica = await startReplica(ann);
 *	...
 *	await replica.expectConverged();
 *
 * expectConverged() compares the state with a fresh load by the same user.
 */

import assert from 'node:assert/strict';
import { late, sleep } from './instance.js';
import { openEventSource, openWebSocket, Refused } from './stream.js';

const PAGE = 200;
/** Heartbeats come every 25 s; after this long a stream counts as dead. */
const SILENCE_MS = 45_000;

class Resync extends Error {}

/** What to keep of a message: all that an event can change. */
function messageState(message) {
	if (message.deleted_at !== null && message.deleted_at !== undefined)
		return deletedState(message);
	return {
		id: message.id,
		number: message.number,
		seq: message.seq,
		author_id: message.author.id,
		author_name: message.author.display_name,
		text: message.text,
		html: message.html,
		created_at: message.created_at,
		edited_at: message.edited_at ?? null,
		reply_number: message.reply_to?.number ?? null,
		reactions: new Map(message.reactions.map((r) => [r.emoji, new Set(r.user_ids)])),
	};
}

function deletedState({ id, number, seq, author, author_id }) {
	return { id, number, seq, author_id: author?.id ?? author_id, deleted: true };
}

function shared(conversation) {
	const { name, topic, visibility, archived } = conversation;
	return { name: name ?? null, topic: topic ?? null,
		visibility: visibility ?? null, archived };
}

export class Replica {
	constructor(person, { open = openWebSocket, client = person.api } = {}) {
		this.person = person;
		this.client = client;
		this.openStream = open;
		this.conversations = new Map();
		this.queue = [];
		this.stopped = false;
		this.counts = { connects: 0, gaps: 0, loads: 0, doubles: 0, applied: 0 };
	}

	async get(path) {
		const answer = await this.client.get(path, { timeout: 15_000,
			check: !this.faults });
		if (answer.status === 410)
			throw new Resync();
		if (answer.status !== 200) {
			const error = new Error(`GET ${path}: ${answer.status} ${answer.text.slice(0, 200)}`);
			error.status = answer.status;
			throw error;
		}
		return answer.body;
	}

	async load() {
		this.counts.loads++;
		const me = await this.get('/me');
		this.epoch = me.epoch;
		this.seq = me.last_seq;
		this.conversations = new Map();
		for (const item of (await this.get('/conversations')).items)
			await this.loadConversation(item);
	}

	/** Its seq is from before its parts were read: events only come twice. */
	async loadConversation(item) {
		const state = {
			id: item.id,
			kind: item.kind,
			seq: item.last_seq,
			read_number: item.read_number,
			last_number: item.last_number,
			...shared(item),
			messages: new Map(),
			members: new Map(),
		};
		const members = await this.get(`/conversations/${item.id}/members`);
		for (const member of members.items)
			state.members.set(member.user.id, { role: member.role, name: member.user.display_name });
		for (let after = 0; ;) {
			const page = await this.get(
				`/conversations/${item.id}/messages?after=${after}&limit=${PAGE}`);
			for (const message of page.items) {
				state.messages.set(message.number, messageState(message));
				state.last_number = Math.max(state.last_number, message.number);
			}
			if (!page.has_after)
				break;
			after = page.items.at(-1).number;
		}
		this.conversations.set(item.id, state);
	}

	/** Load what the state has missed. */
	async catchUp() {
		for (;;) {
			const page = await this.get(`/me/events?after=${this.seq}&limit=${PAGE}`);
			this.sameEpoch(page);
			for (const event of page.items)
				await this.apply(event);
			if (this.seq >= page.last_seq)
				break;
		}
		for (const item of (await this.get('/conversations')).items) {
			const state = this.conversations.get(item.id);
			if (state !== undefined) {
				state.read_number = Math.max(state.read_number, item.read_number);
				await this.refill(state, item.last_seq);
			}
		}
	}

	async refill(state, upTo) {
		while (state.seq < upTo) {
			const page = await this.get(
				`/conversations/${state.id}/events?after=${state.seq}&limit=${PAGE}`);
			this.sameEpoch(page);
			assert.ok(page.items.length > 0, `c:${state.id} says there is something after `
				+ `${state.seq}, and gives nothing`);
			for (const event of page.items) {
				assert.ok(event.seq <= state.seq + 1,
					`the log of c:${state.id} jumps from ${state.seq} to ${event.seq}`);
				this.applyShared(state, event);
			}
		}
	}

	sameEpoch({ epoch }) {
		if (epoch !== undefined && epoch !== this.epoch)
			throw new Resync();
	}

	/** One event of a stream, in whatever order it comes. */
	async apply(event) {
		if (event.type === 'hello' || event.type === 'heartbeat') {
			this.sameEpoch(event);
			if (event.last_seq > this.seq || (event.sum !== undefined
				&& event.sum !== this.sum()))
				await this.catchUp();
			return;
		}
		if (event.stream === undefined)
			return;
		const [kind, id] = event.stream.split(':');
		if (kind === 'u') {
			if (event.seq <= this.seq) {
				this.counts.doubles++;
				return;
			}
			if (event.type === 'hint' || event.seq > this.seq + 1) {
				this.counts.gaps++;
				await this.catchUp();
				return;
			}
			/* What it could not load then comes once more. */
			await this.applyOwn(event);
			this.seq = event.seq;
			return;
		}
		const state = this.conversations.get(Number(id));
		if (state === undefined)
			return;		/* conversation.joined will load it */
		if (event.seq <= state.seq) {
			this.counts.doubles++;
		} else if (event.type === 'hint' || event.seq > state.seq + 1) {
			this.counts.gaps++;
			await this.refill(state, event.seq);
		} else {
			this.applyShared(state, event);
		}
	}

	sum() {
		return [...this.conversations.values()].reduce((sum, state) => sum + state.seq, 0);
	}

	async applyOwn(event) {
		if (event.type === 'conversation.joined') {
			const item = await this.client.get(`/conversations/${event.conversation_id}`,
				{ check: !this.faults });
			if (item.status === 200)
				await this.loadConversation(item.body);
			else if (item.status !== 404)
				throw new Error(`joined, but ${item.status}`);
		} else if (event.type === 'conversation.left') {
			this.conversations.delete(event.conversation_id);
		} else if (event.type === 'read.moved') {
			const state = this.conversations.get(event.conversation_id);
			/* A later message of one's own has moved it since. */
			if (state !== undefined && state.read_number <= event.last_number)
				state.read_number = event.read_number;
		}
	}

	applyShared(state, event) {
		if (event.seq <= state.seq)
			return;
		this.counts.applied++;
		state.seq = event.seq;
		const at = (id) => [...state.messages.values()].find((m) => m.id === id);
		switch (event.type) {
		case 'message.posted':
		case 'message.edited': {
			const { message } = event;
			const before = state.messages.get(message.number);
			/* Deletion wins: a page of the log shows messages as they are now. */
			if (before?.deleted !== true)
				state.messages.set(message.number, messageState(message));
			if (event.type === 'message.posted') {
				state.last_number = Math.max(state.last_number, message.number);
				if (message.author.id === this.person.id)
					state.read_number = Math.max(state.read_number, message.number);
			}
			break;
		}
		case 'message.deleted': {
			const before = state.messages.get(event.number);
			assert.ok(before !== undefined, `deleted ${event.number} was never posted`);
			state.messages.set(event.number, deletedState(before));
			break;
		}
		case 'reaction.added': {
			const message = at(event.message_id);
			if (message?.deleted !== true) {
				if (!message.reactions.has(event.emoji))
					message.reactions.set(event.emoji, new Set());
				message.reactions.get(event.emoji).add(event.user_id);
			}
			break;
		}
		case 'reaction.removed': {
			const users = at(event.message_id)?.reactions?.get(event.emoji);
			users?.delete(event.user_id);
			if (users?.size === 0)
				at(event.message_id).reactions.delete(event.emoji);
			break;
		}
		case 'member.added':
			state.members.set(event.user.id, { role: event.role, name: event.user.display_name });
			this.rename(state, event.user);
			break;
		case 'member.removed':
			state.members.delete(event.user_id);
			if (event.user_id === this.person.id)
				this.conversations.delete(state.id);
			break;
		case 'member.changed':
			state.members.set(event.user_id, { ...state.members.get(event.user_id), role: event.role });
			break;
		case 'user.updated':
			this.rename(state, event.user);
			break;
		case 'conversation.updated':
			Object.assign(state, shared(event.conversation));
			break;
		}
	}

	/** An event has a user as they are called now. */
	rename(state, { id, display_name }) {
		if (state.members.has(id))
			state.members.get(id).name = display_name;
		for (const message of state.messages.values())
			if (message.author_id === id && !message.deleted)
				message.author_name = display_name;
	}

	/** Everything at once: connect, load or catch up, apply, for ever. */
	async start() {
		this.running = this.run();
		await this.ready;
		return this;
	}

	run() {
		let first;
		this.ready = new Promise((done, fail) => first = { done, fail });
		return (async () => {
			let pause = 200;
			while (!this.stopped && !this.client.site.stopped) {
				try {
					await this.connected(() => {
						pause = 200;
						first.done();
					});
				} catch (error) {
					if (error instanceof assert.AssertionError
						|| (error instanceof Refused && error.status === 401)) {
						this.failure = error;
						first.fail(error);
						return;
					}
					this.lastError = error;
					if (error instanceof Resync)
						this.epoch = undefined;
				}
				if (!this.stopped)
					await sleep(pause * (0.75 + Math.random() / 2));
				pause = Math.min(pause * 2, 2000);
			}
		})();
	}

	/** One life of a stream. */
	async connected(working) {
		const queue = [];
		let wake = () => {};
		const stream = await this.openStream(this.client, '/events', { hello: 'anytime' });
		this.counts.connects++;
		this.stream = stream;
		stream.onEvent = (event) => {
			queue.push(event);
			wake();
		};
		stream.ended.then(() => wake());
		queue.push(...stream.events);
		try {
			if (this.epoch === undefined)
				await this.load();
			else
				await this.catchUp();
			working();
			while (stream.open && !this.stopped) {
				while (queue.length > 0) {
					const event = queue[0];
					await this.apply(event);
					queue.shift();
					if (event.type === 'session.ended')
						this.sessionEnded = event;
				}
				if (!stream.open || this.stopped)
					break;
				const heard = await Promise.race([
					new Promise((done) => wake = () => done(true)),
					late(SILENCE_MS),
				]);
				if (!heard)
					break;
			}
		} finally {
			stream.close();
		}
	}

	async stop() {
		this.stopped = true;
		this.stream?.close();
		await this.running;
		if (this.failure !== undefined)
			throw this.failure;
	}

	/**
	 * The state in a form that deepEqual compares. How authors are called is told
	 * while they are members.
	 */
	snapshot() {
		const sorted = (map) => [...map].sort(([a], [b]) => a < b ? -1 : 1);
		return sorted(this.conversations).map(([, state]) => ({
			...state,
			unread: state.last_number - state.read_number,
			members: sorted(state.members),
			messages: sorted(state.messages).map(([, message]) => ({
				...message,
				author_name: state.members.has(message.author_id) ? message.author_name : undefined,
				reactions: message.reactions && sorted(message.reactions)
					.map(([emoji, users]) => [emoji, [...users].sort((a, b) => a - b)]),
			})),
		}));
	}

	async fresh() {
		const fresh = new Replica(this.person, { client: this.client });
		await fresh.load();
		return fresh.snapshot();
	}

	/** The state equals a fresh load, at the latest after so long. */
	async expectConverged(timeout = 10_000) {
		const end = performance.now() + timeout;
		for (;;) {
			if (this.failure !== undefined)
				throw this.failure;
			let fresh = null;
			try {
				fresh = await this.fresh();
				assert.deepEqual(this.snapshot(), fresh);
				return;
			} catch (error) {
				if (performance.now() > end) {
					error.message = `${this.person.username} has not converged in ${timeout} ms `
						+ `(${JSON.stringify(this.counts)}, last error: `
						+ `${this.lastError?.message})\n${error.message}`;
					throw error;
				}
			}
			await sleep(100);
		}
	}
}

export function startReplica(person, options) {
	return new Replica(person, options).start();
}

export { openEventSource, openWebSocket };
