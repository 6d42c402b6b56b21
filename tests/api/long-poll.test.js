/* A waiting request never holds a worker. */

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { sleep, startInstance } from '../support/instance.js';
import { conversationOf, createGroup, people, say } from '../support/people.js';

let natter, ann, bob;
const WAITERS = 200;

before(async () => {
	natter = await startInstance();
	[ann, bob] = await people(natter, 'ann', 'bob');
});
after(() => natter?.stop());

/** A long-poll on a connection of its own. */
function poll(client, path) {
	const agent = new http.Agent({ maxSockets: 1 });
	return new Promise((done, fail) => {
		http.get({ host: '127.0.0.1', port: client.site.port, path: client.address(path), agent,
			headers: client.credentials() }, (response) => {
			let text = '';
			response.on('data', (chunk) => text += chunk);
			response.on('end', () => done({ status: response.statusCode, text, at: performance.now() }));
		}).on('error', fail);
	});
}

test(`${WAITERS} long-polls at once, and everybody else is served`, async () => {
	const id = await createGroup(ann, [bob]);
	const { last_seq } = await conversationOf(bob, id);
	const { body: known } = await bob.api.get('/sync');
	const paths = [`/conversations/${id}/events?after=${last_seq}&wait=25`,
		`/sync?wait=25&sum=${known.sum}&after=${known.last_seq}`];
	const waiting = Array.from({ length: WAITERS }, (_, i) => poll(bob.api, paths[i % 2]));
	await sleep(1500);
	const times = [];
	for (let i = 0; i < 40; i++) {
		const answer = await ann.api.get(`/conversations/${id}/messages`);
		assert.equal(answer.status, 200);
		times.push(answer.ms);
	}
	times.sort((a, b) => a - b);
	assert.ok(times[38] < 250, `95 % within ${times[38]} ms`);
	const said = performance.now();
	await say(ann, id, 'wake up, all of you');
	for (const answer of await Promise.all(waiting)) {
		assert.equal(answer.status, 200, answer.text);
		assert.ok(answer.at - said < 5000, `${answer.at - said} ms after the message`);
		assert.match(answer.text, /"(items|sum)":/);
	}
});

test('waiters that go away leave nothing behind', async () => {
	const id = await createGroup(ann, [bob]);
	const { last_seq } = await conversationOf(bob, id);
	const { port } = bob.api.site;
	const requests = Array.from({ length: 100 }, () => http.get({ host: '127.0.0.1', port, agent: false,
		path: bob.api.address(`/conversations/${id}/events?after=${last_seq}&wait=25`),
		headers: bob.api.credentials() }).on('error', () => {}));
	await sleep(600);
	for (const request of requests)
		request.destroy();
	await say(ann, id, 'nobody hears this live');
	const answer = await bob.api.get(`/conversations/${id}/events?after=${last_seq}&wait=5`);
	assert.equal(answer.body.items.length, 1);
	assert.ok(answer.ms < 1000);
});
