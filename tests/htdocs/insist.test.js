import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { ApiError } from '../../htdocs/api.js';
import { goOn, insist, pause, reset } from '../../htdocs/store/insist.js';

afterEach(reset);

/** Asks that are answered by hand. */
function asking() {
	/** @type {{ resolve: (value?: unknown) => void, reject: (error: Error) => void }[]} */
	const asked = [];
	return { asked, ask: () => new Promise((resolve, reject) => asked.push({ resolve, reject })) };
}

const turn = () => new Promise((done) => setTimeout(done));

test('asked for while it is being asked, the answer is a newer one', async () => {
	const { asked, ask } = asking();
	const both = [insist('name', ask), insist('name', ask)];
	assert.equal(asked.length, 1, 'one at a time');
	asked[0].resolve();
	await turn();
	assert.equal(asked.length, 2, 'and once more');
	asked[1].resolve();
	await Promise.all(both);
});

test('what fails is asked again, at once when the connection is back', async () => {
	const { asked, ask } = asking();
	const done = insist('name', ask);
	pause();
	asked[0].reject(new ApiError(0, 'unreachable', ''));
	await turn();
	assert.equal(asked.length, 1);
	goOn();
	await turn();
	assert.equal(asked.length, 2);
	asked[1].resolve();
	await done;
});

test('what is refused is not asked again', async () => {
	const { asked, ask } = asking();
	const done = insist('name', ask);
	asked[0].reject(new ApiError(404, 'not_found', ''));
	await done;
	assert.equal(asked.length, 1);
});

test('at the end of the session nobody wants it any more', async () => {
	const { asked, ask } = asking();
	const done = insist('name', ask);
	asked[0].reject(new ApiError(503, 'unavailable', ''));
	await turn();
	reset();
	await done;
	assert.equal(asked.length, 1);
});
