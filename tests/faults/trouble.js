/*
 * A bad line between one page and the server, from a seed: questions that are
 * late, answers that are late and so tell of what was, answers that are lost
 * after the server did what was asked, and frames of the stream that are late.
 *
 *	const trouble = new Trouble(random(seed));
 *	await trouble.begin(page);
 *	trouble.end();			what was held back goes on its way
 */

import { late } from '../support/instance.js';

const MOST_MS = 1500;
const LATE_FRAMES = 0.3;

/** What becomes of a request, by its share. */
const FATES = { reading: [['refused', 0.05], ['lost', 0.02], ['asked late', 0.2],
	['answered late', 0.3]],
writing: [['refused', 0.05], ['lost', 0.12], ['asked late', 0.15], ['answered late', 0.15]] };

export class Trouble {
	constructor(random) {
		this.random = random;
		this.over = false;
		this.offline = false;
		this.released = new Promise((done) => this.release = done);
		this.counts = { 'late frames': 0 };
	}

	async begin(page) {
		await page.routeWebSocket(/\/api\/v1\/events/, (socket) => this.listen(socket));
		/* A page that is gone takes no answer. */
		await page.route('**/api/v1/**', (route) => this.meet(route).catch(() => {}));
	}

	end() {
		this.over = true;
		this.release();
	}

	async pause() {
		const ms = this.random.next() ** 2 * MOST_MS;
		await Promise.race([late(ms), this.released]);
	}

	fate(request) {
		let lot = this.random.next();
		if (this.over || new URL(request.url()).searchParams.has('wait'))
			return 'none';
		for (const [name, share] of FATES[request.method() === 'GET' ? 'reading' : 'writing']) {
			lot -= share;
			if (lot < 0)
				return name;
		}
		return 'none';
	}

	async meet(route) {
		const fate = this.fate(route.request());
		this.counts[fate] = (this.counts[fate] ?? 0) + 1;
		if (fate === 'none') {
			await route.continue();
			return;
		}
		if (fate === 'refused' || fate === 'asked late') {
			await this.pause();
			await (fate === 'refused' ? route.abort('connectionreset') : route.continue());
			return;
		}
		if (this.offline) {
			await route.abort('internetdisconnected');
			return;
		}
		const response = await route.fetch();
		await this.pause();
		if (fate === 'lost' || this.offline)
			await route.abort('connectionreset');
		else
			await route.fulfill({ response });
	}

	/** Late, but in order. */
	listen(socket) {
		const server = socket.connectToServer();
		let before = Promise.resolve();
		server.onMessage((frame) => {
			const held = !this.over && this.random.chance(LATE_FRAMES);
			this.counts['late frames'] += Number(held);
			before = before.then(() => held && this.pause()).then(() => socket.send(frame))
				.catch(() => {});
		});
	}
}
