/*
 * A state built from events equals a fresh load: random changes by several
 * people, streams that break at random, clients of all kinds.
 */

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { sleep, startInstance } from '../support/instance.js';
import { createGroup, people, say, startConversation } from '../support/people.js';
import { openEventSource, openWebSocket, Replica, startReplica } from '../support/replica.js';

let natter;

before(async () => {
	natter = await startInstance();
});
after(() => natter?.stop());

/** Reproducible: a failing seed is printed and can be given back. */
function dice(seed) {
	let state = seed >>> 0;
	return (n) => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return Math.floor(state / 2 ** 32 * n);
	};
}

const EMOJI = ['👍', '🎉', '❤️', '😀'].map(encodeURIComponent);

/** One random thing that a person does somewhere. */
async function something(who, everybody, places, roll) {
	const id = places[roll(places.length)];
	const page = async () => (await who.api.get(`/conversations/${id}/messages?limit=20`)).body.items;
	const one = async () => {
		const items = await page() ?? [];
		return items.length > 0 ? items[roll(items.length)] : null;
	};
	switch (roll(15)) {
	case 0: case 1: case 2: case 3: case 4:
		return who.api.post(`/conversations/${id}/messages`, { text: `says ${roll(1e6)} ${'x'.repeat(roll(40) * roll(100))}`,
			client_id: randomUUID() });
	case 5: {
		const to = await one();
		return to && who.api.post(`/conversations/${id}/messages`, { text: `@all ${roll(1e6)}`, reply_to: to.id });
	}
	case 6: {
		const mine = (await page() ?? []).filter((m) => m.author.id === who.id && m.deleted_at === null);
		return mine.length > 0 && who.api.patch(`/messages/${mine[roll(mine.length)].id}`, { text: `edited ${roll(1e6)}` });
	}
	case 7: {
		const mine = (await page() ?? []).filter((m) => m.author.id === who.id);
		return mine.length > 0 && who.api.delete(`/messages/${mine[roll(mine.length)].id}`);
	}
	case 8: case 9: {
		const to = await one();
		return to && who.api.put(`/messages/${to.id}/reactions/${EMOJI[roll(4)]}`);
	}
	case 10: {
		const to = await one();
		return to && who.api.delete(`/messages/${to.id}/reactions/${EMOJI[roll(4)]}`);
	}
	case 11: {
		const to = await one();
		return to && who.api.put(`/conversations/${id}/read`, { number: to.number });
	}
	case 12:
		return who.api.patch(`/conversations/${id}`, { topic: `topic ${roll(1000)}` });
	case 13:
		return who.api.patch('/me', { display_name: `Name ${roll(1000)}` });
	default: {
		const target = everybody[roll(everybody.length)];
		return [
			() => who.api.delete(`/conversations/${id}/members/${target.id}`),
			() => who.api.post(`/conversations/${id}/members`, { user_id: target.id }),
			() => who.api.post(`/conversations/${id}/members`, {}),
			() => who.api.patch(`/conversations/${id}/members/${target.id}`, { role: ['admin', 'member'][roll(2)] }),
		][roll(4)]();
	}
	}
}

test('random changes and broken streams: every client ends with the truth', async (t) => {
	const seed = Number(process.env.SEED ?? 1);
	t.diagnostic(`SEED=${seed}`);
	const roll = dice(seed);
	const everybody = await people(natter, 'p', 'p', 'p', 'p', 'p');
	const places = [
		await createGroup(everybody[0], everybody.slice(1), { visibility: 'public' }),
		await createGroup(everybody[1], everybody.slice(2), { visibility: 'public' }),
		await createGroup(everybody[2], everybody.slice(0, 2)),
		await startConversation(everybody[3], everybody[4]),
	];
	const replicas = await Promise.all(everybody.map((who, i) =>
		startReplica(who, { open: i % 2 ? openEventSource : openWebSocket })));
	let busy = true;
	const breaking = (async () => {
		while (busy) {
			await sleep(100 + roll(300));
			replicas[roll(replicas.length)].stream?.close();
		}
	})();
	await Promise.all(everybody.map(async (who) => {
		for (let i = 0; i < 60; i++) {
			const answer = await something(who, everybody, places, roll);
			if (answer)
				assert.ok(answer.status < 500, answer.text);
		}
	}));
	busy = false;
	await breaking;
	for (const replica of replicas) {
		await replica.expectConverged(10_000);
		await replica.stop();
	}
	t.diagnostic(JSON.stringify(replicas.map((r) => r.counts)));
});

test('a client that was away for long catches up exactly', async () => {
	const [ann, bob] = await people(natter, 'ann', 'bob');
	const id = await createGroup(ann, [bob]);
	const replica = new Replica(bob);
	await replica.load();
	for (let i = 0; i < 450; i++)
		await say(ann, id, `${i}`);
	const other = await createGroup(ann, [bob]);
	await say(ann, other, 'new');
	await replica.catchUp();
	assert.deepEqual(replica.snapshot(), await replica.fresh());
	assert.equal(replica.counts.doubles, 0);
	assert.equal(replica.counts.applied, 450);
});

test('a gap is filled with exactly what is missing', async () => {
	const [ann, bob] = await people(natter, 'ann', 'bob');
	const id = await createGroup(ann, [bob]);
	const replica = new Replica(bob);
	await replica.load();
	for (let i = 0; i < 5; i++)
		await say(ann, id, `${i}`);
	const { body } = await bob.api.get(`/conversations/${id}/events?after=0`);
	await replica.apply(body.items.at(-1));
	assert.deepEqual(replica.snapshot(), await replica.fresh());
	assert.deepEqual([replica.counts.gaps, replica.counts.doubles], [1, 0]);
	for (const event of body.items)
		await replica.apply(event);
	assert.deepEqual(replica.snapshot(), await replica.fresh(), 'events that come twice change nothing');
});
