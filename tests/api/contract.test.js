/*
 * The description against the product: docs/openapi.json has exactly the routes
 * of fcgi-app/routes.c, both documents are sound, and every operation is driven
 * against the running stack until each of its documented answers was seen.
 *
 * http.js holds every answer against the description, here and in all tests.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { asyncapi, checkEvent, checkSchema, openapi, operations, resolve, seen } from '../support/contract.js';
import { Client } from '../support/http.js';
import { root, startInstance } from '../support/instance.js';
import { codeOf, createGroup, invitationCode, PASSWORD, people, person, say, signInCode, startConversation }
	from '../support/people.js';
import { openEventSource, openLines, openWebSocket } from '../support/stream.js';

/** Few, so that a group can be full. */
const GROUP_MEMBERS = 50;

let natter;

before(async () => {
	natter = await startInstance({ env: { NATTER_LIMITS_GROUP_MEMBERS: String(GROUP_MEMBERS) } });
});
after(() => natter?.stop());

/** What nginx serves from docs/, so that no worker knows it. */
const FILES = ['GET /api/v1/openapi.json', 'GET /api/v1/asyncapi.json'];

/** Answers that no request can bring about in a sound instance. */
const RARE = new Set(['429', '500', '503']);

function routeTable() {
	const source = readFileSync(join(root, 'fcgi-app/routes.c'), 'utf8');
	return [...source.matchAll(/\{\s*(GET|POST|PUT|PATCH|DELETE),\s*"([^"]+)",\s*(\w+),\s*([^}]*?)\}/g)]
		.map(([, method, path, who, rest]) => ({ method, path, who, rest }));
}

const plain = (path) => path.replaceAll(/\{[a-z_]+\}/g, '{}');

test('the route table and the description name the same operations', () => {
	const routes = routeTable();
	assert.ok(routes.length > 30, 'the table was read');
	const inCode = routes.map((r) => `${r.method} ${plain(r.path)}`).sort();
	const described = operations.map((o) => `${o.method} ${plain(o.path)}`)
		.filter((name) => !FILES.includes(name)).sort();
	assert.deepEqual(described, inCode);
});

test('who may call, and with which scope, is described as it is', () => {
	for (const { method, path, who, rest } of routeTable()) {
		const { operation } = operations.find((o) => o.method === method && plain(o.path) === plain(path));
		const name = `${method} ${path}`;
		const security = operation.security ?? [];
		if (who === 'ANYONE' || who === 'INSIDE') {
			assert.deepEqual(security, [], name);
			continue;
		}
		assert.ok(security.some((s) => s.session !== undefined), name);
		const token = security.find((s) => s.token !== undefined);
		if (/\bSESSION\b/.test(rest)) {
			assert.equal(token, undefined, `${name} is for sessions only`);
			continue;
		}
		const scope = who === 'ADMIN' ? 'admin' : /\b(READS|STREAMS)\b/.test(rest) ? 'read' : 'write';
		assert.deepEqual(token, { token: [scope] }, name);
	}
});

test('both documents are sound', () => {
	assert.match(openapi.openapi, /^3\.1\./);
	assert.match(asyncapi.asyncapi, /^3\.0\./);
	for (const document of [openapi, asyncapi]) {
		const walk = (node, path) => {
			if (node === null || typeof node !== 'object')
				return;
			if (typeof node.$ref === 'string')
				assert.notEqual(resolve(document, node), undefined, `${path}: ${node.$ref}`);
			for (const [key, value] of Object.entries(node))
				walk(value, `${path}/${key}`);
		};
		walk(document, '');
		assert.equal(typeof document.info.title, 'string');
		assert.equal(typeof document.info.version, 'string');
	}
	const ids = operations.map((o) => o.operation.operationId);
	assert.equal(new Set(ids).size, ids.length, 'operation ids are unique');
	const used = new Set(JSON.stringify(openapi).match(/#\/components\/schemas\/\w+/g));
	for (const name of Object.keys(openapi.components.schemas))
		assert.ok(used.has(`#/components/schemas/${name}`), `schema ${name} is used`);
	for (const { method, path, operation } of operations) {
		const name = `${method} ${path}`;
		assert.ok(operation.summary?.length > 0, name);
		assert.ok(openapi.tags.some((tag) => tag.name === operation.tags[0]), name);
		const parts = [...path.matchAll(/\{([a-z_]+)\}/g)].map(([, part]) => part);
		const parameters = (operation.parameters ?? []).filter((p) => p.in === 'path');
		assert.deepEqual(parameters.map((p) => p.name), parts, name);
		assert.ok(Object.keys(operation.responses).some((s) => s < '400'), name);
		for (const response of Object.values(operation.responses))
			assert.ok(resolve(openapi, response).description.length > 0, name);
	}
	for (const channel of Object.values(asyncapi.channels)) {
		assert.ok(operations.some((o) => o.method === 'GET' && plain(o.path) === plain(channel.address)),
			channel.address);
		assert.ok(channel.messages.Hello !== undefined);
	}
	for (const operation of Object.values(asyncapi.operations))
		assert.notEqual(resolve(asyncapi, operation.channel), undefined);
});

test('the examples fit their schemas', () => {
	for (const [name, schema] of Object.entries(openapi.components.schemas))
		for (const example of schema.examples ?? [])
			checkSchema('openapi', name, example);
	for (const message of Object.values(asyncapi.components.messages))
		for (const example of message.examples ?? [])
			checkEvent(example.payload);
});

test('the same event has the same shape in both documents', () => {
	for (const message of Object.values(asyncapi.components.messages)) {
		if (message.payload.properties.seq === undefined || message.name === 'hint')
			continue;
		const same = Object.values(openapi.components.schemas)
			.find((schema) => schema.properties?.type?.const === message.name);
		assert.deepEqual(message.payload, same, message.name);
	}
});

test('both documents are served as they are in the tree', async () => {
	const anybody = new Client(natter);
	for (const [name, document] of [['openapi', openapi], ['asyncapi', asyncapi]]) {
		const answer = await anybody.get(`/${name}.json`);
		assert.equal(answer.status, 200);
		assert.match(answer.headers['content-type'], /^application\/json/);
		assert.deepEqual(answer.body, document);
	}
});

const ABSENT = 999_999_999;
const thumb = encodeURIComponent('👍');

test('every operation answers as described, with each documented status', async (t) => {
	const [ann, bob, eve] = await people(natter, 'ann', 'bob', 'eve');
	const browser = await ann.signIn();
	const anybody = new Client(natter);
	const door = () => new Client(natter, { browser: true });
	const reader = await ann.newToken('read');
	const writer = await ann.newToken('write');
	const talk = await startConversation(ann, bob);
	const group = await createGroup(ann, [bob, eve], { visibility: 'public' });
	const said = await say(ann, group, 'said');
	const archived = await createGroup(ann, [bob]);
	const old = await say(ann, archived, 'old');
	await ann.api.patch(`/conversations/${archived}`, { archived: true });
	const message = (id = said.id) => `/messages/${id}`;
	const place = (id = group) => `/conversations/${id}`;

	/* The site */
	for (const path of ['healthz', 'readyz', 'metrics'])
		assert.equal((await anybody.page(path)).status, 200, path);
	await anybody.page('metrics', { headers: { 'x-forwarded-for': '192.0.2.1' } });
	await anybody.get('/site');
	await anybody.get('/openapi.json');
	await anybody.get('/asyncapi.json');

	/* Accounts */
	const invite = await invitationCode(natter);
	const account = { username: 'contract-1', password: PASSWORD, invite };
	await door().post('/users', { username: 'contract-2', password: PASSWORD });
	await door().post('/users', { ...account, invite: 'x'.repeat(43) });
	const guest = door();
	await guest.post('/users', account);
	await door().post('/users', { ...account, invite: await invitationCode(natter) });
	await ann.api.get('/users?q=a&limit=3');
	await ann.api.get(`/users/${bob.id}`);
	await door().post('/session', { username: 'contract-1', password: PASSWORD });
	await door().post('/session', { username: 'contract-1', password: 'wrong password' });
	const spare = await ann.signIn();
	const { items: sessions } = (await spare.get('/sessions')).body;
	await spare.delete(`/sessions/${sessions.find((s) => !s.current && s.id).id}`);
	await spare.delete('/sessions');
	const here = await ann.signIn();
	await here.get('/me');
	await here.patch('/me', { display_name: 'Ann', settings: { theme: 'dark' } });
	await here.put('/me/password', { current_password: 'wrong password', new_password: PASSWORD + '2' });
	const changer = await person(natter, 'changer');
	const changing = await changer.signIn();
	assert.equal((await changing.put('/me/password',
		{ current_password: PASSWORD, new_password: PASSWORD + '2' })).status, 204);
	const made = await here.post('/tokens', { name: 'x', scopes: ['read'], conversation_id: group,
		expires_at: '2090-01-01T00:00:00.000Z' });
	await here.post('/tokens', { name: 'x', scopes: ['read'], conversation_id: ABSENT });
	await here.get('/tokens');
	await here.delete(`/tokens/${made.body.id}`);
	const invited = await ann.api.post('/invites', { uses: 2 });
	await ann.api.get('/invites');
	await ann.api.delete(`/invites/${invited.body.id}`);
	const link = await signInCode(natter, eve.username);
	await door().post('/links/check', { code: link });
	await door().post('/links/check', { code: await invitationCode(natter) });
	await door().post('/links/check', { code: 'x'.repeat(43) });
	await door().post('/links/redeem', { code: link, password: PASSWORD, display_name: 'Eve' });
	await door().post('/links/redeem', { code: link, password: PASSWORD });
	/* More than anybody needs. */
	for (let i = 0; i < 120; i++)
		if ((await here.post('/tokens', { name: `t${i}`, scopes: ['read'] })).status === 409)
			break;
	for (let i = 0; i < 220; i++)
		if ((await ann.api.post('/invites', {})).status === 409)
			break;

	/* Conversations */
	await ann.api.post('/conversations', { kind: 'direct', user_id: bob.id });
	await ann.api.post('/conversations', { kind: 'direct', user_id: ABSENT });
	await ann.api.post('/conversations', { kind: 'group', name: 'Too many', visibility: 'private',
		user_ids: Array.from({ length: GROUP_MEMBERS }, (_, i) => i + 1) });
	await ann.api.get('/conversations');
	await changer.api.get('/conversations/public?q=Group&limit=5');
	await ann.api.get(place());
	await ann.api.patch(place(), { topic: 'Topic', notify: 'mentions' });
	await bob.api.patch(place(), { topic: 'Not mine' });
	assert.equal((await ann.api.patch(place(archived), { name: 'Read-only' })).status, 200);
	await ann.api.get(`${place()}/members`);
	await changer.api.post(`${place()}/members`, {});
	const bound = await changing.post('/tokens', { name: 'x', scopes: ['read'], conversation_id: group });
	await ann.api.post(`${place()}/members`, { user_id: bob.id });
	await ann.api.patch(`${place()}/members/${bob.id}`, { role: 'admin' });
	await ann.api.patch(`${place()}/members/${ann.id}`, { role: 'member' });
	await eve.api.patch(`${place()}/members/${bob.id}`, { role: 'member' });
	await changer.api.delete(`${place()}/members/${eve.id}`);
	await ann.api.delete(`${place()}/members/${changer.id}`);
	assert.equal((await new Client(natter, { token: bound.body.token }).get('/events')).status, 404);
	await ann.api.delete(`${place()}/members/${ann.id}`);
	const gone = await createGroup(ann, [bob]);
	await bob.api.delete(place(gone));
	await ann.api.delete(place(gone));

	/* Messages */
	await ann.api.post(`${place()}/messages`, { text: 'with a key', client_id: 'contract-key' });
	await ann.api.post(`${place()}/messages`, { text: 'with a key', client_id: 'contract-key' });
	await ann.api.post(`${place()}/messages`, { text: 'another', client_id: 'contract-key' });
	await ann.api.post(`${place()}/messages`, { text: 'answer', reply_to: said.id });
	await ann.api.post(`${place()}/messages`, 'plain', { headers: { 'content-type': 'text/plain' } });
	await ann.api.post(`${place(archived)}/messages`, { text: 'x' });
	await ann.api.get(`${place()}/messages?around=1&limit=2`);
	await ann.api.put(`${message()}/reactions/${thumb}`);
	await ann.api.get(message());
	await ann.api.patch(message(), { text: 'edited' });
	await bob.api.patch(message(), { text: 'x' });
	await ann.api.patch(message(old.id), { text: 'x' });
	await ann.api.put(`${message(old.id)}/reactions/${thumb}`);
	await ann.api.delete(`${message(old.id)}/reactions/${thumb}`);
	await ann.api.delete(`${message()}/reactions/${thumb}`);
	await ann.api.put(`${place()}/read`, { number: 1 });
	await ann.api.post(`${place()}/typing`);
	await ann.api.delete(message(old.id));
	await eve.api.delete(message());
	const quoted = await say(ann, group, 'quoted, then deleted');
	await say(ann, group, 'reply', { reply_to: quoted.id });
	await ann.api.delete(message(quoted.id));
	await ann.api.get(`${place()}/messages`);
	await ann.api.get(`${place(talk)}/messages`);

	/* Events */
	for (const path of [`${place()}/events`, '/me/events', '/events']) {
		await ann.api.get(`${path}?after=0&limit=200`);
		await ann.api.get(`${path}?after=${ABSENT}`);
	}
	await ann.api.get('/sync');
	for (const path of ['/events', `${place()}/events`]) {
		for (const open of [openWebSocket, openEventSource, openLines]) {
			const stream = await open(ann.api, path);
			stream.checkAll();
			await stream.close();
			seen.add(`GET ${operations.find((o) => o.method === 'GET'
				&& o.pattern.test(`/api/v1${path}`)).path} ${open === openWebSocket ? 101 : 200}`);
		}
	}

	/* What is alike everywhere: refusals. */
	const fill = (path) => path.replace('/api/v1', '')
		.replace('{user_id}', String(bob.id)).replace('{emoji}', thumb)
		.replace('{id}', path.includes('/messages/{id}') ? String(said.id)
			: path.includes('/conversations/{id}') ? String(group) : String(ABSENT));
	for (const { method, path, operation } of operations) {
		if (!path.startsWith('/api/v1/') || FILES.includes(`${method} ${path}`))
			continue;
		const statuses = new Set(Object.keys(operation.responses));
		const body = operation.requestBody === undefined ? undefined : {};
		const secure = (operation.security ?? []).length > 0;
		const stream = { headers: path.endsWith('/events') ? { accept: 'text/event-stream' } : {} };
		if (statuses.has('401') && secure)
			assert.equal((await anybody.request(method, fill(path), body, stream)).status, 401, `${method} ${path}`);
		if (statuses.has('403') && secure) {
			const token = operation.security.find((s) => s.token)?.token[0];
			const wrong = token === 'write' ? reader : token === 'read' ? writer : ann.api;
			assert.equal((await wrong.request(method, fill(path), body, stream)).status, 403, `${method} ${path}`);
		}
		if (statuses.has('403') && !secure)
			await browser.request(method, fill(path), body, { headers: { origin: 'https://evil.example',
				'sec-fetch-site': 'cross-site' } });
		const by = operation.security?.some((s) => s.token) ? ann.api : here;
		const absent = fill(path.replace('{id}', String(ABSENT)));
		if (statuses.has('404') && path.includes('{id}')) {
			const example = operation.requestBody?.content['application/json'].example ?? {};
			assert.equal((await by.request(method, absent, body && example, stream)).status, 404, `${method} ${path}`);
		}
		if (body !== undefined) {
			const client = secure ? by : door();
			assert.equal((await client.request(method, fill(path), '{', {})).status, 400, `${method} ${path}`);
			assert.equal((await client.request(method, fill(path), '<x/>',
				{ headers: { 'content-type': 'application/xml' } })).status, 415, `${method} ${path}`);
			assert.equal((await client.request(method, fill(path), ' '.repeat(210_000),
				{ fresh: true })).status, 413, `${method} ${path}`);
		} else if (statuses.has('400')) {
			if (statuses.has('415'))
				assert.equal((await here.request(method, fill(path))).status, 415, `${method} ${path}`);
			const twice = { headers: { ...stream.headers, authorization: undefined, cookie: 'natter_session=a; natter_session=b' } };
			assert.equal((await here.request(method, fill(path), undefined, twice)).status, 400,
				`${method} ${path}: two session cookies`);
		}
	}
	assert.equal((await here.delete('/session')).status, 204);
	assert.equal(codeOf(invited.body.url), invited.body.code);

	const missing = operations.flatMap(({ method, path, operation }) => Object.keys(operation.responses)
		.filter((status) => !RARE.has(status) && !seen.has(`${method} ${path} ${status}`))
		.map((status) => `${method} ${path} ${status}`));
	t.diagnostic(`${seen.size} answers seen`);
	assert.deepEqual(missing, [], 'documented, but never seen');
});
