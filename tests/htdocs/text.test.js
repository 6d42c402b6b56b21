import assert from 'node:assert/strict';
import { test } from 'node:test';
import { count, initials, joinNames, matchScore, mentions, onlyEmoji, plainLine, shorten, toggleMark,
	wordAtCaret } from '../../htdocs/lib/text.js';

test('initials come from the first and the last word, in any script', () => {
	assert.equal(initials('Ana Souza'), 'AS');
	assert.equal(initials('ana'), 'A');
	assert.equal(initials('Zoë Martin-Delacroix'), 'ZD');
	assert.equal(initials('陳美玲'), '陳');
	assert.equal(initials('👩‍🚀'), '?');
	assert.equal(initials(''), '?');
});

test('a long line is cut between graphemes', () => {
	assert.equal(shorten('a  b\nc', 10), 'a b c');
	assert.equal(shorten('👩‍🚀👩‍🚀👩‍🚀', 2), '👩‍🚀👩‍🚀…');
});

test('a preview has no Markdown signs', () => {
	assert.equal(plainLine('# Hi\n\n> **bold** and `code`'), 'Hi bold and code');
	assert.equal(plainLine('[text](https://example.org)'), 'text');
	assert.equal(plainLine('the *good* _one_'), 'the good one');
	assert.equal(plainLine('2 * 3 * 4'), '2 * 3 * 4');
	assert.equal(plainLine('a_snake_case name'), 'a_snake_case name');
});

test('a preview is made of the beginning of a text, however long it is', () => {
	for (const part of ['\n', '[', '[x](', '# ', '**a ', 'word '])
		assert.equal(plainLine(`a${part.repeat(16_000 / part.length)}b`), plainLine(`a${part.repeat(1000)}`), part);
	assert.equal(plainLine('\n\n  > quoted\n\n\t- one\n 2. two'), 'quoted one two');
	assert.equal(plainLine('[see [1] and [two](https://example.org)]'), '[see [1] and two]');
});

test('names are joined in words', () => {
	assert.equal(joinNames(['Ana']), 'Ana');
	assert.equal(joinNames(['Ana', 'Bo']), 'Ana and Bo');
	assert.match(joinNames(['Ana', 'Bo', 'Cy', 'Di'], 3), /Ana.*Bo.*2 others/);
	assert.equal(count(1, 'member'), '1 member');
	assert.equal(count(2, 'member'), '2 members');
});

test('a name is found from its start, from a word, without accents', () => {
	assert.equal(matchScore('Zoë Martin', 'zoe'), 3);
	assert.equal(matchScore('Zoë Martin', 'mar'), 2);
	assert.equal(matchScore('Zoë Martin', 'art'), 1);
	assert.equal(matchScore('Zoë Martin', 'x'), 0);
	assert.equal(matchScore('陳美玲', '美'), 1);
});

test('one to three emoji stand large', () => {
	assert.ok(onlyEmoji('🎉'));
	assert.ok(onlyEmoji('👩‍🚀 🇧🇷'));
	assert.ok(!onlyEmoji('🎉 party'));
	assert.ok(!onlyEmoji('123'));
	assert.ok(!onlyEmoji('🎉🎉🎉🎉'));
	assert.ok(!onlyEmoji(''));
	assert.ok(onlyEmoji('👩🏽‍❤️‍💋‍👨🏿 🏴󠁧󠁢󠁷󠁬󠁳󠁿 👨‍👩‍👧‍👦'));
	assert.ok(!onlyEmoji('👩' + '\u200d👩'.repeat(5000)), 'one, but a long one');
});

test('the word before the caret is completed, an address is not', () => {
	assert.deepEqual(wordAtCaret('hi @bo', 6), { sign: '@', word: 'bo', start: 3 });
	assert.deepEqual(wordAtCaret('@', 1), { sign: '@', word: '', start: 0 });
	assert.equal(wordAtCaret('mail@bo', 7), null);
	assert.equal(wordAtCaret('at 10:30', 8), null);
	assert.equal(wordAtCaret(':s', 2), null);
	assert.deepEqual(wordAtCaret('(:smi', 5), { sign: ':', word: 'smi', start: 1 });
});

test('a mark is put on and taken away', () => {
	const on = toggleMark('a word', 2, 6, '**');
	assert.deepEqual(on, { text: 'a **word**', start: 4, end: 8 });
	assert.deepEqual(toggleMark(on.text, on.start, on.end, '**'), { text: 'a word', start: 2, end: 6 });
});

test('a mention is of one name, not of a longer one', () => {
	const html = '<p><span class="mention" data-username="bob">@bob</span></p>';
	assert.ok(mentions(html, 'bob'));
	assert.ok(!mentions(html, 'bo'));
	assert.ok(mentions('<span class="mention" data-username="all">@all</span>', 'bo'));
});
