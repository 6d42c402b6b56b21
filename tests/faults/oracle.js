/*
 * The judge of all fault runs: a black box's view.  From the history that the
 * clients wrote and the logs that they read at the end it says which of these
 * was broken:
 *
 * 1  every ok message is exactly once in the log of every member;
 * 2  every unknown message is there at most once, no refused one, nothing else;
 * 3  numbers and seqs are 1..n, the same for all members, and the answer named
 *    the place where the log has it;
 * 4  a message that was answered before another was begun stands before it;
 * 5  no byte of a message reaches a user who was not a member at its seq;
 *    a conversation answers nothing to whoever has left it;
 * 6  the state that a client built from events equals a fresh load;
 * 7  unread counters follow from the log;
 * 8  every event that was heard is the one that the log has at its seq.
 *
 *	const logs = await readLogs(people, conversationIds);
 *	const violations = judge(history, logs);	[{ rule, what }]
 */

import assert from 'node:assert/strict';
import { sleep } from '../support/instance.js';
import { allEvents, allMessages } from '../support/people.js';

const SHOWN = 20;
const WIDTH = 600;	/* the history has all of it */

/** Ask until it is answered: the faults are over, but perhaps only just. */
async function patiently(ask, timeout = 60_000) {
	const end = performance.now() + timeout;
	for (;;) {
		try {
			return await ask();
		} catch (error) {
			if (performance.now() > end)
				throw error;
			await sleep(200);
		}
	}
}

/**
 * What each member sees of each conversation:
 * Map id -> { readers: [{ user, messages, events, view }] }
 */
export async function readLogs(people, ids) {
	const logs = new Map(ids.map((id) => [id, { readers: [] }]));
	for (const person of people) {
		const list = await patiently(async () => {
			const answer = await person.api.get('/conversations');
			assert.equal(answer.status, 200, answer.text);
			return answer.body.items;
		});
		for (const view of list.filter((item) => logs.has(item.id)))
			logs.get(view.id).readers.push(await patiently(async () => ({
				user: person.id, view,
				messages: await allMessages(person.api, view.id),
				events: await allEvents(person.api, `/conversations/${view.id}/events`),
			})));
	}
	return logs;
}

/** For each user the spans of seqs in which they were members. */
export function windowsOf(events) {
	const windows = new Map();
	for (const event of events) {
		const user = event.type === 'member.added' ? event.user?.id ?? event.user_id
			: event.user_id;
		if (event.type === 'member.added') {
			if (!windows.has(user))
				windows.set(user, []);
			windows.get(user).push({ from: event.seq, to: Infinity });
		} else if (event.type === 'member.removed') {
			windows.get(user).at(-1).to = event.seq;
		}
	}
	return windows;
}

class Judgement {
	constructor(history, logs) {
		this.history = history;
		this.logs = logs;
		this.violations = [...history.violations];
		this.counts = { operations: history.operations.length, heard: history.heard.length };
		this.messages = new Map();		/* key -> { conversation, message } */
	}

	broken(rule, what) {
		this.violations.push({ rule, what });
	}

	expect(rule, right, what) {
		if (!right)
			this.broken(rule, what);
	}

	judge() {
		for (const [id, log] of this.logs) {
			this.expect(3, log.readers.length > 0, `nobody reads conversation ${id}`);
			if (log.readers.length === 0)
				continue;
			this.oneLog(id, log);
			this.posts(id, log);
			this.order(id);
			this.memberships(id, log);
			this.unread(id, log);
		}
		this.bytes();
		this.absence();
		this.events();
		return this;
	}

	operations(op, conversation) {
		return this.history.operations.filter((o) => o.op === op
			&& (conversation === undefined || o.conversation === conversation));
	}

	/** Rule 3, and that messages and their events go together. */
	oneLog(id, log) {
		const place = (m) => `${m.number}/${m.seq}/${m.id}`;
		const [first] = log.readers;
		log.messages = first.messages;
		log.events = first.events;
		log.messages.forEach((m, i) =>
			this.expect(3, m.number === i + 1, `c:${id} has number ${m.number} at ${i + 1}`));
		log.events.forEach((e, i) =>
			this.expect(3, e.seq === i + 1, `c:${id} has seq ${e.seq} at ${i + 1}`));
		const posted = log.events.filter((e) => e.type === 'message.posted')
			.map((e) => `${e.message.number}/${e.seq}/${e.message.id}`);
		this.expect(3, posted.join() === log.messages.map(place).join(),
			`c:${id}: messages and their events differ`);
		for (const other of log.readers.slice(1)) {
			this.expect(3, other.messages.map((m) => place(m) + m.text).join('\n')
				=== log.messages.map((m) => place(m) + m.text).join('\n'),
				`c:${id}: ${other.user} and ${first.user} read different messages`);
			this.expect(3, other.events.map((e) => e.seq + e.type).join()
				=== log.events.map((e) => e.seq + e.type).join(),
				`c:${id}: ${other.user} and ${first.user} read different events`);
		}
	}

	/** Rules 1 to 3 for messages, their edits and deletions. */
	posts(id, log) {
		const edits = new Map(this.operations('edit', id).map((o) => [o.key, o]));
		const deletions = new Map(this.operations('delete', id).map((o) => [o.key, o]));
		const posts = new Map(this.operations('post', id).map((o) => [o.key, o]));
		const byId = new Map();
		for (const post of posts.values())
			for (const { answer } of post.attempts)
				if (answer !== undefined)
					byId.set(answer.id, post);
		for (const message of log.messages) {
			const posted = log.events[message.seq - 1];
			const deleted = (message.deleted_at ?? null) !== null;
			const key = message.client_id;
			const post = posts.get(key) ?? byId.get(message.id);
			if (post === undefined) {
				this.broken(2, `c:${id} number ${message.number} (${key}): nobody said that`);
				continue;
			}
			if (this.messages.has(post.key)) {
				const before = this.messages.get(post.key).message;
				this.broken(1, `c:${id} ${post.key} is there twice, `
					+ `numbers ${before.number} and ${message.number}`);
				continue;
			}
			this.messages.set(post.key, { conversation: id, message, posted });
			this.expect(2, post.outcome !== 'refused', `c:${id} ${post.key} was refused, `
				+ 'and is there');
			this.expect(3, message.author.id === post.client, `c:${id} ${post.key}: author`);
			this.answers(id, post, message);
			this.content(id, post, message, deleted, edits.get(post.key),
				deletions.get(post.key));
		}
		for (const post of posts.values())
			this.expect(1, post.outcome !== 'ok' || this.messages.has(post.key),
				`c:${id} ${post.key} was acknowledged `
				+ `(${JSON.stringify(post.attempts.find((a) => a.answer)?.answer)}), and is lost`);
		this.counts.messages = (this.counts.messages ?? 0) + log.messages.length;
	}

	answers(id, post, message) {
		for (const { answer } of post.attempts.filter((a) => a.answer !== undefined))
			this.expect(3, answer.id === message.id && answer.number === message.number
				&& answer.seq === message.seq,
				`c:${id} ${post.key} was answered with ${JSON.stringify(answer)}, and is `
				+ `number ${message.number}, seq ${message.seq}, id ${message.id}`);
	}

	content(id, post, message, deleted, edit, deletion) {
		const may = new Set();
		if (edit?.outcome !== 'ok')
			may.add(post.text);
		if (edit !== undefined && edit.outcome !== 'refused')
			may.add(edit.text);
		if (deletion?.outcome === 'ok')
			this.expect(1, deleted, `c:${id} ${post.key} was deleted, and is there`);
		if (deleted)
			this.expect(2, deletion !== undefined && deletion.outcome !== 'refused',
				`c:${id} ${post.key} is gone, and nobody deleted it`);
		else
			this.expect(1, may.has(message.text), `c:${id} ${post.key} has another text: `
				+ message.text.slice(0, 60));
	}

	/** Rule 4, for what was sent after an answer had come. */
	order(id) {
		const posts = this.operations('post', id).filter((o) => this.messages.has(o.key));
		const seq = (o) => this.messages.get(o.key).message.seq;
		const byAnswer = posts.filter((o) => o.outcome === 'ok')
			.sort((a, b) => a.ended - b.ended);
		let highest = 0, i = 0, which = null;
		for (const post of [...posts].sort((a, b) => a.began - b.began)) {
			for (; i < byAnswer.length && byAnswer[i].ended < post.began; i++)
				if (seq(byAnswer[i]) > highest) {
					highest = seq(byAnswer[i]);
					which = byAnswer[i].key;
				}
			this.expect(4, seq(post) > highest, `c:${id} ${post.key} at seq ${seq(post)} `
				+ `was begun after ${which} at ${highest} was answered`);
		}
	}

	/** Every window of membership with the time before which it was not open
	 * and, if it is over, the time since when it surely was. */
	memberships(id, log) {
		log.windows = windowsOf(log.events);
		for (const [user, windows] of log.windows) {
			const of = (op) => this.operations(op, id).filter((o) => o.subject === user
				&& o.outcome !== 'refused');
			const added = of('add'), removed = of('remove');
			const reopened = windows.slice(this.history.created.get(id).has(user) ? 1 : 0);
			windows.forEach((w) => w.opens = -Infinity);
			reopened.forEach((w, i) => w.opens = added[i]?.began ?? -Infinity);
			windows.forEach((w, i) => w.closed = w.to === Infinity ? Infinity
				: removed[i]?.settled ?? Infinity);
			const sure = (list) => list.filter((o) => o.outcome === 'ok').length;
			const ended = windows.filter((w) => w.to !== Infinity).length;
			this.expect(2, reopened.length <= added.length && reopened.length >= sure(added),
				`c:${id}: ${user} was added ${added.length} times, the log says ${reopened.length}`);
			this.expect(2, ended <= removed.length && ended >= sure(removed),
				`c:${id}: ${user} was removed ${removed.length} times, the log says ${ended}`);
		}
	}

	/** Rule 5: when a message of that seq may have been read by that user. */
	mayHave(log, user, seq, at) {
		const windows = log.windows.get(user) ?? [];
		return windows.some((w) => seq < w.to && at >= w.opens);
	}

	bytes() {
		for (const { t, user, road, keys } of this.history.heard)
			for (const key of keys) {
				const found = this.messages.get(key);
				if (found === undefined)
					continue;
				const log = this.logs.get(found.conversation);
				this.expect(5, this.mayHave(log, user, found.message.seq, t),
					`${user} got ${key} of c:${found.conversation}, seq `
					+ `${found.message.seq}, by ${road}; member in `
					+ JSON.stringify(log.windows.get(user) ?? []));
			}
	}

	/** Rule 5: who is surely out is not answered. */
	absence() {
		let asked = 0;
		for (const { user, began, ended, method, path, status, about } of this.history.answers)
			for (const id of about) {
				const windows = this.logs.get(id)?.windows?.get(user);
				if (windows === undefined)
					continue;
				const out = windows.some((w, i) => began > w.closed
					&& ended < (windows[i + 1]?.opens ?? Infinity));
				if (!out)
					continue;
				asked++;
				this.expect(5, status >= 400 && status !== 403, `${user}, out of c:${id}: `
					+ `${method} ${path} answered ${status}`);
			}
		this.counts.asked_while_out = asked;
	}

	/** Rules 5 and 8 for what came by streams. */
	events() {
		let numbered = 0;
		for (const { t, user, road, event } of this.history.heard) {
			if (event?.stream === undefined || event.type === 'hint'
				|| !event.stream.startsWith('c:'))
				continue;
			const log = this.logs.get(Number(event.stream.slice(2)));
			if (log?.events === undefined)
				continue;
			numbered++;
			const kept = log.events[event.seq - 1];
			const same = kept !== undefined && kept.type === event.type
				&& (event.message_id === undefined || event.message_id
				=== (kept.message?.id ?? kept.message_id));
			this.expect(8, same, `${user} heard ${event.type} ${event.message_id ?? ''} as seq `
				+ `${event.seq} of ${event.stream} by ${road}; the log has `
				+ `${kept?.type} ${kept?.message?.id ?? kept?.message_id ?? ''}`);
			const windows = log.windows.get(user) ?? [];
			this.expect(5, windows.some((w) => event.seq >= w.from && event.seq <= w.to)
				|| this.mayHave(log, user, event.seq, t),
				`${user} heard seq ${event.seq} of ${event.stream} by ${road}; `
				+ `member in ${JSON.stringify(windows)}`);
		}
		this.counts.events_heard = numbered;
	}

	/** Rule 7. */
	unread(id, log) {
		const last = log.messages.length;
		for (const { user, view, events } of log.readers) {
			this.expect(7, view.last_number === last, `c:${id}: last_number `
				+ `${view.last_number} for ${user}, and ${last} messages`);
			this.expect(7, view.last_seq === events.length, `c:${id}: last_seq `
				+ `${view.last_seq}, and ${events.length} events`);
			this.expect(7, view.unread === view.last_number - view.read_number,
				`c:${id}: unread ${view.unread} for ${user}`);
			const own = Math.max(0, ...log.messages.filter((m) => m.author.id === user
				&& m.seq > (log.windows.get(user)?.at(-1)?.from ?? 0)).map((m) => m.number));
			this.expect(7, view.read_number >= own && view.read_number <= last,
				`c:${id}: ${user} read up to ${view.read_number}, and said ${own}`);
			const members = [...log.windows].filter(([, w]) => w.at(-1).to === Infinity);
			this.expect(7, view.member_count === members.length, `c:${id}: member_count `
				+ `${view.member_count}, and ${members.length} by the log`);
		}
	}
}

export function judge(history, logs) {
	const judgement = new Judgement(history, logs).judge();
	return { violations: judgement.violations, counts: judgement.counts };
}

/** Rule 6 for each follower; what is wrong is noted as a violation. */
export async function converge(history, followers, timeout) {
	await Promise.all(followers.map((follower) => follower.expectConverged(timeout)
		.catch((error) => history.violation(6, error.message.slice(0, 2000)))));
}

export function expectNoViolation(history, { violations }) {
	history.flush();
	if (violations.length === 0)
		return;
	const shown = violations.slice(0, SHOWN)
		.map(({ rule, what }) => `rule ${rule}: ${what.slice(0, WIDTH)}`).join('\n');
	throw new Error(`${violations.length} violations; ${history.file}\n${shown}`);
}
