/*
 * Every operation of docs/openapi.json, asked for by everybody who could ask:
 * the table says who gets which answer, and an operation without a row fails.
 *
 * What somebody may not see is answered like what does not exist, in status,
 * body, headers and time; refusals leave no trace in the log, and no answer
 * carries what the scene hides.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { operations } from '../support/contract.js';
import { Client } from '../support/http.js';
import { startInstance } from '../support/instance.js';
import { PASSWORD } from '../support/people.js';
import { compareTimes } from '../support/times.js';
import { ask, BLIND, CANARY, face, request, ROLES, World } from './matrix-world.js';

const NOWHERE = 'A'.repeat(43);

/* Bodies. An empty one where getting past the door is all that is asked. */
const empty = () => ({});
const direct = (world) => ({ kind: 'direct', user_id: world.people.guest.id });
const text = () => ({ text: 'x' });
const guest = (world) => ({ user_id: world.people.guest.id });
const binding = (world, { conversation }) =>
	({ name: 'x', scopes: ['read'], conversation_id: conversation });
const reply = (world, { message }) => ({ text: 'x', reply_to: message });
const outside = { 'x-forwarded-for': '192.0.2.1' };
const sse = { stream: true, headers: { accept: 'text/event-stream' } };
const socket = { stream: true, headers: { connection: 'Upgrade', upgrade: 'websocket',
	'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' } };

/*
 * The columns, in the order of ROLES:
 *	nobody
 *	outsider, former member, member, admin, owner	by session
 *	read, write, admin	a member bot's tokens of one scope each
 *	bound			a member's token for another conversation
 *	revoked			a member's token, deleted
 *	site			every scope of a site administrator, no member
 *
 * belongs: to the member, what the id names. early: about the message by who
 * left. self: about oneself instead of the aide. inside: one's own group.
 * fresh: with a session that may end. Bound tokens stream their conversation.
 */
const TABLE = [
	/* no  out fmr mem adm own  rd  wr adm bnd rvk site */
	['200 200 200 200 200 200 200 200 200 200 200 200  GET /healthz'],
	['200 200 200 200 200 200 200 200 200 200 200 200  GET /readyz'],
	['200 200 200 200 200 200 200 200 200 200 200 200  GET /metrics'],
	['404 404 404 404 404 404 404 404 200 404 404 200  GET /metrics', { headers: outside, note: 'from outside' }],
	['200 200 200 200 200 200 200 200 200 200 200 200  GET /api/v1/site'],
	['200 200 200 200 200 200 200 200 200 200 200 200  GET /api/v1/openapi.json'],
	['200 200 200 200 200 200 200 200 200 200 200 200  GET /api/v1/asyncapi.json'],
	['403 403 403 403 403 403 403 403 403 403 403 403  POST /api/v1/users', { body: empty }],
	['401 200 200 200 200 200 200 403 403 403 401 200  GET /api/v1/users'],
	['401 200 200 200 200 200 200 403 403 403 401 200  GET /api/v1/users/{id}'],
	['400 400 400 400 400 400 400 400 400 400 400 400  POST /api/v1/session', { body: empty }],
	['401 204 204 204 204 204 403 403 403 403 401 403  DELETE /api/v1/session', { fresh: true }],
	['401 200 200 200 200 200 403 403 403 403 401 403  GET /api/v1/sessions'],
	['401 204 204 204 204 204 403 403 403 403 401 403  DELETE /api/v1/sessions'],
	['401 404 404 204 404 404 403 403 403 403 401 403  DELETE /api/v1/sessions/{id}', { belongs: 'sessions' }],
	['401 200 200 200 200 200 200 403 403 200 401 200  GET /api/v1/me'],
	['401 200 200 200 200 200 403 200 403 403 401 200  PATCH /api/v1/me'],
	['401 400 400 400 400 400 403 403 403 403 401 403  PUT /api/v1/me/password', { body: empty }],
	['401 200 200 200 200 200 200 403 403 403 401 200  GET /api/v1/tokens'],
	['401 400 400 400 400 400 403 403 403 403 401 403  POST /api/v1/tokens', { body: empty }],
	['401 404 404 201 201 201 403 403 403 403 401 403  POST /api/v1/tokens', { body: binding, note: 'bound to the scene' }],
	['401 404 404 204 404 404 403 403 403 403 401 403  DELETE /api/v1/tokens/{id}', { belongs: 'tokens' }],
	['401 201 201 201 201 201 403 403 403 403 401 201  POST /api/v1/invites'],
	['401 200 200 200 200 200 200 403 403 403 401 200  GET /api/v1/invites'],
	['401 404 404 204 404 404 403 404 403 403 401 204  DELETE /api/v1/invites/{id}', { belongs: 'invites' }],
	['404 404 404 404 404 404 404 404 404 404 404 404  POST /api/v1/links/check', { body: () => ({ code: NOWHERE }) }],
	['404 404 404 404 404 404 404 404 404 404 404 404  POST /api/v1/links/redeem', { body: () => ({ code: NOWHERE, password: PASSWORD }) }],
	['401 201 201 201 201 201 403 201 403 403 401 201  POST /api/v1/conversations', { body: direct }],
	['401 200 200 200 200 200 200 403 403 200 401 200  GET /api/v1/conversations'],
	['401 200 200 200 200 200 200 403 403 403 401 200  GET /api/v1/conversations/public'],
	['401 404 404 200 200 200 200 403 403 404 401 404  GET /api/v1/conversations/{id}'],
	['401 404 404 200 200 200 200 403 403 404 401 404  GET /api/v1/conversations/{id}', { visibility: 'public' }],
	['401 404 404 403 200 200 403 403 403 404 401 404  PATCH /api/v1/conversations/{id}'],
	['401 404 404 200 200 200 403 200 403 404 401 404  PATCH /api/v1/conversations/{id}', { body: () => ({ notify: 'mentions' }), note: 'notify' }],
	['401 404 404 403 403 204 403 403 403 404 401 404  DELETE /api/v1/conversations/{id}'],
	['401 404 404 200 200 200 200 403 403 404 401 404  GET /api/v1/conversations/{id}/members'],
	['401 404 404 200 200 200 200 403 403 404 401 404  GET /api/v1/conversations/{id}/members', { visibility: 'public' }],
	['401 404 404 403 201 201 403 403 403 404 401 404  POST /api/v1/conversations/{id}/members', { body: guest }],
	['401 404 404 403 409 409 403 403 403 404 401 404  POST /api/v1/conversations/{id}/members', { body: empty, note: 'join' }],
	['401 201 201 409 409 409 403 409 403 404 401 201  POST /api/v1/conversations/{id}/members', { body: empty, visibility: 'public', note: 'join' }],
	['401 404 404 403 403 200 403 403 403 404 401 404  PATCH /api/v1/conversations/{id}/members/{user_id}'],
	['401 404 404 403 403 409 403 403 403 404 401 404  PATCH /api/v1/conversations/{id}/members/{user_id}', { self: true }],
	['401 404 404 403 204 204 403 403 403 404 401 404  DELETE /api/v1/conversations/{id}/members/{user_id}'],
	['401 404 404 204 204 409 403 204 403 404 401 404  DELETE /api/v1/conversations/{id}/members/{user_id}', { self: true }],
	['401 404 404 201 201 201 403 201 403 404 401 404  POST /api/v1/conversations/{id}/messages', { body: text }],
	['401 404 404 404 404 404 403 404 403 404 401 404  POST /api/v1/conversations/{id}/messages', { body: reply, inside: 'own', note: 'a reply across' }],
	['401 404 404 201 201 201 403 201 403 404 401 404  POST /api/v1/conversations/{id}/messages', { body: text, visibility: 'public' }],
	['401 404 404 200 200 200 200 403 403 404 401 404  GET /api/v1/conversations/{id}/messages'],
	['401 404 404 200 200 200 200 403 403 404 401 404  GET /api/v1/conversations/{id}/messages', { visibility: 'public' }],
	['401 404 404 200 200 200 200 403 403 404 401 404  GET /api/v1/messages/{id}'],
	['401 404 404 200 200 200 200 403 403 404 401 404  GET /api/v1/messages/{id}', { early: true }],
	['401 404 404 200 200 200 200 403 403 404 401 404  GET /api/v1/messages/{id}', { visibility: 'public' }],
	['401 404 404 200 403 403 403 403 403 404 401 404  PATCH /api/v1/messages/{id}'],
	['401 404 404 403 403 403 403 403 403 404 401 404  PATCH /api/v1/messages/{id}', { early: true }],
	['401 404 404 204 204 204 403 403 403 404 401 404  DELETE /api/v1/messages/{id}'],
	['401 404 404 403 204 204 403 403 403 404 401 404  DELETE /api/v1/messages/{id}', { early: true }],
	['401 404 404 204 204 204 403 204 403 404 401 404  PUT /api/v1/messages/{id}/reactions/{emoji}', { body: empty }],
	['401 404 404 204 204 204 403 204 403 404 401 404  PUT /api/v1/messages/{id}/reactions/{emoji}', { body: empty, early: true }],
	['401 404 404 204 204 204 403 204 403 404 401 404  DELETE /api/v1/messages/{id}/reactions/{emoji}'],
	['401 404 404 200 200 200 403 200 403 404 401 404  PUT /api/v1/conversations/{id}/read', { body: () => ({ number: 1 }) }],
	['401 404 404 204 204 204 403 204 403 404 401 404  POST /api/v1/conversations/{id}/typing', { body: empty }],
	['401 200 200 200 200 200 200 403 403 403 401 200  GET /api/v1/me/events'],
	['401 200 200 200 200 200 200 403 403 200 401 200  GET /api/v1/events', sse],
	['401 101 101 101 101 101 101 403 403 101 401 101  GET /api/v1/events', socket],
	['401 404 404 200 200 200 200 403 403 404 401 404  GET /api/v1/conversations/{id}/events'],
	['401 404 404 200 200 200 200 403 403 404 401 404  GET /api/v1/conversations/{id}/events', sse],
	['401 404 404 101 101 101 101 403 403 404 401 404  GET /api/v1/conversations/{id}/events', socket],
	['401 404 404 200 200 200 200 403 403 404 401 404  GET /api/v1/conversations/{id}/events', { visibility: 'public' }],
	['401 200 200 200 200 200 200 403 403 403 401 200  GET /api/v1/sync'],
];

const rows = TABLE.map(([line, { headers, stream, ...more } = {}]) => {
	const words = line.split(/\s+/);
	const [method, path] = words.splice(-2);
	const kind = [headers?.upgrade ?? (stream && 'sse'), more.self && 'self', more.early && 'early',
		more.visibility, more.note].filter((word) => word).join(', ');
	const name = `${method} ${path}`;
	return { name, title: kind ? `${name}: ${kind}` : name, method, path, ...more,
		options: { headers, stream }, expected: words.map(Number) };
});

let world, natter;

before(async () => {
	natter = await startInstance();
	world = await new World().begin(natter);
});
after(() => natter?.stop());

test('every operation has its row', () => {
	const described = new Set(operations.map((o) => `${o.method} ${o.path}`));
	const judged = new Set(rows.map((row) => row.name));
	assert.deepEqual([...described].filter((name) => !judged.has(name)), [], 'without a row');
	assert.deepEqual([...judged].filter((name) => !described.has(name)), [], 'no such operation');
	for (const { name, expected } of rows)
		assert.equal(expected.length, ROLES.length, `${name}: a status for each role`);
});

async function stage(row) {
	const scene = await world.scene(row.visibility);
	if (row.belongs !== undefined)
		scene.belonging = await world.belonging(row.belongs);
	scene.events = await world.events(scene);
	return scene;
}

/** Refused ones go first and share a scene; each that gets through spoils one. */
function inOrder(row) {
	const order = [...ROLES.keys()];
	return order.sort((a, b) => (row.expected[b] >= 400) - (row.expected[a] >= 400) || a - b);
}

for (const row of rows) {
	test(row.title, async () => {
		const met = [];
		const faults = [];
		let scene = await stage(row);
		let spoilt = false;
		for (const i of inOrder(row)) {
			const role = ROLES[i];
			if (spoilt)
				scene = await stage(row);
			const client = row.fresh ? await world.spareClient(role) : world.clients[role];
			const { path, body } = request(row, scene, world, role);
			const answer = await ask(client, row.method, path, body, row.options);
			met[i] = answer.status;
			spoilt = row.method !== 'GET' && answer.status < 400;
			if (BLIND.has(role) && answer.text.includes(CANARY))
				faults.push(`${role} was shown what is hidden: ${answer.text}`);
			if (answer.status < 400)
				continue;
			if (row.method !== 'GET' && await world.events(scene) !== scene.events)
				faults.push(`${role} was refused, but there is a new event`);
			if (!BLIND.has(role) && answer.body?.code !== 'scope_missing')
				continue;
			const other = request(row, scene, world, role, true);
			const none = await ask(client, row.method, other.path, other.body, row.options);
			if (JSON.stringify(face(answer)) !== JSON.stringify(face(none)))
				faults.push(`${role} can tell what is hidden from what is not: `
					+ `${JSON.stringify([face(answer), face(none)])}`);
		}
		const shown = (all) => all.map((status) => String(status)).join(' ');
		assert.equal(shown(met), shown(row.expected), ROLES.join(' '));
		assert.deepEqual(faults, []);
	});
}

test('it takes as long to hide something as not to have it', async (t) => {
	const scene = await world.scene();
	const faults = [];
	const hiding = rows.filter((row) => row.path.includes('{id}') && row.expected[1] === 404
		&& row.visibility === undefined && row.belongs === undefined && !row.options.stream && !row.self);
	for (const role of ['outsider', 'former'])
		for (const row of hiding) {
			const { far, said } = await compareTimes(...[false, true].map((absent) => {
				const { path, body } = request(row, scene, world, role, absent);
				return () => ask(world.clients[role], row.method, path, body);
			}));
			t.diagnostic(`${said}: ${role}, ${row.title}`);
			if (far)
				faults.push(`${role}, ${row.title}: ${said}`);
		}
	assert.deepEqual(faults, [], 'hidden and absent');
});

test('a dead token and a made-up one take as long', async (t) => {
	const made = new Client(natter, { token: `natter_${'A'.repeat(43)}` });
	const { far, said } = await compareTimes(() => world.clients.revoked.get('/me'), () => made.get('/me'));
	t.diagnostic(said);
	assert.ok(!far, said);
});
