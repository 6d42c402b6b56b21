/*
 * What nobody could see is no reaction, and nothing of a topic.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startInstance } from '../support/instance.js';
import { createGroup, expectProblem, people, say } from '../support/people.js';

let natter, ann, talk;

before(async () => {
	natter = await startInstance();
	[ann] = await people(natter, 'ann');
	talk = await createGroup(ann);
});
after(() => natter?.stop());

test('a joiner, a selector or a tag alone is no reaction', async () => {
	const { id } = await say(ann, talk, 'look');
	const react = (emoji) => ann.api.put(
		`/messages/${id}/reactions/${encodeURIComponent(emoji)}`);
	for (const emoji of ['\u200d', '\ufe0f', '\u20e3', '\u{e0067}', '\u200d\u{1f44d}'])
		expectProblem(await react(emoji), 400, 'bad_input');
	for (const emoji of ['\u{1f44d}', '\u2764\ufe0f', '1\ufe0f\u20e3', '\u{1f468}\u200d\u{1f469}',
		'\u{1f3f4}\u{e0067}\u{e007f}', '\u{1f1e9}\u{1f1ea}', ':party:'])
		assert.equal((await react(emoji)).status, 204, emoji);
});

test('a topic is one line without controls', async () => {
	const path = `/conversations/${talk}`;
	const changed = await ann.api.patch(path, { topic: ' a\u0001\u202eb\n c ' });
	assert.equal(changed.status, 200, changed.text);
	assert.equal(changed.body.topic, 'ab c');
	assert.equal((await ann.api.patch(path, { topic: '\u200b' })).body.topic, '');
	expectProblem(await ann.api.patch(path, { topic: '\u0958'.repeat(250) }), 400, 'bad_input');
});
