/*
 * Requests of every kind, all the time: each has to be answered in time, 503
 * has to say when to come again, and nothing else may be wrong.
 *
 *	const asking = new Asking(history, natter, ann, conversation);
 *	await asking.start();
 *	asking.mark('a fault');		from now on counted under this name
 *	await asking.stop();
 *	asking.counts			{ 'a fault': { answers, refused, slowest_ms } }
 */

import { sleep } from '../support/instance.js';
import { PASSWORD } from '../support/people.js';
import { openEventSource, openWebSocket } from '../support/stream.js';
import { now } from './history.js';

/** What clients are promised. */
export const ANSWER_MS = 3000;
const PAUSE_MS = 40;
const PATIENCE = { check: false, timeout: 20_000 };

/** A stream that opened is as good as an answer. */
const opened = (open) => async ({ person }) => {
	try {
		const stream = await open(person.api, '/events', { hello: false });
		stream.close();
		return { status: 200 };
	} catch (error) {
		if (error.status === undefined)
			throw error;
		return error;
	}
};

const KINDS = {
	me: ({ person }) => person.api.get('/me', PATIENCE),
	list: ({ person }) => person.api.get('/conversations', PATIENCE),
	page: ({ person, path }) => person.api.get(`${path}/messages`, PATIENCE),
	members: ({ person, path }) => person.api.get(`${path}/members`, PATIENCE),
	log: ({ person, path }) => person.api.get(`${path}/events?after=0`, PATIENCE),
	sync: ({ person }) => person.api.get('/sync', PATIENCE),
	people: ({ person }) => person.api.get('/users', PATIENCE),
	site: ({ person }) => person.api.get('/site', PATIENCE),
	typing: ({ person, path }) => person.api.post(`${path}/typing`, {}, PATIENCE),
	profile: ({ person }) => person.api.patch('/me', { display_name: 'Somebody' }, PATIENCE),
	'sign in': ({ browser, person }) => browser.post('/session',
		{ username: person.username, password: PASSWORD }, PATIENCE),
	'web socket': opened(openWebSocket),
	'event source': opened(openEventSource),
	readyz: ({ person }) => person.api.page('readyz', PATIENCE),
	healthz: ({ person }) => person.api.page('healthz', PATIENCE),
	'the page': ({ person }) => person.api.page('', PATIENCE),
};

export class Asking {
	constructor(history, natter, person, conversation) {
		Object.assign(this, { history, natter, person, path: `/conversations/${conversation}` });
		this.counts = {};
		this.mark('before');
	}

	mark(name) {
		this.count = this.counts[name] ??= { answers: 0, refused: 0, slowest_ms: 0 };
		this.name = name;
		this.unready = undefined;
	}

	async start() {
		this.browser = await this.person.signIn();
		this.running = true;
		this.loops = Object.entries(KINDS).map(([kind, ask]) => this.loop(kind, ask));
	}

	async loop(kind, ask) {
		while (this.running) {
			const { name, count } = this;
			const began = now();
			let answer;
			try {
				answer = await ask(this);
			} catch (error) {
				answer = { status: 0, text: error.message };
			}
			this.judge(`${name}: ${kind}`, answer, now() - began, count);
			if (kind === 'readyz' && answer.status === 503)
				this.unready = answer.body?.parts ?? {};
			await sleep(PAUSE_MS);
		}
	}

	judge(what, answer, ms, count) {
		count.answers++;
		count.refused += answer.status === 503 ? 1 : 0;
		count.slowest_ms = Math.max(count.slowest_ms, Math.round(ms));
		if (ms > ANSWER_MS)
			this.history.violation('3 s', `${what} took ${Math.round(ms)} ms`);
		if (answer.status === 503 && !/^[1-9]\d*$/.test(answer.headers['retry-after'] ?? ''))
			this.history.violation('503', `${what}: no Retry-After`);
		if (answer.status !== 503 && (answer.status < 200 || answer.status > 299))
			this.history.violation('status', `${what}: ${answer.status} ${answer.text}`);
	}

	async stop() {
		this.running = false;
		await Promise.all(this.loops ?? []);
	}
}
