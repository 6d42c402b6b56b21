import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff } from '../../htdocs/lib/backoff.js';
import { continues, dayKey, daysAgo, dayTitle, relativeTime } from '../../htdocs/lib/time.js';
import { parseFrame } from '../../htdocs/events.js';
import { parseRoute } from '../../htdocs/router.js';

const now = new Date(2026, 10, 22, 10, 0);
const at = (/** @type {number} */ day, hour = 9, minute = 0) =>
	new Date(2026, 10, day, hour, minute).toISOString();

test('days are counted by the calendar, not by 24 hours', () => {
	assert.equal(daysAgo(at(22, 0, 1), now), 0);
	assert.equal(daysAgo(at(21, 23, 59), now), 1);
	assert.equal(dayTitle(at(22), now), 'Today');
	assert.equal(dayTitle(at(21), now), 'Yesterday');
	assert.match(dayTitle(at(3), now), /3/);
	assert.equal(dayKey(at(3)), '2026-11-03');
});

test('a week that has just begun is seven days', () => {
	assert.equal(relativeTime(at(29), now), relativeTime(at(29, 10), now));
	assert.match(relativeTime(at(29), now), /7/);
	assert.match(relativeTime(at(22, 9, 2), now), /58/);
	assert.match(relativeTime(at(22, 8, 1), now), /2/);
});

test('messages of one author within five minutes stand together', () => {
	const message = (/** @type {any} */ change) => /** @type {Message} */ (
		{ author: { id: 1 }, created_at: at(22, 9, 0), ...change });
	assert.ok(continues(message({}), message({ created_at: at(22, 9, 4) })));
	assert.ok(!continues(message({}), message({ created_at: at(22, 9, 5) })));
	assert.ok(!continues(message({}), message({ author: { id: 2 } })));
	assert.ok(!continues(message({}), message({ reply_to: { id: 1, number: 1 } })));
	assert.ok(!continues(undefined, message({})));
});

test('waiting begins at 0.2 to 0.5 s and ends at 30 s', () => {
	assert.equal(backoff(0, () => 0), 200);
	assert.equal(backoff(0, () => 1), 500);
	assert.equal(backoff(20, () => 1), 30_000);
	assert.equal(backoff(20, () => 0), 12_000);
});

test('a fragment is a place', () => {
	assert.deepEqual(parseRoute(''), { page: 'home' });
	assert.deepEqual(parseRoute('#/c/12'),
		{ page: 'conversation', id: 12, number: undefined, panel: false });
	assert.deepEqual(parseRoute('#/c/12/m/345'),
		{ page: 'conversation', id: 12, number: 345, panel: false });
	assert.deepEqual(parseRoute('#/c/12/info'),
		{ page: 'conversation', id: 12, number: undefined, panel: true });
	assert.deepEqual(parseRoute('#/join/aB-_9'), { page: 'join', code: 'aB-_9' });
	assert.deepEqual(parseRoute('#/c/12x'), { page: 'home' });
});

test('a frame is one event, several, or nothing that makes sense', () => {
	assert.deepEqual(parseFrame('{"type":"hello"}'), [{ type: 'hello' }]);
	assert.deepEqual(parseFrame('[{"type":"a"},{"type":"b"}]'), [{ type: 'a' }, { type: 'b' }]);
	assert.deepEqual(parseFrame('<html>'), []);
});
