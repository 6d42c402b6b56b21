/*
 * Memory that is out: every allocation of a request fails once, those of the
 * libraries included.  The worker ends, the client hears 503 with Retry-After,
 * and what was asked for has happened wholly or not at all; asked for again it
 * is there once.
 *
 *	const counts = await allocations({ requests: NAMES });
 *
 * The public nginx asks a worker of this test instead of the pool: the release
 * program, because a sanitizer has a malloc of its own, with allocation.c
 * preloaded.
 */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '../support/http.js';
import { late, root, startInstance, until } from '../support/instance.js';
import { codeOf, createGroup, PASSWORD, people, say, signInCode } from '../support/people.js';
import { halfState } from './sweep.js';

const EX_OSERR = 71;
const END_MS = 5000;
const OTHER_PASSWORD = 'another horse, another staple';
const thumb = encodeURIComponent('👍');

class Worker {
	constructor(natter) {
		this.natter = natter;
		this.library = join(natter.var, 'tmp/allocation.so');
		this.socket = join(natter.var, 'run/allocations.sock');
		this.numbers = join(natter.var, 'tmp/allocations');
		this.log = openSync(join(natter.var, 'log/allocations.log'), 'a');
		execFileSync('make', ['-s', '-C', root, 'B=build', 'build/bin/natter-app'],
			{ stdio: 'pipe', env: { PATH: process.env.PATH } });
		execFileSync('cc', ['-std=c11', '-D_GNU_SOURCE', '-include', 'lib/base/banned.h', '-O1', '-shared',
			'-fPIC', '-o', this.library, 'tests/faults/allocation.c'], { cwd: root, stdio: 'pipe' });
		this.fd = openSync(this.numbers, 'w+');
		this.arm(0);
	}

	async start() {
		rmSync(this.socket, { force: true });
		this.child = spawn(join(root, 'build/bin/natter-app'), ['--var', this.natter.var],
			{ stdio: ['ignore', this.log, this.log], env: { ...this.natter.env,
				LD_PRELOAD: this.library, ALLOCATIONS: this.numbers, ALLOCATIONS_LISTEN: this.socket } });
		this.ended = new Promise((done) => this.child.on('exit', (code, signal) => done({ code, signal })));
		await until('the worker listens', () => existsSync(this.socket), { every: 1 });
	}

	/** The n-th allocation from now on fails; 0: none. */
	arm(n) {
		writeSync(this.fd, new Uint32Array([n, 0]), 0, 8, 0);
	}

	/** How many there were since. */
	count() {
		const numbers = new Uint32Array(2);
		readSync(this.fd, numbers, 0, 8, 0);
		return numbers[1];
	}

	async end() {
		this.child?.kill('SIGTERM');
		await this.ended;
		closeSync(this.fd);
		closeSync(this.log);
	}
}

class World {
	async begin(natter) {
		this.natter = natter;
		this.door = () => new Client(natter, { browser: true });
		[this.ann, this.bob] = await people(natter, 'ann', 'bob');
		this.browser = await this.ann.signIn();
		this.invite = codeOf(await natter.cli(['invite', 'add', '--uses', '1000']));
		this.id = await this.group();
		for (let i = 0; i < 5; i++)
			this.said = await say(this.bob, this.id, `said *${i}*`);
		return this;
	}

	group() {
		return createGroup(this.ann, [this.bob]);
	}

	/** A group of its own, with one message. */
	async fresh() {
		const id = await this.group();
		return { id, said: await say(this.ann, id, 'said') };
	}

	name() {
		return `name-${++this.natter.people}`;
	}

	async canSignIn(username, password) {
		const { status } = await this.door().post('/session', { username, password });
		assert.ok([201, 401].includes(status), `${status}`);
		return status === 201;
	}

	async last(id) {
		const page = await this.ann.api.get(`/conversations/${id}/messages`);
		return page.body.items.at(-1);
	}

	async members(id) {
		const { body } = await this.ann.api.get(`/conversations/${id}/members`);
		return body.items.map((member) => member.user.id);
	}

	/** Away with the tokens or invitations that were made: there is a limit. */
	async clear(kind, client) {
		const { body } = await client.get(`/${kind}`);
		for (const { id, name } of body.items)
			if (kind === 'invites' || name === 'made')
				await client.delete(`/${kind}/${id}`);
	}
}

const reads = (path) => ({
	ask: (w) => w.ann.api.get(path(w)),
	ok: [200],
	holds: async (w, one, answer) => {
		w.shown ??= new Map();
		if (!w.shown.has(answer.asked))
			w.shown.set(answer.asked, answer.body);
		assert.deepEqual(answer.body, w.shown.get(answer.asked));
	},
});

const place = (one) => `/conversations/${one.id}`;

/*
 * ready: what is there before.  ask: the request.  ok: its answers; again: its
 * answers when it may have happened already.  holds: what is true afterwards.
 */
const REQUESTS = {
	'sign in': {
		ask: async (w) => {
			w.here = w.door();
			return w.here.post('/session', { username: w.ann.username, password: PASSWORD });
		},
		ok: [201],
		holds: async (w) => assert.equal((await w.here.get('/me')).status, 200),
	},
	'sign up': {
		ready: (w) => ({ username: w.name() }),
		ask: (w, { username }) => w.door().post('/users', { username, password: PASSWORD, invite: w.invite }),
		ok: [201],
		again: [409],
		holds: async (w, { username }) => assert.ok(await w.canSignIn(username, PASSWORD)),
	},
	'redeem a link': {
		ready: async (w) => ({ code: await signInCode(w.natter, w.bob.username) }),
		ask: (w, { code }) => w.door().post('/links/redeem', { code, password: PASSWORD }),
		ok: [201],
		again: [404],
		holds: async (w) => assert.ok(await w.canSignIn(w.bob.username, PASSWORD)),
	},
	'sign out': {
		ready: async (w) => ({ here: await w.ann.signIn() }),
		ask: (w, { here }) => here.with({}).delete('/session'),
		ok: [204],
		again: [401],
		holds: async (w, { here }) => assert.equal((await here.get('/me')).status, 401),
	},
	'a new password': {
		ready: async (w) => {
			w.passwords = [w.passwords?.[1] ?? PASSWORD, w.passwords?.[0] ?? OTHER_PASSWORD];
			w.typist ??= (await people(w.natter, 'typist'))[0];
			if (w.typist.password === null)
				await w.typist.signIn();
			w.typist.password = w.passwords[0];
			return { here: await w.typist.signIn() };
		},
		ask: (w, { here }) => here.put('/me/password',
			{ current_password: w.passwords[0], new_password: w.passwords[1] }),
		ok: [204],
		again: [401],		/* the session has another secret now */
		holds: async (w) => {
			assert.ok(await w.canSignIn(w.typist.username, w.passwords[1]));
			assert.ok(!await w.canSignIn(w.typist.username, w.passwords[0]));
		},
	},
	'a new token': {
		ready: (w) => w.clear('tokens', w.browser),
		ask: (w) => w.browser.post('/tokens', { name: 'made', scopes: ['read'] }),
		ok: [201],
		holds: async (w, one, { body }) =>
			assert.equal((await new Client(w.natter, { token: body.token }).get('/me')).status, 200),
	},
	'an invitation': {
		ready: (w) => w.clear('invites', w.ann.api),
		ask: (w) => w.ann.api.post('/invites', { uses: 3 }),
		ok: [201],
		holds: async (w, one, { body }) =>
			assert.equal((await w.door().post('/links/check', { code: body.code })).status, 200),
	},
	'me': reads(() => '/me'),
	'find people': reads((w) => `/users?q=${w.bob.username}`),
	'change me': {
		ready: (w) => ({ display_name: `Ann ${w.name()}` }),
		ask: (w, { display_name }) => w.bob.api.patch('/me', { display_name, settings: { theme: 'dark' } }),
		ok: [200],
		holds: async (w, { display_name }) =>
			assert.equal((await w.bob.api.get('/me')).body.user.display_name, display_name),
	},
	'a direct conversation': {
		ready: async (w) => {
			const username = w.name();
			await w.natter.cli(['user', 'add', username]);
			return { user_id: (await w.ann.api.get(`/users?q=${username}`)).body.items[0].id };
		},
		ask: (w, { user_id }) => w.ann.api.post('/conversations', { kind: 'direct', user_id }),
		ok: [200, 201],
		holds: async (w, one, { body }) => {
			const { items } = (await w.ann.api.get('/conversations')).body;
			assert.equal(items.filter((c) => c.peer?.id === one.user_id).length, 1);
			one.id = body.id;
		},
	},
	'a group': {
		ready: (w) => ({ name: w.name() }),
		ask: (w, { name }) => w.ann.api.post('/conversations',
			{ kind: 'group', name, visibility: 'private', topic: 'topic', user_ids: [w.bob.id] }),
		ok: [201],
		holds: (w, one, { body }) => one.id = body.id,
	},
	'conversations': { ...reads(() => '/conversations'), holds: () => {} },
	'a conversation': reads((w) => `/conversations/${w.id}`),
	'rename': {
		ready: async (w) => ({ id: await w.group(), name: w.name() }),
		ask: (w, one) => w.ann.api.patch(place(one), { name: one.name, topic: one.name }),
		ok: [200],
		holds: async (w, one) => {
			const { body } = await w.ann.api.get(place(one));
			assert.deepEqual([body.name, body.topic], [one.name, one.name]);
		},
	},
	'members': reads((w) => `/conversations/${w.id}/members`),
	'add a member': {
		ready: async (w) => ({ id: await createGroup(w.ann, []) }),
		ask: (w, one) => w.ann.api.post(`${place(one)}/members`, { user_id: w.bob.id }),
		ok: [201],
		again: [409],
		holds: async (w, { id }) => assert.ok((await w.members(id)).includes(w.bob.id)),
	},
	'remove a member': {
		ready: async (w) => ({ id: await w.group() }),
		ask: (w, one) => w.ann.api.delete(`${place(one)}/members/${w.bob.id}`),
		ok: [204],
		again: [404],
		holds: async (w, { id }) => assert.ok(!(await w.members(id)).includes(w.bob.id)),
	},
	'messages': reads((w) => `/conversations/${w.id}/messages`),
	'send': {
		ready: async (w) => ({ id: await w.group(), key: w.name() }),
		ask: (w, one) => w.ann.api.post(`${place(one)}/messages`,
			{ text: `**${one.key}** @${w.bob.username}`, client_id: one.key }),
		ok: [201],
		again: [200],
		holds: async (w, one, answer) => {
			const message = await w.last(one.id);
			assert.deepEqual([message.id, message.number], [answer.body.id, 1]);
			assert.match(message.html, /<strong>.*<span class="mention"/);
		},
	},
	'edit': {
		ready: (w) => w.fresh(),
		ask: (w, { said }) => w.ann.api.patch(`/messages/${said.id}`, { text: 'said _better_' }),
		ok: [200],
		holds: async (w, { id }) => assert.equal((await w.last(id)).html.trim(), '<p>said <em>better</em></p>'),
	},
	'delete a message': {
		ready: (w) => w.fresh(),
		ask: (w, { said }) => w.ann.api.delete(`/messages/${said.id}`),
		ok: [204],
		holds: async (w, { id }) => assert.notEqual((await w.last(id)).deleted_at, null),
	},
	'react': {
		ready: (w) => w.fresh(),
		ask: (w, { said }) => w.bob.api.put(`/messages/${said.id}/reactions/${thumb}`),
		ok: [204],
		holds: async (w, { id }) => assert.deepEqual((await w.last(id)).reactions.map((r) => r.count), [1]),
	},
	'read': {
		ready: (w) => w.fresh(),
		ask: (w, one) => w.bob.api.put(`${place(one)}/read`, { number: 1 }),
		ok: [200],
		holds: async (w, one) => assert.equal((await w.bob.api.get(place(one))).body.unread, 0),
	},
	'events': reads((w) => `/conversations/${w.id}/events`),
	'sync': { ...reads(() => '/sync'), holds: () => {} },
};

export const NAMES = Object.keys(REQUESTS);
/** For every change: what is sent, made, read and signed. */
export const SOME = ['sign in', 'sign up', 'change me', 'a group', 'messages', 'send', 'edit', 'read'];

/** The worker ended by itself, as it does when memory is out. */
async function expectEnd(worker, what) {
	const end = await Promise.race([worker.ended, late(END_MS)]);
	assert.deepEqual(end, { code: EX_OSERR, signal: null }, what);
	await worker.start();
}

/** What was done, wholly or not at all. */
async function expectWhole(w, one, what) {
	if (one?.id !== undefined)
		assert.equal(await halfState(w.ann, one.id), null, what);
}

/** One request whose n-th allocation fails; false when it had fewer. */
async function starve(w, worker, name, n) {
	const { ready, ask, ok, again = [], holds } = REQUESTS[name];
	const what = `${name}, allocation ${n}`;
	const one = await ready?.(w);
	worker.arm(n);
	let answer = await ask(w, one);
	const failed = worker.count() >= n;
	worker.arm(0);
	if (failed)
		await expectEnd(worker, what);
	assert.ok(ok.includes(answer.status) || (failed && answer.status === 503),
		`${what}: ${answer.status} ${answer.text}`);
	if (answer.status === 503) {
		assert.match(answer.headers['retry-after'], /^[1-9]\d*$/, what);
		await expectWhole(w, one, what);
		answer = await ask(w, one);
		assert.ok([...ok, ...again].includes(answer.status), `${what}, again: ${answer.text}`);
	}
	await holds(w, one, answer);
	await expectWhole(w, one, `${what}, again`);
	return failed;
}

export async function allocations({ requests }) {
	const counts = { requests: requests.length, failed_allocations: 0 };
	const natter = await startInstance({ nginx: (folder) => `
		location /api/v1/ {
			fastcgi_pass unix:${folder}/run/allocations.sock;
			include parts/fastcgi.conf;
			include parts/problems.conf;
		}` });
	const worker = new Worker(natter);
	try {
		await worker.start();
		const w = await new World().begin(natter);
		for (const name of requests) {
			assert.ok(!await starve(w, worker, name, 0xffffffff), 'unharmed');
			let n = 1;
			while (await starve(w, worker, name, n))
				n++;
			counts.failed_allocations += n - 1;
		}
		const log = readFileSync(join(natter.var, 'log/allocations.log'), 'utf8');
		assert.equal(log.match(/memory: none left.*; this process ends/g)?.length,
			counts.failed_allocations, 'each is in the log');
	} finally {
		await worker.end();
		await natter.stop();
	}
	return counts;
}
