/*
 * The catalogue against every route of docs/openapi.json: bodies that are no
 * JSON, every field beyond its limits and at them, queries, ids, SQL.  What no
 * client library would send is in wire.test.js.
 *
 * What is refused is refused by a problem with a stable code, within a second
 * and without an echo; nothing is stored, no process ends, and the next good
 * request works.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openapi, operations, resolve } from '../support/contract.js';
import { Client } from '../support/http.js';
import { startInstance } from '../support/instance.js';
import { appearance, createGroup, expectProblem, PASSWORD, people, say } from '../support/people.js';
import { expectSurvival } from '../support/survival.js';
import { letters, limits, LONG_LISTS, MARK, NO_EMOJI, NO_NUMBERS_IN_URL, NO_QUERIES, NOT_JSON, NOT_OBJECTS,
	ODD_KEYS, ODD_QUERIES, SQL, unbounded, written } from './catalogue.js';

const SECOND_MS = 1000;
const ABSENT = 999_999_999;
const CODES = resolve(openapi, { $ref: '#/components/schemas/Problem' }).properties.code.enum;
const NOWHERE = letters(43);
const thumb = encodeURIComponent('👍');

/** What is refused for its form, and not for what is so in this instance. */
const FORMAL = ['type', 'required', 'too_long', 'too_short', 'range', 'choice', 'time', 'characters',
	'blank', 'invalid'];

let natter, ann, bob, eve, browser, door, id, said;

before(async () => {
	natter = await startInstance();
	[ann, bob, eve] = await people(natter, 'ann', 'bob', 'eve');
	browser = await ann.signIn();
	door = new Client(natter, { browser: true });
	id = await createGroup(ann, [bob]);
	said = await say(ann, id, 'start');
});
after(() => natter?.stop());

expectSurvival(() => natter, () => ann.api.get(`/conversations/${id}`));

/** All that is kept, but for when somebody was seen. */
const stored = () => natter.sql('CHECKSUM TABLE users, links, invites, conversations, members, messages, '
	+ 'reactions, mentions, events; SELECT COUNT(*) FROM sessions; SELECT COUNT(*) FROM tokens');

/* Who asks, and with a body that has nothing wrong about it. */
const ROWS = {
	'POST /users': () => [door, { username: `u${++natter.people}`, password: letters(20), invite: NOWHERE }],
	'POST /session': () => [door, { username: ann.username, password: 'wrong password' }],
	'PATCH /me': () => [ann.api, {}],
	'PUT /me/password': () => [browser, { current_password: 'wrong password', new_password: letters(20) }],
	'POST /tokens': () => [browser, { name: 'x', scopes: ['read'] }],
	'POST /invites': () => [ann.api, {}],
	'POST /links/check': () => [door, { code: NOWHERE }],
	'POST /links/redeem': () => [door, { code: NOWHERE, password: letters(20) }],
	'POST /conversations direct': () => [ann.api, { kind: 'direct', user_id: bob.id }],
	'POST /conversations group': () => [ann.api, { kind: 'group', name: 'x', visibility: 'private' }],
	'PATCH /conversations/{id}': () => [ann.api, {}],
	'POST /conversations/{id}/members': () => [ann.api, { user_id: eve.id }],
	'PATCH /conversations/{id}/members/{user_id}': () => [ann.api, { role: 'member' }],
	'POST /conversations/{id}/messages': () => [ann.api, { text: 'x' }],
	'PATCH /messages/{id}': () => [ann.api, { text: 'x' }],
	'PUT /conversations/{id}/read': () => [ann.api, { number: 1 }],
};
/** A number of a message that is not there yet is out of range, too. */
const BY_STATE = { 'PUT /conversations/{id}/read number': (value) => value > 1 };

const below = (path) => path.replace('/api/v1', '');

/** [{ name, method, path, schema }]: a row for each body that is described. */
const bodies = operations.filter((o) => o.operation.requestBody).flatMap(({ method, path, operation }) => {
	const { schema } = operation.requestBody.content['application/json'];
	return (schema.oneOf ?? [schema]).map((one) => ({ method, path: below(path), schema: one,
		name: [method, below(path), one.properties.kind?.const].filter((word) => word).join(' ') }));
});
const routes = bodies.filter(({ name }) => !name.endsWith(' group'));

const fill = (path, more = {}) => path.replace('{user_id}', more.user_id ?? bob.id)
	.replace('{emoji}', more.emoji ?? thumb)
	.replace('{id}', more.id ?? (path.startsWith('/messages/') ? said.id
		: path.startsWith('/conversations/') ? id : ABSENT));

/** Ask with a body: of a row, or bytes. */
function ask({ name, method, path }, body, options) {
	const [client] = ROWS[name]();
	return client.request(method, fill(path), body, options);
}

function expectRefused(answer, what) {
	assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status} ${answer.text}`);
	assert.match(answer.headers['content-type'], /^application\/problem\+json/, what);
	assert.ok(CODES.includes(answer.body.code), `${what}: ${answer.text}`);
	assert.ok(!answer.text.includes(MARK), `${what} is repeated: ${answer.text}`);
	assert.ok(answer.ms < SECOND_MS, `${what}: ${answer.ms} ms`);
	return answer;
}

const shown = (body) => JSON.stringify(String(body).slice(0, 80));

test('every body that is described has its row, and says how much is taken', () => {
	assert.deepEqual(bodies.map(({ name }) => name).sort(), Object.keys(ROWS).sort());
	for (const { name, schema } of bodies)
		for (const [field, one] of Object.entries(schema.properties))
			assert.equal(unbounded(one), null, `${name} ${field}`);
	for (const { method, path, operation } of operations)
		for (const { in: place, name, schema } of operation.parameters ?? [])
			assert.equal(unbounded(schema), null, `${method} ${path} ${place} ${name}`);
});

test('what is no strict JSON, or no object, is refused', async () => {
	const before = await stored();
	for (const route of routes) {
		for (const [what, body] of Object.entries(NOT_JSON)) {
			const { code } = expectRefused(await ask(route, body), `${route.name}: ${what}`).body;
			assert.equal(code, 'bad_json', `${route.name}: ${what}`);
		}
		for (const [what, body] of Object.entries(LONG_LISTS)) {
			const { code, errors } = expectRefused(await ask(route, body), `${route.name}: ${what}`).body;
			assert.deepEqual([code, errors[0].code], ['bad_input', 'too_long'], `${route.name}: ${what}`);
		}
		for (const body of NOT_OBJECTS)
			assert.equal(expectRefused(await ask(route, body), `${route.name}: ${body}`).body.code, 'bad_input');
	}
	assert.equal(await stored(), before);
});

const OTHER_TYPES = ['application/xml', 'application/x-www-form-urlencoded', 'multipart/form-data',
	'multipart/form-data; boundary=x', 'application/json-seq', 'text/html', 'garbage', '/', ';', 'json',
	'application/json; charset=utf-16', 'application/json; charset=latin1', 'application/octet-stream'];

test('a body that is too large, or of another type', async () => {
	const before = await stored();
	for (const route of routes) {
		for (const size of [201 * 1024, 300_000]) {
			const answer = await ask(route, `{"${MARK}":"${'x'.repeat(size)}"}`, { fresh: true });
			assert.equal(expectRefused(answer, route.name).body.code, 'too_large', route.name);
		}
		for (const type of OTHER_TYPES)
			expectProblem(await ask(route, `{"text":"${MARK}"}`, { headers: { 'content-type': type } }),
				415, 'unsupported_media_type');
	}
	assert.equal(await stored(), before);
	for (const type of ['application/json; charset=utf-8', 'Application/JSON', 'application/json;charset="UTF-8"'])
		assert.equal((await ann.api.post(`/conversations/${id}/messages`, '{"text":"x"}',
			{ headers: { 'content-type': type } })).status, 201, type);
});

/** One field changed in a good body; the field error about it, if any. */
async function change(row, field, value) {
	const [client, body] = ROWS[row.name]();
	const answer = await client.request(row.method, fill(row.path), written({ ...body, [field]: value }));
	const fault = answer.body?.errors?.find(({ pointer }) =>
		pointer === `/${field}` || pointer.startsWith(`/${field}/`));
	return { answer, fault };
}

test('each field absent, null, of another type, or just beyond its limits', async (t) => {
	const before = await stored();
	let tried = 0;
	for (const row of bodies) {
		if (row.schema.required.length > 0)
			assert.match(expectRefused(await ask(row, ''), row.name).body.code,
				/^(bad_input|registration_closed)$/, row.name);
		for (const [field, schema] of Object.entries(row.schema.properties)) {
			const required = row.schema.required.includes(field);
			for (const value of [...limits(schema).wrong, ...required ? [null, undefined] : []]) {
				const what = `${row.name} ${field}=${shown(written({ value }))}`;
				const { answer, fault } = await change(row, field, value);
				expectRefused(answer, what);
				assert.equal(answer.body.code, 'bad_input', `${what}: ${answer.text}`);
				assert.ok(fault !== undefined, `${what}: ${answer.text}`);
				tried++;
			}
		}
	}
	t.diagnostic(`${tried} bodies`);
	assert.equal(await stored(), before);
});

test('each field at its limits is taken, and null where it may be absent', async (t) => {
	let tried = 0;
	for (const row of bodies) {
		for (const [field, schema] of Object.entries(row.schema.properties)) {
			const optional = !row.schema.required.includes(field);
			for (const value of [...limits(schema).right, ...optional ? [null, undefined] : []]) {
				const what = `${row.name} ${field}=${shown(written({ value }))}`;
				if (BY_STATE[`${row.name} ${field}`]?.(value))
					continue;
				const { answer, fault } = await change(row, field, value);
				assert.ok(answer.status < 500, `${what}: ${answer.text}`);
				assert.ok(!FORMAL.includes(fault?.code), `${what}: ${answer.text}`);
				tried++;
			}
		}
	}
	t.diagnostic(`${tried} bodies`);
});

test('keys that nobody knows change nothing', async () => {
	for (const row of bodies) {
		const [client, body] = ROWS[row.name]();
		const plain = await client.request(row.method, fill(row.path), body);
		const again = ROWS[row.name]()[1];
		const odd = await client.request(row.method, fill(row.path), `{${ODD_KEYS},${written(again).slice(1)}`
			.replace(/,\}$/, '}'));
		/* What is there already is not made again. */
		assert.equal(odd.status, { 'POST /conversations direct': 200,
			'POST /conversations/{id}/members': 409 }[row.name] ?? plain.status, `${row.name}: ${odd.text}`);
	}
});

/** GET of a path with a query, by who may; streams are asked for as pages. */
const look = (path, query) => ann.api.get(`${fill(path)}?${query}`);
const pages = operations.filter(({ method, path, operation }) => method === 'GET'
	&& path !== '/api/v1/events' && operation.security?.some((s) => s.token !== undefined))
	.map(({ path, operation }) => ({ path: below(path),
		parameters: (operation.parameters ?? []).filter((p) => p.in === 'query') }));

test('queries', async () => {
	const before = await stored();
	for (const { path, parameters } of pages) {
		if (path === '/sessions' || path.startsWith('/users/'))
			continue;
		for (const query of NO_QUERIES)
			expectProblem(await look(path, query), 400, 'bad_input');
		for (const query of ODD_QUERIES)
			assert.equal((await look(path, query)).status, 200, `${path}?${query.slice(0, 40)}`);
		for (const { name, schema } of parameters) {
			const wrong = schema.type === 'integer'
				? ['', ...NO_NUMBERS_IN_URL, String(schema.minimum - 1), String(BigInt(schema.maximum) + 1n)]
				: [encodeURIComponent(limits(schema).wrong.find((one) => typeof one === 'string')), '%00', '%c3'];
			for (const value of [...wrong, `1&${name}=1`]) {
				const what = `${path}?${name}=${value.slice(0, 40)}`;
				const { body } = expectRefused(await look(path, `${name}=${value}`), what);
				assert.equal(body.code, 'bad_input', what);
				if (body.errors !== undefined)
					assert.equal(body.errors[0].pointer, `?${name}`, what);
			}
			for (const value of schema.type === 'integer' ? [schema.minimum, schema.maximum] : limits(schema).right) {
				const answer = await look(path, `${name}=${encodeURIComponent(value)}`);
				assert.ok([200, 410].includes(answer.status), `${path}?${name}=${value}: ${answer.text}`);
			}
		}
	}
	assert.equal(await stored(), before);
	const crossed = await look('/conversations/{id}/messages', 'before=5&after=9');
	expectRefused(crossed, 'before and after');
});

test('ids and words in paths: what is none looks like what does not exist', async () => {
	const before = await stored();
	for (const { method, path, operation } of operations) {
		if (!path.includes('{'))
			continue;
		const client = (operation.security ?? []).some((s) => s.token) ? ann.api : browser;
		const body = operation.requestBody && (ROWS[`${method} ${below(path)}`]()[1]);
		const at = (more) => client.request(method, fill(below(path), more), body);
		const none = appearance(await at({ id: ABSENT }));
		assert.equal(none.status, 404, `${method} ${path}`);
		for (const given of NO_NUMBERS_IN_URL)
			for (const part of [...path.matchAll(/\{(id|user_id)\}/g)].map(([, name]) => name)) {
				const answer = await at({ [part]: given });
				if (answer.status === 400)
					expectRefused(answer, `${method} ${path} ${given}`);
				else
					assert.deepEqual(appearance(answer), none, `${method} ${path} ${part}=${given.slice(0, 30)}`);
			}
		if (path.includes('{emoji}'))
			for (const emoji of NO_EMOJI)
				expectRefused(await at({ emoji }), `${method} ${path} ${emoji.slice(0, 30)}`);
	}
	assert.equal(await stored(), before);
});

test('SQL is text everywhere: it changes nothing, and takes no longer', async () => {
	const tables = await natter.sql('SELECT COUNT(*) FROM information_schema.tables');
	const quick = (answer, what) => assert.ok(answer.status < 500 && answer.ms < SECOND_MS,
		`${what}: ${answer.status}, ${answer.ms} ms`);
	for (const text of SQL) {
		const encoded = encodeURIComponent(text);
		for (const row of bodies)
			for (const [field, schema] of Object.entries(row.schema.properties))
				if (schema.type === 'string' && !schema.enum)
					quick((await change(row, field, text.slice(0, schema.maxLength))).answer,
						`${row.name} ${field} ${text}`);
		for (const { path, parameters } of pages)
			for (const { name } of parameters)
				quick(await look(path, `${name}=${encoded}`), `${path}?${name}=${text}`);
		quick(await ann.api.put(`/messages/${said.id}/reactions/${encoded}`, undefined, { check: false }), text);
		for (const header of ['idempotency-key', 'user-agent', 'cookie', 'authorization', 'accept', 'origin', 'content-type'])
			if (/^[ -~]+$/.test(text))
				quick(await ann.api.post(`/conversations/${id}/messages`, '{"text":"x"}', { check: false, headers:
					{ [header]: header === 'cookie' ? `natter_session=${text}` : text } }), `${header}: ${text}`);
		const { items } = (await ann.api.get(`/users?q=${encoded}`)).body;
		assert.ok(items.every((user) => `${user.username} ${user.display_name}`.includes(text)),
			`${text}: ${JSON.stringify(items)}`);
		const session = await door.post('/session', { username: text, password: PASSWORD });
		assert.equal(session.status, 401, text);
		const kept = text.replace('\u001a', '');
		assert.equal((await say(ann, id, text)).text, kept);
		assert.equal((await ann.api.patch(`/conversations/${id}`, { topic: text })).body.topic, kept);
	}
	assert.equal(await natter.sql('SELECT COUNT(*) FROM information_schema.tables'), tables);
});
