/*
 * Where a request ends and the next begins, and what comes over a stream that
 * was only meant to be listened to: nobody hides a request in another, and
 * nobody else notices who tries.
 */

import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { frame, upgrade } from '../faults/attack.js';
import { raw } from '../support/http.js';
import { late, startInstance } from '../support/instance.js';
import { allMessages, createGroup, people, say } from '../support/people.js';
import { openWebSocket } from '../support/stream.js';

let natter, ann, bob, id;

before(async () => {
	natter = await startInstance();
	[ann, bob] = await people(natter, 'ann', 'bob');
	id = await createGroup(ann, [bob]);
});
after(() => natter?.stop());

const head = (more) => `POST ${natter.path}api/v1/conversations/${id}/messages HTTP/1.1\r\n`
	+ `Host: 127.0.0.1\r\nAuthorization: Bearer ${ann.token}\r\nContent-Type: application/json\r\n${more}`;
const OPEN = '{"text":"open"}';
const chunk = (data, more = '') => `${data.length.toString(16)}${more}\r\n${data}\r\n`;

test('no request hides in another', async () => {
	const hidden = `${head('Content-Length: 17\r\nConnection: close\r\n\r\n')}{"text":"hidden"}`;
	const chunked = 'Transfer-Encoding: chunked\r\n';
	const whole = OPEN + hidden;
	const cases = {
		'a length and chunks': head(`Content-Length: ${whole.length}\r\n${chunked}\r\n`) + chunk(OPEN) + '0\r\n\r\n',
		'chunks and a length': head(`${chunked}Content-Length: 4\r\n\r\n`) + chunk(hidden) + '0\r\n\r\n',
		'two lengths': head(`Content-Length: ${OPEN.length}\r\nContent-Length: ${whole.length}\r\n\r\n`) + whole,
		'the same length twice': head(`Content-Length: ${whole.length}\r\n`.repeat(2) + '\r\n') + whole,
		'two lengths in one': head(`Content-Length: ${OPEN.length}, ${whole.length}\r\n\r\n`) + whole,
		'a length with a nought before it': head(`Content-Length: 0${whole.length}\r\nConnection: close\r\n\r\n`)
			+ whole,
		'a length with a plus': head(`Content-Length: +${whole.length}\r\n\r\n`) + whole,
		'chunks twice': head(`${chunked}${chunked}\r\n`) + chunk(whole) + '0\r\n\r\n',
		'chunks and nothing': head(`Transfer-Encoding: chunked, identity\r\n\r\n`) + chunk(whole) + '0\r\n\r\n',
		'odd chunks': head(`Transfer-Encoding: xchunked\r\n\r\n`) + chunk(whole) + '0\r\n\r\n',
		'chunks with a space before the colon': head(`Transfer-Encoding : chunked\r\nContent-Length: ${
			whole.length}\r\n\r\n`) + whole,
		'chunks after a vertical tab': head(`Transfer-Encoding:\x0bchunked\r\nContent-Length: ${
			whole.length}\r\n\r\n`) + whole,
		'chunks in HTTP/1.0': head(`${chunked}\r\n`).replace('HTTP/1.1', 'HTTP/1.0') + chunk(whole) + '0\r\n\r\n',
		'a folded header': head(`X-Long: a\r\n Content-Length: ${whole.length}\r\n\r\n`) + whole,
		'a header without a name': head(`: ${chunked}\r\n`) + whole,
		'NUL in a header': head(`X-Odd: a\0b\r\nContent-Length: ${whole.length}\r\n\r\n`) + whole,
		'two hosts': head(`Host: elsewhere\r\nContent-Length: ${whole.length}\r\n\r\n`) + whole,
		'a length that overflows': head(`Content-Length: 18446744073709551${'6'.repeat(5)}\r\n\r\n`) + whole,
		'a chunk that overflows': head(`${chunked}\r\n`) + `ffffffffffffffffff\r\n${whole}\r\n0\r\n\r\n`,
		'a chunk that says less': head(`${chunked}\r\n`) + `5\r\n${whole}\r\n0\r\n\r\n`,
		'a chunk without an end': head(`${chunked}Connection: close\r\n\r\n`) + `5\r\n{"tex`,
		'HTTP/2 in clear': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' + hidden,
		'HTTP/0.9': `GET ${natter.path}api/v1/me\r\n`,
	};
	for (const [what, bytes] of Object.entries(cases)) {
		const answer = await raw(natter, bytes, { timeout: 1000 });
		const first = answer.text.slice(0, 200);
		assert.ok(answer.status === 0 || (answer.status >= 400 && answer.status < 502),
			`${what}: ${first}`);
		assert.ok((answer.text.match(/HTTP\/1\.1 \d/g) ?? []).length <= 1, `${what}: ${answer.text}`);
		await say(ann, id, `after ${what}`);
	}
	const texts = (await allMessages(ann.api, id)).map((message) => message.text);
	assert.deepEqual(texts, Object.keys(cases).map((what) => `after ${what}`));
});

test('what is odd and clear is one request', async () => {
	const group = await createGroup(ann, []);
	const to = (more) => head(more).replace(`/conversations/${id}/`, `/conversations/${group}/`);
	const chunked = 'Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n';
	const cases = [
		to(chunked) + chunk(OPEN, ';a=b;c="d\te"') + '0;x\r\n\r\n',
		to(chunked) + chunk(OPEN, `;${'x'.repeat(4000)}`) + '0\r\n\r\n',
		to(chunked) + chunk(OPEN) + '0\r\nContent-Length: 100\r\nCookie: a=b\r\n\r\n',
		to(chunked).replaceAll('\r\n', '\n') + chunk(OPEN).replaceAll('\r\n', '\n') + '0\n\n',
	];
	for (const bytes of cases) {
		const answer = await raw(natter, bytes);
		assert.equal(answer.status, 201, `${bytes.slice(-200)}: ${answer.text}`);
		assert.equal(answer.text.match(/HTTP\/1\.1 \d/g).length, 1);
	}
	assert.equal((await allMessages(ann.api, group)).length, cases.length);
});

test('1,000 requests in one go are answered, in order', async () => {
	const statuses = Array.from({ length: 1000 }, (_, i) => i % 7 === 3 ? '404' : '200');
	const requests = statuses.map((status) => `GET ${natter.path}api/v1/${status === '200' ? 'me' : 'nothing'}`
		+ ` HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ann.token}\r\n\r\n`);
	const [answer, other] = await Promise.all([raw(natter, requests.join(''), { timeout: 30_000 }),
		bob.api.get('/me')]);
	assert.deepEqual([...answer.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((found) => found[1]), statuses);
	assert.equal(other.status, 200);
});

/** Say that on a stream; the code that it is closed with, 0 when it stays open. */
async function tell(bytes, patience = 5000) {
	const socket = net.connect(natter.port, '127.0.0.1');
	let got = Buffer.alloc(0);
	const closed = new Promise((done) => socket.on('close', () => done(true)));
	const opened = new Promise((done) => socket.on('data', (data) => {
		got = Buffer.concat([got, data]);
		if (got.includes('"hello"'))
			done();
	}));
	socket.on('error', () => {});
	socket.write(upgrade(natter, bob.token));
	await Promise.race([opened, closed]);
	assert.ok(got.includes('"hello"'), got.toString());
	const from = got.length;
	socket.write(bytes);
	const gone = await Promise.race([closed, late(patience)]);
	socket.destroy();
	const at = got.indexOf(Buffer.from([0x88]), from);
	return gone ? got.length >= at + 4 && at >= 0 ? got.readUInt16BE(at + 2) : 1006 : 0;
}

test('who speaks on a stream is cut off, and nobody else notices', async () => {
	const before = await natter.pids('push');
	const good = await openWebSocket(bob.api);
	const parts = Buffer.concat([frame(1, 'x', { fin: false }),
		...Array(2000).fill(frame(0, 'x'.repeat(500), { fin: false }))]);
	const cut = { 'text': frame(1, 'hi'), 'binary': frame(2, 'hi'), 'a megabyte': frame(2, 'x'.repeat(1 << 20)),
		'endless fragments': parts, 'text without a mask': frame(1, 'x', { masked: false }),
		'reserved bits': frame(1, 'x', { reserved: 7 }), 'a claim of 4 GB': Buffer.from(
			[0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1]), 'a claim of 2^63': Buffer.from(
			[0x82, 0xff, 0x7f, ...Array(7).fill(0xff), 0, 0, 0, 0, 1]), 'a fragment of nothing': frame(0, 'x'),
		'opcode 3': frame(3, 'x'), 'opcode 15': frame(15, 'x'), 'HTTP': Buffer.from('GET / HTTP/1.1\r\n\r\n'),
		'compressed': frame(1, 'x', { reserved: 4 }), 'closing with one byte': frame(8, '\u0003'),
		'closing with a long word': frame(8, 'x'.repeat(200)) };
	for (const [what, bytes] of Object.entries(cut))
		assert.notEqual(await tell(bytes), 0, `${what}: the stream stays open`);
	for (const what of ['text', 'binary', 'a megabyte', 'endless fragments'])
		assert.equal(await tell(cut[what]), 1008, what);
	for (const bytes of [frame(9, 'ping'), frame(10, 'pong'), frame(9, 'x'.repeat(125)), frame(9, 'x', { masked: false })])
		await tell(bytes, 500);
	const said = await say(ann, id, 'after all that');
	await good.expectEvent('message.posted', (e) => e.message.id === said.id);
	assert.deepEqual(await natter.pids('push'), before, 'no process died of it');
	await good.close();
});

test('one user has at most 50 streams, and a place that is given back is free', async () => {
	const streams = await Promise.all(Array.from({ length: 50 }, () => openWebSocket(ann.api)));
	await assert.rejects(openWebSocket(ann.api), (refused) => {
		assert.equal(refused.status, 429, refused.message);
		assert.match(refused.headers['retry-after'], /^[1-9]\d*$/);
		assert.equal(refused.body.code, 'rate_limited');
		return true;
	});
	await (await openWebSocket(bob.api)).close();
	await streams.pop().close();
	streams.push(await openWebSocket(ann.api));
	await Promise.all(streams.map((stream) => stream.close()));
});
