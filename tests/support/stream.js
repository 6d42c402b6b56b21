/*
 * Followers of a stream: by WebSocket, server-sent events, lines of JSON and long-poll.
 * All record what they hear as events in order, whatever frames it came in,
 * and hold each against docs/asyncapi.json.
 *
 *	const stream = await openWebSocket(ann.api, '/events');
 *	const event = await stream.expectEvent('message.posted',
 *		(e) => e.message.text === 'hello');
 */

import assert from 'node:assert/strict';
import http from 'node:http';
import WebSocket from 'ws';
import { checkEvent } from './contract.js';

const TIMEOUT = 8000;

/** What all kinds of followers can do. */
class Follower {
	constructor(path) {
		this.channel = path.startsWith('/conversations/') ? 'conversation' : 'mine';
		this.events = [];
		this.frames = [];
		this.waiting = new Set();
		this.open = true;
		this.onEvent = null;
		this.ended = new Promise((done) => this.end = (reason) => {
			if (!this.open)
				return;
			this.open = false;
			this.reason = reason;
			for (const wait of this.waiting)
				wait();
			done(reason);
		});
	}

	/** One frame: an event, or an array of them. */
	heard(text) {
		const frame = JSON.parse(text);
		this.frames.push(text);
		for (const event of Array.isArray(frame) ? frame : [frame]) {
			event.heard_at = performance.now();
			this.events.push(event);
			this.onEvent?.(event);
		}
		for (const wait of this.waiting)
			wait();
	}

	/** The first event, heard or still to come, that fits. */
	expectEvent(type, fits = () => true, { timeout = TIMEOUT, from = 0 } = {}) {
		return new Promise((done, fail) => {
			let next = from;
			const look = () => {
				for (; next < this.events.length; next++) {
					const event = this.events[next];
					if (event.type !== type || !fits(event))
						continue;
					this.waiting.delete(look);
					clearTimeout(timer);
					const { heard_at, ...plain } = event;
					try {
						checkEvent(plain, this.channel);
						done(event);
					} catch (error) {
						fail(error);
					}
					return;
				}
				if (!this.open)
					give(`the stream ended (${this.reason})`);
			};
			const give = (why) => {
				this.waiting.delete(look);
				clearTimeout(timer);
				fail(new Error(`no ${type}: ${why}; heard `
					+ (this.events.map((e) => e.type).join(' ') || 'nothing')));
			};
			const timer = setTimeout(() => give(`none in ${timeout} ms`), timeout);
			this.waiting.add(look);
			look();
		});
	}

	of(type) {
		return this.events.filter((event) => event.type === type);
	}

	/** Numbered events only. */
	get numbered() {
		return this.events.filter((event) => event.seq !== undefined
			&& event.type !== 'hint');
	}

	/** Hold everything heard so far against the description. */
	checkAll() {
		for (const { heard_at, ...event } of this.events)
			checkEvent(event, this.channel);
	}

	async expectEnd(timeout = 5000) {
		let timer;
		const late = new Promise((_, fail) => timer = setTimeout(() =>
			fail(new Error(`the stream is open after ${timeout} ms`)), timeout));
		try {
			return await Promise.race([this.ended, late]);
		} finally {
			clearTimeout(timer);
		}
	}
}

class Refused extends Error {
	constructor(status, headers, text) {
		super(`stream refused: ${status} ${text.slice(0, 300)}`);
		this.status = status;
		this.headers = headers;
		this.text = text;
		this.body = /json/.test(headers['content-type'] ?? '') ? JSON.parse(text) : null;
	}
}

export function openWebSocket(client, path = '/events', { headers = {}, hello = true } = {}) {
	const all = { ...client.credentials(), ...headers };
	for (const name of Object.keys(all))
		if (all[name] === undefined)
			delete all[name];
	const follower = new Follower(path);
	const socket = new WebSocket(
		`ws://127.0.0.1:${client.site.port}${client.address(path)}`,
		{ headers: all, perMessageDeflate: false });
	follower.socket = socket;
	follower.close = () => {
		socket.terminate();
		return follower.ended;
	};
	return new Promise((done, fail) => {
		socket.on('unexpected-response', (request, response) => {
			const chunks = [];
			response.on('data', (chunk) => chunks.push(chunk));
			response.on('end', () => {
				request.destroy();
				fail(new Refused(response.statusCode, response.headers,
					Buffer.concat(chunks).toString()));
			});
		});
		socket.on('message', (data) => follower.heard(data.toString()));
		socket.on('close', (code, reason) => follower.end(`${code} ${reason}`));
		socket.on('error', (error) => {
			follower.end(error.message);
			fail(error);
		});
		socket.on('open', () => opened(follower, hello).then(done, fail));
	});
}

/** Cut what came into frames: server-sent events, or lines of JSON. */
const CUTS = {
	'text/event-stream': ['\n\n', (part) => part.split('\n')
		.filter((line) => line.startsWith('data:'))
		.map((line) => line.slice(5).replace(/^ /, '')).join('\n')],
	'application/x-ndjson': ['\n', (part) => part.trim()],
};

export const openEventSource = (client, path, options) =>
	openByHttp('text/event-stream', client, path, options);

export const openLines = (client, path, options) =>
	openByHttp('application/x-ndjson', client, path, options);

function openByHttp(accept, client, path = '/events', { headers = {}, hello = true } = {}) {
	const [end, frameOf] = CUTS[accept];
	const follower = new Follower(path);
	return new Promise((done, fail) => {
		const all = { ...client.credentials(), accept, ...headers };
		const request = http.request({ host: '127.0.0.1', port: client.site.port,
			path: client.address(path), headers: all, agent: false }, (response) => {
			response.setEncoding('utf8');
			if (response.statusCode !== 200) {
				let text = '';
				response.on('data', (chunk) => text += chunk);
				response.on('end', () =>
					fail(new Refused(response.statusCode, response.headers, text)));
				return;
			}
			follower.headers = response.headers;
			let pending = '';
			response.on('data', (chunk) => {
				pending += chunk.replaceAll('\r\n', '\n');
				for (let at; (at = pending.indexOf(end)) >= 0;) {
					const frame = frameOf(pending.slice(0, at));
					pending = pending.slice(at + end.length);
					if (frame !== '')
						follower.heard(frame);
				}
			});
			response.on('close', () => follower.end('closed'));
			response.on('error', (error) => follower.end(error.message));
			opened(follower, hello).then(done, fail);
		});
		request.on('error', (error) => {
			follower.end(error.message);
			fail(error);
		});
		request.end();
		follower.close = () => {
			request.destroy();
			return follower.ended;
		};
	});
}

/**
 * A stream counts as open once its hello is there, which has to come first;
 * with hello 'anytime' others may come before, with false nothing is awaited.
 */
async function opened(follower, hello) {
	if (hello !== false) {
		try {
			await follower.expectEvent('hello');
		} catch (error) {
			follower.close?.();
			throw error;
		}
		if (hello !== 'anytime')
			assert.equal(follower.events[0].type, 'hello', 'hello comes first');
	}
	return follower;
}

/** Follow an event log (/me/events, /conversations/7/events) by long-polls. */
export async function openLongPoll(client, path, { after, wait = 25 } = {}) {
	const follower = new Follower(path);
	const stop = new AbortController();
	if (after === undefined)
		after = (await client.get(`${path}?after=0&limit=1`)).body.last_seq;
	follower.close = () => {
		follower.end('closed');
		stop.abort();
		return follower.ended;
	};
	follower.loop = (async () => {
		while (follower.open) {
			try {
				const page = await client.get(`${path}?after=${after}&wait=${wait}`,
					{ signal: stop.signal });
				if (page.status !== 200) {
					follower.answer = page;
					follower.end(`status ${page.status}`);
					return;
				}
				if (page.body.items.length > 0) {
					after = page.body.items.at(-1).seq;
					follower.heard(JSON.stringify(page.body.items));
				}
			} catch (error) {
				follower.end(error.message);
			}
		}
	})();
	return follower;
}

export { Refused };
