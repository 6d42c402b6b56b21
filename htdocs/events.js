/*
 * events.js -- the live stream, by the best way that works: WebSocket, else
 * server-sent events, else polling. The only file that opens streams.
 *
 * A stream counts as open when its hello has arrived. One that is silent for
 * 45 s (the server's heart beats every 25 s) is taken for dead. Nothing is
 * ever sent on it.
 */

import { ApiError, getSync } from './api.js';
import { backoff } from './lib/backoff.js';

/** @typedef {'websocket' | 'events' | 'polling'} Rung */

/**
 * @typedef {object} Listener
 * @property {(events: StreamEvent[]) => void} onEvents in the order they came
 * @property {(rung: Rung) => void} onOpen subscribed: now catch up
 * @property {() => void} onClose trying again from here on
 * @property {() => { sum: number, after: number }} position what the client has
 * @property {() => Promise<void>} onBehind polling saw that something is new
 */

const silenceMs = 45_000;
const handshakeMs = 10_000;

/**
 * Keeps a stream open until it is told to stop.
 *
 * @param {Listener} listener
 */
export function openEvents(listener) {
	/** @type {{ close: () => void } | null} */
	let current = null;
	/** @type {{ close: () => void } | null} */
	let probing = null;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	let retryTimer;
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	let probeTimer;
	let failures = 0;
	let probes = 0;
	let heardAt = 0;
	let stopped = false;

	/** Two tries by WebSocket, then each of the others, and again. */
	const ladder = [openWebSocket, openWebSocket, openEventSource, openPolling];

	function connect() {
		clearTimeout(retryTimer);
		clearTimeout(probeTimer);
		current?.close();
		current = null;
		const open = ladder[failures % ladder.length];
		const connection = open({
			hello(rung) {
				if (connection !== current)
					return;
				heardAt = Date.now();
				failures = 0;
				listener.onOpen(rung);
				if (rung !== 'websocket')
					probeLater();
			},
			events: (events) => {
				if (connection === current)
					take(events);
			},
			closed() {
				if (connection === current)
					retry();
			},
		}, listener);
		current = connection;
		heardAt = Date.now();
	}

	/** @param {StreamEvent[]} events */
	function take(events) {
		heardAt = Date.now();
		listener.onEvents(events);
	}

	function retry() {
		if (stopped)
			return;
		current?.close();
		current = null;
		listener.onClose();
		retryTimer = setTimeout(connect, backoff(failures++));
	}

	/** While on a lower rung, look now and then whether WebSocket works. */
	function probeLater() {
		clearTimeout(probeTimer);
		probeTimer = setTimeout(probe, [5_000, 30_000][probes++] ?? 180_000);
	}

	function probe() {
		/** @type {StreamEvent[]} */
		const early = [];
		const connection = openWebSocket({
			hello(rung) {
				clearTimeout(retryTimer);
				current?.close();
				current = connection;
				probing = null;
				probes = 0;
				failures = 0;
				take(early.splice(0));
				listener.onOpen(rung);
			},
			events(events) {
				if (connection === current)
					take(events);
				else
					early.push(...events);
			},
			closed() {
				if (connection === current) {
					retry();
				} else if (connection === probing) {
					probing = null;
					probeLater();
				}
			},
		});
		probing = connection;
	}

	/** After sleep, or when the network is back: don't wait for the timer. */
	function wake() {
		if (stopped || document.visibilityState === 'hidden')
			return;
		if (!current || Date.now() - heardAt > silenceMs) {
			failures = 0;
			connect();
		}
	}

	function online() {
		failures = 0;
		connect();
	}

	function offline() {
		if (current)
			retry();
	}

	const watchdog = setInterval(() => {
		if (current && Date.now() - heardAt > silenceMs)
			retry();
	}, 5_000);
	addEventListener('online', online);
	addEventListener('offline', offline);
	addEventListener('pageshow', wake);
	document.addEventListener('visibilitychange', wake);
	connect();

	return {
		close() {
			stopped = true;
			clearInterval(watchdog);
			clearTimeout(retryTimer);
			clearTimeout(probeTimer);
			removeEventListener('online', online);
			removeEventListener('offline', offline);
			removeEventListener('pageshow', wake);
			document.removeEventListener('visibilitychange', wake);
			probing?.close();
			current?.close();
			current = null;
		},
	};
}

/**
 * @typedef {object} Handlers
 * @property {(rung: Rung) => void} hello
 * @property {(events: StreamEvent[]) => void} events
 * @property {() => void} closed
 */

/**
 * A frame is one event or several.
 *
 * @param {string} data
 * @returns {StreamEvent[]}
 */
export function parseFrame(data) {
	try {
		const parsed = JSON.parse(data);
		return Array.isArray(parsed) ? parsed : [parsed];
	} catch {
		return [];
	}
}

/** @param {Handlers} handlers */
function openWebSocket(handlers) {
	const url = new URL('./api/v1/events', location.href);
	url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
	url.hash = '';
	const socket = new WebSocket(url);
	return follow('websocket', handlers, () => socket.close(), (message, closed) => {
		socket.onmessage = (event) => message(event.data);
		socket.onclose = closed;
	});
}

/** @param {Handlers} handlers */
function openEventSource(handlers) {
	const source = new EventSource('./api/v1/events');
	return follow('events', handlers, () => source.close(), (message, closed) => {
		source.onmessage = (event) => message(event.data);
		source.onerror = closed;
	});
}

/**
 * @param {Rung} rung
 * @param {Handlers} handlers
 * @param {() => void} close
 * @param {(message: (data: string) => void, closed: () => void) => void} listen
 */
function follow(rung, handlers, close, listen) {
	let greeted = false;
	let over = false;
	const handshake = setTimeout(end, handshakeMs);

	function end() {
		if (over)
			return;
		over = true;
		clearTimeout(handshake);
		close();
		handlers.closed();
	}

	listen((data) => {
		if (over)
			return;
		const events = parseFrame(data);
		handlers.events(events);
		if (!greeted && events.some((event) => event.type === 'hello')) {
			greeted = true;
			clearTimeout(handshake);
			handlers.hello(rung);
		}
	}, end);

	return {
		close() {
			over = true;
			clearTimeout(handshake);
			close();
		},
	};
}

/**
 * @param {Handlers} handlers
 * @param {Listener} listener
 */
function openPolling(handlers, listener) {
	const stop = new AbortController();
	let greeted = false;

	async function poll() {
		while (!stop.signal.aborted) {
			const position = listener.position();
			const began = Date.now();
			const answer = await getSync({ ...position, wait: greeted ? 25 : 0 }, stop.signal);
			handlers.events([{ type: 'heartbeat', epoch: answer.epoch }]);
			if (!greeted) {
				greeted = true;
				handlers.hello('polling');
			} else if (answer.sum !== position.sum || answer.last_seq !== position.after) {
				await listener.onBehind();
				/* A sum that never comes to agree must not make a busy loop. */
				await new Promise((done) => setTimeout(done, Math.max(0, 1_000 - (Date.now() - began))));
			}
		}
	}

	poll().catch((error) => {
		if (stop.signal.aborted)
			return;
		if (!(error instanceof ApiError))
			throw error;
		handlers.closed();
	});
	return { close: () => stop.abort() };
}
