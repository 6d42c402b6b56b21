/*
 * Connections that mean harm, from a thread of their own, so that keeping them
 * up takes no time from those who measure.
 *
 *	const attack = await startAttack(natter, 'idle', { count: 2000 });
 *	await attack.tell()	{ open, opened, streams, refused, closed, ... }
 *	await attack.end()	the same at the end, and all are closed
 *
 * It has started when all connections are open, and all streams are.  refused
 * { status: n } are those that got another answer, closed those that the
 * server ended, first_ms and last_ms how long that took it.
 */

import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { until } from '../support/instance.js';

/** A frame as a client sends it, masked. */
export function frame(opcode, payload = '', { fin = true, reserved = 0, masked = true } = {}) {
	const data = Buffer.from(payload);
	const length = data.length < 126 ? [data.length] : data.length < 65_536
		? [126, data.length >> 8, data.length & 255]
		: [127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((by) => data.length >>> by & 255)];
	length[0] |= masked ? 0x80 : 0;
	const head = Buffer.from([(fin ? 0x80 : 0) | reserved << 4 | opcode, ...length]);
	/* A mask of zeros changes nothing. */
	return Buffer.concat([head, masked ? Buffer.alloc(4) : Buffer.alloc(0), data]);
}

/** The bytes that open a stream by WebSocket. */
export function upgrade(site, token, path = '/events') {
	return `GET ${site.path}api/v1${path} HTTP/1.1\r\nHost: 127.0.0.1:${site.port}\r\n`
		+ `Authorization: Bearer ${token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`
		+ `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`;
}

const asked = (site, token, method, path, more = '') =>
	`${method} ${site.path}api/v1${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n${more}\r\n`;

/** What each says on a connection that was just made, and then every so often. */
const KINDS = {
	idle: { begin: () => '' },
	slowHeaders: { begin: () => 'GET / HTTP/1.1\r\nHost: x\r\nX-Long: ', every: 1000, drip: 'x' },
	slowBodies: { begin: (site, token, i) => asked(site, token, 'POST',
		i % 2 ? '/session' : '/conversations',
		'Content-Type: application/json\r\nContent-Length: 10000\r\n') + '{"', every: 1000, drip: 'x' },
	/** Asks for much and reads none of it. */
	deafReaders: { begin: (site, token, i, path) => asked(site, token, 'GET', path).repeat(20),
		deaf: true },
	/** A stream that is never read. */
	deafStreams: { begin: (site, token) => upgrade(site, token), stream: true, deaf: true },
	streams: { begin: (site, token) => upgrade(site, token), stream: true },
	pings: { begin: (site, token) => upgrade(site, token), stream: true, every: 10,
		drip: Buffer.concat(Array(100).fill(frame(9))) },
};

class Attack {
	constructor({ kind, port, path, count, tokens = [], about }) {
		Object.assign(this, { port, path, count, tokens, about }, KINDS[kind]);
		this.sockets = new Set();
		this.counts = { opened: 0, streams: 0, refused: {}, closed: 0 };
		this.began = performance.now();
		for (let i = 0; i < count; i++)
			this.connect(i);
		if (this.every !== undefined)
			setInterval(() => this.talk(), this.every);
	}

	connect(i) {
		const socket = net.connect(this.port, '127.0.0.1');
		this.sockets.add(socket);
		socket.on('connect', () => {
			this.counts.opened++;
			socket.write(this.begin(this, this.tokens[i % this.tokens.length], i, this.about));
			if (!this.stream && this.deaf)
				socket.pause();
		});
		socket.once('data', (data) => {
			const status = data.toString('latin1', 9, 12);
			socket.good = status === '101';
			if (socket.good)
				this.counts.streams++;
			else
				this.counts.refused[status] = (this.counts.refused[status] ?? 0) + 1;
			if (this.deaf)
				socket.pause();
			else
				socket.resume();
		});
		socket.on('error', () => {});
		socket.on('close', () => this.closed(socket));
	}

	closed(socket) {
		this.sockets.delete(socket);
		if (this.over)
			return;
		this.counts.closed++;
		this.counts.first_ms ??= Math.round(performance.now() - this.began);
		this.counts.last_ms = Math.round(performance.now() - this.began);
	}

	talk() {
		for (const socket of this.sockets)
			if (socket.writableLength === 0 && (!this.stream || socket.good))
				socket.write(this.drip);
	}

	tell() {
		return { open: this.sockets.size, ...this.counts };
	}

	end() {
		this.over = true;
		for (const socket of this.sockets)
			socket.destroy();
	}
}

/** The other end of the thread. */
class Handle {
	constructor(thread) {
		this.thread = thread;
		thread.on('error', (error) => this.failed(error));
	}

	ask(what) {
		return new Promise((done, fail) => {
			this.thread.once('message', done);
			this.failed = fail;
			this.thread.postMessage(what);
		});
	}

	tell() {
		return this.ask('tell');
	}

	async end() {
		const told = await this.ask('end');
		await this.thread.terminate();
		return told;
	}
}

export async function startAttack(site, kind, { count, people = [], about }) {
	const attack = new Handle(new Worker(fileURLToPath(import.meta.url), { workerData: { kind, count,
		about, port: site.port, path: site.path, tokens: people.map((person) => person.token) } }));
	await until(`${count} times ${kind}`, async () => {
		const told = await attack.tell();
		return told.opened === count && (!KINDS[kind].stream || told.streams === count);
	});
	return attack;
}

if (!isMainThread && workerData?.kind !== undefined) {
	const attack = new Attack(workerData);
	parentPort.on('message', (what) => {
		const told = attack.tell();
		if (what === 'end')
			attack.end();
		parentPort.postMessage(told);
	});
}
