/*
 * The short form of `make torture` that every change passes: load profile L
 * under a schedule of faults, the kill sweep of a send, a late commit, the
 * privacy cut, revocation, harmful connections and a soak.
 * SEED=1234 plays a failed schedule again.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstance } from '../support/instance.js';
import { cut } from './cut.js';
import { hostile, HOSTILE_ENVIRONMENT } from './hostile.js';
import { doFaults, makeFaults, SHORT_FAULTS } from './kit.js';
import { lateCommit } from './late.js';
import { runLoad, SHORT } from './load.js';
import { revoke } from './revoke.js';
import { soak, SOAK_ENVIRONMENT } from './soak.js';
import { sweep, SWEEP_ENVIRONMENT } from './sweep.js';

const seed = Number(process.env.SEED ?? 1);

let natter, small;

before(async () => {
	natter = await startInstance();
	small = await startInstance({ env: SWEEP_ENVIRONMENT });
});
after(async () => {
	await natter?.stop();
	await small?.stop();
});

const tell = (t, counts) => {
	t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`);
	if (counts.skipped)
		t.skip(counts.skipped);
	return counts;
};

test('a send killed at every system call of its worker happens once', async (t) => {
	tell(t, await sweep(small, { what: 'send', seed }));
});

test('an event whose transaction was slower than later ones is heard', async (t) => {
	tell(t, await lateCommit(small, { seed }));
});

test('who was removed gets nothing that came later, by any road', async (t) => {
	const counts = tell(t, await cut(small, { seed, removals: 50 }));
	assert.ok(counts.removals >= 50 && counts.asked_while_out > 50);
});

test('what was revoked is dead at once', async (t) => {
	const counts = tell(t, await revoke(small, { seed, revocations: 10 }));
	assert.ok(counts.requests_after > 50 && counts.canaries_after > 50);
});

for (const [what, environment, run] of [
	['connections that mean harm', HOSTILE_ENVIRONMENT, hostile],
	['memory, while thousands of requests and streams come and go', SOAK_ENVIRONMENT,
		(other) => soak(other, { seed, seconds: 9 })]])
	test(what, async (t) => {
		const other = await startInstance({ env: environment });
		try {
			tell(t, await run(other, { seed }));
		} finally {
			await other.stop();
		}
	});

test('profile L, while processes are killed and stopped', async (t) => {
	const faults = makeFaults(SHORT_FAULTS, seed);
	t.diagnostic(faults.map((fault) => fault.name).join(', '));
	tell(t, await runLoad(natter, { seed, profile: SHORT }, (load) => doFaults(load, faults)));
});
