/*
 * Clients that hang up: the connection is cut after the last byte of a send,
 * at a random moment before the answer is there, or within it; then the send
 * is repeated with its key.
 *
 *	const counts = await hangUp(natter, { seed, sends: 100 });
 */

import net from 'node:net';
import { sleep } from '../support/instance.js';
import { createGroup, people } from '../support/people.js';
import { History, random } from './history.js';
import { textOf } from './load.js';
import { expectNoViolation, judge, readLogs } from './oracle.js';
import { tap } from './tap.js';

const AT_ONCE = 5;

/** Send a request and be gone after so many milliseconds. */
function cutOff(client, path, body, ms) {
	const data = JSON.stringify(body);
	const headers = { host: `127.0.0.1:${client.site.port}`, ...client.credentials(),
		'content-type': 'application/json', 'content-length': Buffer.byteLength(data) };
	return new Promise((done) => {
		const socket = net.connect(client.site.port, '127.0.0.1', () => {
			socket.write(`POST ${client.address(path)} HTTP/1.1\r\n`
				+ Object.entries(headers).map(([k, v]) => `${k}: ${v}\r\n`).join('')
				+ `\r\n${data}`, () => setTimeout(() => socket.resetAndDestroy(), ms));
		});
		socket.on('error', () => {});
		socket.on('close', done);
	});
}

export async function hangUp(natter, { seed, sends = 100 }) {
	const history = new History('hangup', seed);
	const r = random(seed ^ 0x1f83d9ab);
	try {
		const [ann, bob] = (await people(natter, 'ann', 'bob')).map((p) => tap(history, p));
		const id = await createGroup(ann, [bob]);
		const path = `/conversations/${id}/messages`;
		history.create(id, [ann, bob]);
		let cut = 0;
		const one = async () => {
			const key = r.key();
			const text = textOf(key, 20);
			const ms = 6 * r.next() ** 2;
			const operation = history.begin(ann.id, 'post', { conversation: id, key, text });
			await history.attempt(operation, async () => {
				await cutOff(ann.api, path, { text, client_id: key }, ms);
				return null;
			});
			cut++;
			if (r.chance(0.5))
				await sleep(10 * r.next());
			await history.surely(operation, (how) =>
				ann.api.post(path, { text, client_id: key }, how));
		};
		while (cut < sends)
			await Promise.all(Array.from({ length: AT_ONCE }, one));
		const posts = history.operations;
		const judgement = judge(history, await readLogs([ann, bob], [id]));
		expectNoViolation(history, judgement);
		return { ...judgement.counts, cut,
			had_happened: posts.filter((o) => o.attempts.at(-1).status === 200).length };
	} finally {
		history.close();
	}
}
