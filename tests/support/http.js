/*
 * An HTTP client that behaves like a browser (cookie jar, Origin,
 * Sec-Fetch-Site) or like curl with a token.
 *
 *	const me = new Client(natter, { token });
 *	const { status, headers, body } = await me.post('/conversations', {...});
 *
 * Paths are below api/v1; page() is for addresses outside of it. Each answer
 * of a described route is held against docs/openapi.json (contract.js), so
 * that every test is a test of the description as well.
 */

import http from 'node:http';
import net from 'node:net';
import { checkAnswer } from './contract.js';

/** Fields of a body that no log may repeat. */
const UNTOLD = ['password', 'current_password', 'new_password', 'code', 'invite', 'text', 'topic', 'name'];

const agent = new http.Agent({ keepAlive: true, maxSockets: 64, timeout: 60_000 });

export class Client {
	/** site: {origin, path} of an instance. */
	constructor(site, { token = null, cookie = null, browser = false, check = true,
		headers = {} } = {}) {
		this.site = site;
		this.token = token;
		this.browser = browser || cookie !== null;
		this.jar = new Map();
		this.check = check;
		this.headers = headers;
		if (cookie !== null)
			this.jar.set(...cookie);
		if (token !== null)
			site.remember?.(token);
	}

	/** The same person asking in another way. */
	with(options) {
		const other = new Client(this.site, { token: this.token, check: this.check,
			browser: this.browser, headers: this.headers, ...options });
		if (options.token === undefined)
			other.jar = new Map(this.jar);
		return other;
	}

	/** The same credentials at another site. */
	of(site) {
		const other = this.with({});
		other.site = site;
		return other;
	}

	get cookie() {
		return [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ');
	}

	/** What every request of this client carries. */
	credentials() {
		const headers = { ...this.headers };
		if (this.token !== null)
			headers.authorization = `Bearer ${this.token}`;
		if (this.jar.size > 0)
			headers.cookie = this.cookie;
		if (this.browser) {
			headers.origin = this.site.origin;
			headers['sec-fetch-site'] = 'same-origin';
		}
		return headers;
	}

	address(path) {
		return `${this.site.path}api/v1${path}`;
	}

	get(path, options) {
		return this.request('GET', path, undefined, options);
	}

	post(path, body, options) {
		return this.request('POST', path, body, options);
	}

	put(path, body, options) {
		return this.request('PUT', path, body, options);
	}

	patch(path, body, options) {
		return this.request('PATCH', path, body, options);
	}

	delete(path, options) {
		return this.request('DELETE', path, undefined, options);
	}

	/** GET of an address below the site that is not of the API. */
	page(path, options = {}) {
		return this.send('GET', this.site.path + path, undefined, options);
	}

	request(method, path, body, options = {}) {
		return this.send(method, this.address(path), body, options);
	}

	/**
	 * body: an object is sent as JSON, a string or Buffer as it is. A header
	 * of undefined is left out. Never throws for a status.
	 */
	send(method, path, body, { headers = {}, timeout = 40_000, check = this.check,
		fresh = false, signal } = {}) {
		let data = null;
		const all = this.credentials();
		if (typeof body === 'string' || Buffer.isBuffer(body)) {
			data = Buffer.from(body);
			all['content-type'] = 'application/json';
		} else if (body !== undefined) {
			data = Buffer.from(JSON.stringify(body));
			all['content-type'] = 'application/json';
			for (const field of UNTOLD)
				if (typeof body?.[field] === 'string')
					this.site.remember?.(body[field]);
		}
		Object.assign(all, headers);
		for (const name of Object.keys(all))
			if (all[name] === undefined)
				delete all[name];
		if (data !== null && all['transfer-encoding'] === undefined)
			all['content-length'] = String(data.length);
		const started = performance.now();
		return new Promise((done, fail) => {
			const request = http.request({
				host: '127.0.0.1', port: this.site.port, method, path,
				headers: all, agent: fresh ? false : agent, signal,
			}, (response) => {
				const chunks = [];
				response.on('data', (chunk) => chunks.push(chunk));
				response.on('error', fail);
				response.on('end', () => {
					try {
						const answer = shape(response, Buffer.concat(chunks));
						answer.ms = performance.now() - started;
						answer.asked = `${method} ${path}`;
						this.keep(response);
						if (check)
							checkAnswer(method, path, this.site.path, answer);
						done(answer);
					} catch (error) {
						fail(error);
					}
				});
			});
			request.setTimeout(timeout, () => {
				const error = new Error(`${method} ${path}: no answer in ${timeout} ms`);
				error.code = 'ETIMEDOUT';
				request.destroy(error);
			});
			request.on('error', fail);
			request.end(data);
		});
	}

	/** Take and drop cookies as a browser does. */
	keep(response) {
		for (const line of response.headers['set-cookie'] ?? []) {
			const [pair, ...attributes] = line.split(';').map((part) => part.trim());
			const at = pair.indexOf('=');
			const name = pair.slice(0, at);
			const value = pair.slice(at + 1);
			this.site.remember?.(value);
			const gone = value === '' || attributes.some((a) =>
				/^max-age=(0|-\d+)$/i.test(a));
			if (gone)
				this.jar.delete(name);
			else
				this.jar.set(name, value);
			this.browser = true;
		}
	}
}

function shape(response, bytes) {
	const text = bytes.toString('utf8');
	let body = null;
	if (/^application\/(problem\+)?json/.test(response.headers['content-type'] ?? ''))
		body = text === '' ? null : JSON.parse(text);
	return { status: response.statusCode, headers: response.headers, text, body };
}

/**
 * Send bytes as they are and read until the server closes or the time is up:
 * for requests that no client library would make. They should ask for
 * `Connection: close`; the sending half stays open, because nginx takes its end
 * for a client that went away.  `from` is an address of this host.
 */
export function raw(site, bytes, { timeout = 5000, from } = {}) {
	return new Promise((done, fail) => {
		const socket = net.connect({ port: site.port, host: '127.0.0.1', localAddress: from });
		const chunks = [];
		const finish = () => {
			clearTimeout(timer);
			socket.destroy();
			const text = Buffer.concat(chunks).toString('latin1');
			const found = /^HTTP\/1\.[01] (\d{3})/.exec(text);
			done({ status: found === null ? 0 : Number(found[1]), text });
		};
		const timer = setTimeout(finish, timeout);
		socket.on('data', (chunk) => chunks.push(chunk));
		socket.on('close', finish);
		socket.on('error', (error) => chunks.length > 0 ? finish() : fail(error));
		socket.write(bytes);
	});
}
