/* The short form of `scripts/torture allocations`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocations, SOME } from './allocations.js';

test('memory that is out at any moment of a request: 503, nothing half, and once when repeated', async (t) => {
	const counts = await allocations({ requests: SOME });
	t.diagnostic(JSON.stringify(counts));
	assert.ok(counts.failed_allocations > 200, 'some failed');
});
