/* What a test file demands after each of its tests: all goes on. */

import assert from 'node:assert/strict';
import { afterEach, beforeEach } from 'node:test';

/**
 * No process of natter() ends during a test, and ask() is answered after it.
 * Both are functions, since before() makes what they give.
 */
export function expectSurvival(natter, ask) {
	const running = async () => (await natter().ps()).map(({ role, pid }) => `${role} ${pid}`).sort();
	let pids;
	beforeEach(async () => pids = await running());
	afterEach(async () => {
		assert.deepEqual(await running(), pids, 'no process ended');
		assert.equal((await ask()).status, 200, 'and the next one is answered');
	});
}
