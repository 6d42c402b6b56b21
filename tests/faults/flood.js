/*
 * Load that waits for nobody: requests go out when they are due, whether the
 * earlier ones are answered or not, over kept connections, from a thread of its
 * own, so that nothing else in the test makes them late.
 *
 *	const { all, send } = await flood(natter, { requests, rate: 300, seconds: 5 });
 *	const { all } = await flood(natter, { requests, clients: 16, seconds: 5 });
 *
 * With `clients` instead of `rate`, each of so many asks again as soon as it is
 * answered.  A request is { name, share, variants, status }: how often, the
 * bytes that go over the wire, and what is the right answer (2xx, when it does
 * not say).  Figures, of all and by name:
 *
 *	sent, taken (rightly answered), refused (429 or 503 with Retry-After),
 *	wrong		{ what: n }: any other answer, or none
 *	per_s		taken, per second
 *	p50, p99, worst	ms from the last byte of the request to the last of the
 *			answer, of those that were taken
 *	refused_p99	the same, of those that were refused
 *	lag_p99		ms that requests went out later than they were due
 */

import net from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { random } from './history.js';

/** Who is answered at all is answered within that. */
export const ANSWERED_MS = 1000;
/** Slower than this is harm; faster is noise of a busy machine. */
export const HARM_MS = 100;

/** Longer than nginx waits for a worker. */
const PATIENCE_MS = 35_000;
const CONNECTIONS_MAX = 6000;

export const percentile = (sorted, share) =>
	sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

const ascending = (list) => Float64Array.from(list).sort();
const rounded = (ms) => Math.round(ms * 10) / 10;

/** The bytes of a request by somebody with a token. */
export function bytesOf(site, method, path, { token, body, headers = {} } = {}) {
	const data = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
	const all = { Host: `127.0.0.1:${site.port}`, ...headers };
	if (token !== undefined)
		all.Authorization = `Bearer ${token}`;
	if (body !== undefined)
		all['Content-Type'] ??= 'application/json';
	if (method !== 'GET')
		all['Content-Length'] ??= Buffer.byteLength(data);
	return `${method} ${site.path}api/v1${path} HTTP/1.1\r\n`
		+ Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('') + '\r\n' + data;
}

/** What people ask for all day, in these conversations: [[person, id], ...]. */
export function everyday(site, places) {
	const variants = (make) => places.map(([person, id]) => make(person.token, id));
	return [
		{ name: 'send', share: 0.4, variants: variants((token, id) => bytesOf(site, 'POST',
			`/conversations/${id}/messages`, { token, body: { text: 'lorem ipsum '.repeat(8) } })) },
		{ name: 'history', share: 0.3, variants: variants((token, id) => bytesOf(site, 'GET',
			`/conversations/${id}/messages`, { token })) },
		{ name: 'list', share: 0.2, variants: variants((token) => bytesOf(site, 'GET',
			'/conversations', { token })) },
		{ name: 'me', share: 0.1, variants: variants((token) => bytesOf(site, 'GET', '/me',
			{ token })) },
	];
}

/** One kept connection, with one request on it at a time. */
class Line {
	constructor(run, address) {
		this.run = run;
		this.served = 0;
		this.asked = null;
		this.text = '';
		this.socket = net.connect({ port: run.port, host: '127.0.0.1', localAddress: address });
		this.socket.setNoDelay(true);
		this.socket.setEncoding('latin1');
		this.socket.on('data', (text) => this.heard(text));
		this.socket.on('error', (error) => this.error = error.code);
		this.socket.on('close', () => this.closed());
	}

	ask(asked) {
		this.asked = asked;
		this.text = '';
		asked.sent = performance.now();
		this.socket.write(asked.bytes, 'latin1');
	}

	heard(text) {
		this.text += text;
		const head = this.text.indexOf('\r\n\r\n');
		if (head < 0 || this.asked === null)
			return;
		const length = /\r\ncontent-length: (\d+)/i.exec(this.text)?.[1];
		const whole = length !== undefined ? this.text.length >= head + 4 + Number(length)
			: /\r\ntransfer-encoding: chunked/i.test(this.text.slice(0, head + 2))
				? this.text.endsWith('0\r\n\r\n') : this.text.startsWith('HTTP/1.1 204');
		if (!whole)
			return;
		const { asked } = this;
		this.asked = null;
		this.served++;
		if (/\r\nconnection: close/i.test(this.text.slice(0, head + 2)))
			this.socket.end();
		else
			this.run.idle.push(this);
		this.run.answered(asked, this.text.slice(0, head + 2));
	}

	/** A kept connection may be closed in the very moment that we ask. */
	closed() {
		this.run.lines.delete(this);
		const { asked } = this;
		if (asked === null)
			return;
		if (this.served > 0 && this.text === '')
			this.run.ask(asked);
		else
			this.run.answered(asked, null, this.error ?? 'closed');
	}
}

class Run {
	constructor({ port, requests, rate, clients, seconds, seed = 1, addresses = [] }) {
		Object.assign(this, { port, requests, rate, clients, seconds, addresses });
		this.random = random(seed);
		this.idle = [];
		this.lines = new Set();
		this.pending = 0;
		this.counts = Object.fromEntries(requests.map(({ name }) => [name,
			{ sent: 0, taken: [], refused: [], wrong: {}, lag: [] }]));
	}

	choose() {
		let die = this.random.next();
		return this.requests.find((request) => (die -= request.share) < 0) ?? this.requests[0];
	}

	ask(asked) {
		let line;
		do
			line = this.idle.pop();
		while (line !== undefined && line.socket.destroyed);
		if (line === undefined && this.lines.size >= CONNECTIONS_MAX)
			return this.answered(asked, null, 'no connection left');
		if (line === undefined) {
			line = new Line(this, this.addresses.length > 0
				? this.random.pick(this.addresses) : undefined);
			this.lines.add(line);
		}
		line.ask(asked);
	}

	begin(due) {
		const { name, variants, status = '2..' } = this.choose();
		const counts = this.counts[name];
		counts.sent++;
		counts.lag.push(performance.now() - due);
		this.pending++;
		this.ask({ counts, right: new RegExp(`^${status}$`), bytes: this.random.pick(variants) });
	}

	answered({ counts, right, sent }, head, error) {
		const now = performance.now();
		const status = head === null ? error : head.slice(9, 12);
		this.pending--;
		if (right.test(status))
			counts.taken.push(now - sent);
		else if (/^429|503$/.test(status) && /\r\nretry-after: [1-9]\d*\r\n/i.test(head))
			counts.refused.push(now - sent);
		else
			counts.wrong[status] = (counts.wrong[status] ?? 0) + 1;
		if (this.clients !== undefined && now < this.end)
			this.begin(now);
		if (this.pending === 0 && now >= this.end)
			this.finish();
	}

	/** Each millisecond what is due by now. */
	tick(number, began) {
		const now = performance.now();
		for (; began + number / this.rate * 1000 <= Math.min(now, this.end); number++)
			this.begin(began + number / this.rate * 1000);
		if (now < this.end)
			setTimeout(() => this.tick(number, began), 1);
		else if (this.pending === 0)
			this.finish();
	}

	start() {
		const began = performance.now();
		this.end = began + this.seconds * 1000;
		this.patience = setTimeout(() => this.finish(), this.seconds * 1000 + PATIENCE_MS);
		if (this.clients === undefined)
			return this.tick(0, began);
		for (let i = 0; i < this.clients; i++)
			this.begin(began);
	}

	figures(all) {
		const list = (name) => ascending(all.flatMap((counts) => counts[name]));
		const [taken, refused, lag] = ['taken', 'refused', 'lag'].map(list);
		const wrong = {};
		for (const [what, n] of all.flatMap((counts) => Object.entries(counts.wrong)))
			wrong[what] = (wrong[what] ?? 0) + n;
		return { sent: all.reduce((sum, counts) => sum + counts.sent, 0), taken: taken.length,
			refused: refused.length, wrong, per_s: Math.round(taken.length / this.seconds),
			p50: rounded(percentile(taken, 0.5)), p99: rounded(percentile(taken, 0.99)),
			worst: rounded(taken.at(-1) ?? 0), refused_p99: rounded(percentile(refused, 0.99)),
			lag_p99: rounded(percentile(lag, 0.99)) };
	}

	finish() {
		clearTimeout(this.patience);
		for (const line of this.lines) {
			if (line.asked !== null)
				line.asked.counts.wrong['no answer'] = (line.asked.counts.wrong['no answer'] ?? 0) + 1;
			line.asked = null;
			line.socket.destroy();
		}
		parentPort.postMessage(Object.fromEntries([
			['all', this.figures(Object.values(this.counts))],
			...Object.entries(this.counts).map(([name, counts]) => [name, this.figures([counts])])]));
	}
}

export function flood(site, options) {
	return new Promise((done, fail) => {
		const thread = new Worker(fileURLToPath(import.meta.url),
			{ workerData: { port: site.port, ...options } });
		thread.on('message', done);
		thread.on('error', fail);
	});
}

if (!isMainThread && workerData?.requests !== undefined)
	new Run(workerData).start();
