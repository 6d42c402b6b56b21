/*
 * The world of matrix.test.js: who asks (ROLES), what stands there to be asked
 * about (a scene), and how one request is made.
 */

import assert from 'node:assert/strict';
import http from 'node:http';
import { openapi } from '../support/contract.js';
import { Client } from '../support/http.js';
import { createGroup, people, say } from '../support/people.js';

/** In the order of the table's columns. */
export const ROLES = ['anonymous', 'outsider', 'former', 'member', 'admin', 'owner',
	'reader', 'writer', 'chief', 'bound', 'revoked', 'site'];

/** Who may not see what is in a scene; its canary must not reach them. */
export const BLIND = new Set(['anonymous', 'outsider', 'former', 'bound', 'revoked', 'site']);

/** An id that nothing ever had. */
export const ABSENT = 999_999_999;
export const CANARY = 'canary-7d1f';
const thumb = encodeURIComponent('👍');

export class World {
	async begin(natter) {
		this.natter = natter;
		const names = ['outsider', 'former', 'member', 'admin', 'owner', 'aide', 'guest'];
		const all = await people(natter, ...names);
		this.people = Object.fromEntries(all.map((who, i) => [names[i], who]));
		await this.addRobot();
		this.clients = { anonymous: new Client(natter),
			site: await this.newToken('admin', 'read,write,admin') };
		for (const name of ['outsider', 'former', 'member', 'admin', 'owner'])
			this.clients[name] = await this.people[name].signIn();
		for (const [name, scopes] of [['reader', 'read'], ['writer', 'write'], ['chief', 'admin']])
			this.clients[name] = await this.newToken('robot', scopes);
		const elsewhere = await createGroup(this.people.member);
		this.own = { anonymous: ABSENT, bound: elsewhere, revoked: elsewhere };
		for (const name of ['outsider', 'former', 'member', 'admin', 'owner', 'writer', 'site'])
			this.own[name] = await createGroup({ api: this.clients[name] });
		this.own.reader = this.own.chief = this.own.writer;
		this.clients.bound = await this.memberToken({ conversation_id: elsewhere });
		const revoked = await this.memberToken({});
		await this.clients.member.delete(`/tokens/${revoked.id}`);
		this.clients.revoked = revoked;
		const { body: site } = await natter.admin.get('/me');
		this.ids = { anonymous: ABSENT, site: site.user.id };
		for (const role of ROLES)
			this.ids[role] ??= (this.people[role] ?? this.people[
				['reader', 'writer', 'chief'].includes(role) ? 'robot' : 'member']).id;
		return this;
	}

	/** A bot that administers the site: only such a one has scope `admin`. */
	async addRobot() {
		await this.natter.cli(['user', 'add', 'robot', '--bot', '--admin']);
		const { body } = await (await this.newToken('robot', 'read')).get('/me');
		this.people.robot = { id: body.user.id, username: 'robot' };
	}

	async newToken(user, scopes) {
		const text = await this.natter.cli(['token', 'add', 'matrix', '--user', user, '--scopes', scopes]);
		return new Client(this.natter, { token: text.trim().split(/\s+/).at(-1) });
	}

	async memberToken(more) {
		const made = await this.clients.member.post('/tokens',
			{ name: 'script', scopes: ['read', 'write'], ...more });
		assert.equal(made.status, 201, made.text);
		return Object.assign(new Client(this.natter, { token: made.body.token }), { id: made.body.id });
	}

	/** A client that the row may sign out: its own session, the same person. */
	async spareClient(role) {
		const who = this.people[role];
		return who?.api === undefined ? this.clients[role] : who.signIn();
	}

	/**
	 * A group with everybody in place. What bears the canary came after the
	 * former member had left; of the two messages one is by the member, and
	 * the early one by who left.
	 */
	async scene(visibility = 'private') {
		const secret = visibility === 'private' ? CANARY : 'for all to see';
		const { owner, admin, member, former, aide, robot } = this.people;
		const id = await createGroup(owner, [admin, member, former, aide, robot], { visibility });
		await owner.api.patch(`/conversations/${id}/members/${admin.id}`, { role: 'admin' });
		const early = await say(former, id, 'by one who leaves');
		await owner.api.delete(`/conversations/${id}/members/${former.id}`);
		await owner.api.patch(`/conversations/${id}`, { topic: secret });
		const message = await say(member, id, secret);
		return { conversation: id, message: message.id, early: early.id };
	}

	/** How many events the scene has: refusals must not add one. */
	async events(scene) {
		const { body } = await this.people.owner.api.get(`/conversations/${scene.conversation}`);
		return body.last_seq;
	}

	/** Something of the member's own that stands outside of conversations. */
	async belonging(kind) {
		const { member } = this.people;
		const before = await this.clients.member.get(`/${kind}`);
		if (kind === 'sessions')
			await member.signIn();
		else if (kind === 'tokens')
			await this.memberToken({});
		else
			await member.api.post('/invites', {});
		const { body } = await this.clients.member.get(`/${kind}`);
		const old = new Set(before.body.items.map((item) => item.id));
		return body.items.find((item) => !old.has(item.id)).id;
	}
}

/**
 * What a request of a row says, when `role` makes it. absent: the same about
 * what never was.
 */
export function request(row, scene, world, role, absent = false) {
	const content = openapi.paths[row.path][row.method.toLowerCase()].requestBody?.content;
	const there = absent ? { conversation: ABSENT, message: ABSENT, early: ABSENT, user: ABSENT,
		belonging: ABSENT } : { ...scene, user: world.people.guest.id };
	const kind = /\/(conversation|message|user|\w+)s\/\{id\}/.exec(row.path)?.[1];
	const id = row.inside === 'own' ? world.own[role] : row.early ? there.early
		: there[kind] ?? there.belonging;
	const path = row.path.replace('{id}', id).replace('{emoji}', thumb)
		.replace('{user_id}', row.self ? world.ids[role] : world.people.aide.id);
	return { path, body: row.body?.(world, there) ?? content?.['application/json']?.example };
}

/** Ask; of a stream only how it begins. */
export async function ask(client, method, path, body, { headers = {}, stream = false } = {}) {
	if (stream)
		return begin(client, path, headers);
	return client.send(method, client.site.path + path.slice(1), body, { headers });
}

function begin(client, path, headers) {
	return new Promise((done, fail) => {
		const call = http.request({ host: '127.0.0.1', port: client.site.port,
			path: client.site.path + path.slice(1), agent: false,
			headers: { ...client.credentials(), ...headers } });
		const finish = (response, text) => {
			clearTimeout(timer);
			call.destroy();
			const json = /^application\/(problem\+)?json/.test(response.headers['content-type'] ?? '');
			done({ status: response.statusCode, headers: response.headers, text,
				body: json ? JSON.parse(text) : null, asked: `GET ${path}` });
		};
		const timer = setTimeout(() => fail(new Error(`GET ${path}: no answer`)), 10_000);
		call.on('upgrade', (response, socket) => {
			socket.destroy();
			finish(response, '');
		});
		call.on('response', (response) => {
			const chunks = [];
			if (response.statusCode === 200)
				return finish(response, '');
			response.on('data', (chunk) => chunks.push(chunk));
			response.on('end', () => finish(response, Buffer.concat(chunks).toString()));
		});
		call.on('error', fail);
		call.end();
	});
}

/**
 * An answer without what differs from one request to the next. nginx closes a
 * connection after its thousandth request, whatever that is.
 */
export function face(answer) {
	const { date, 'x-request-id': unused, connection, ...headers } = answer.headers;
	const { instance, ...body } = answer.body ?? {};
	return { status: answer.status, headers, body };
}
