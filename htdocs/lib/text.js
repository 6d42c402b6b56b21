/* Pure functions on text. */

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });
const list = new Intl.ListFormat(undefined, { type: 'conjunction' });
const plurals = new Intl.PluralRules('en');

/**
 * The first grapheme of the first and of the last word.
 *
 * @param {string} name
 */
export function initials(name) {
	const words = name.trim().split(/[\s._-]+/u).filter((w) => /[\p{L}\p{N}]/u.test(w));
	const first = (/** @type {string | undefined} */ word) =>
		word ? [...segmenter.segment(word.replace(/^[^\p{L}\p{N}]+/u, ''))][0].segment : '';
	const both = words.length > 1 ? first(words[0]) + first(words.at(-1)) : first(words[0]);
	return both.toLocaleUpperCase() || '?';
}

/**
 * One of 8 hues, always the same for a name.
 *
 * @param {string} name
 */
export function hueOf(name) {
	let hash = 0x811c9dc5;
	for (let i = 0; i < name.length; i++)
		hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
	return (hash >>> 13) % 8;
}

/**
 * "1 member", "3 members".
 *
 * @param {number} n
 * @param {string} one
 * @param {string} many
 */
export function count(n, one, many = `${one}s`) {
	return `${n.toLocaleString()} ${plurals.select(n) === 'one' ? one : many}`;
}

/**
 * "Ana", "Ana and Bo", "Ana, Bo and 3 others".
 *
 * @param {string[]} names
 * @param {number} most
 */
export function joinNames(names, most = 3) {
	if (names.length <= most)
		return list.format(names);
	const rest = names.length - most + 1;
	return list.format([...names.slice(0, most - 1), count(rest, 'other')]);
}

/**
 * One line of at most `most` graphemes.
 *
 * @param {string} text
 * @param {number} most
 */
export function shorten(text, most) {
	const line = text.replace(/\s+/gu, ' ').trim();
	if (line.length <= most)
		return line;
	let out = '';
	let n = 0;
	for (const { segment } of segmenter.segment(line)) {
		if (++n > most)
			return `${out.trimEnd()}…`;
		out += segment;
	}
	return out;
}

/** More than any preview shows. */
const mostPreviewed = 1000;

/**
 * The beginning of a text as one line without Markdown's signs, for previews.
 *
 * @param {string} text
 */
export function plainLine(text) {
	return text.slice(0, mostPreviewed)
		.replace(/```[\w-]*\n?/g, '')
		.replace(/^[^\S\n]*(?:[>#]+|[-*+]|\d+\.)\s+/gm, '')
		.replace(/(\*\*|__|~~|`)(?=\S)(.+?)\1/g, '$2')
		.replace(/(?<![\p{L}\p{N}*_])([*_])(?=\S)([^*_]*[^\s*_])\1(?![\p{L}\p{N}])/gu, '$2')
		.replace(/\[([^[\]]+)\]\([^)]+\)/g, '$1')
		.replace(/\s+/g, ' ')
		.trim();
}

/**
 * @param {string} a
 * @param {string} b
 */
export const compareNames = (a, b) => collator.compare(a, b);

/**
 * With and without U+FE0F an emoji is the same.
 *
 * @param {string} a
 * @param {string} b
 */
export const sameEmoji = (a, b) => a.replaceAll('\ufe0f', '') === b.replaceAll('\ufe0f', '');

/** @param {string} text */
const fold = (text) =>
	text.normalize('NFKD').replace(/\p{M}/gu, '').toLocaleLowerCase();

/**
 * How well a name answers what was typed: 0 not at all, 3 from its start.
 *
 * @param {string} name
 * @param {string} typed
 */
export function matchScore(name, typed) {
	const n = fold(name);
	const q = fold(typed.trim());
	if (q === '')
		return 1;
	if (n.startsWith(q))
		return 3;
	if (n.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(q)))
		return 2;
	return n.includes(q) ? 1 : 0;
}

/** No three emoji are longer. */
const mostEmoji = 100;

/** Is it one to three emoji and nothing else? Those are shown large.
 *
 * @param {string} text
 */
export function onlyEmoji(text) {
	if (text.length > mostEmoji)
		return false;
	const parts = [...segmenter.segment(text.trim())].map((s) => s.segment)
		.filter((s) => s.trim() !== '');
	return parts.length > 0 && parts.length <= 3
		&& parts.every((s) => /\p{Extended_Pictographic}|\p{Regional_Indicator}{2}/u.test(s));
}

/**
 * Does the HTML of a message mention this user (or everybody)?
 *
 * @param {string} html
 * @param {string} username
 */
export function mentions(html, username) {
	return html.includes(`data-username="${username}"`) || html.includes('data-username="all"');
}

/**
 * The word with this sign before the caret, for completion.
 *
 * @param {string} text
 * @param {number} caret
 * @returns {{ sign: '@' | ':', word: string, start: number } | null}
 */
export function wordAtCaret(text, caret) {
	const match = /(?:^|[\s(])([@:])([\p{L}\p{N}_.+-]*)$/u.exec(text.slice(0, caret));
	if (!match)
		return null;
	const [, sign, word] = match;
	if (sign === ':' && word.length < 2)
		return null;
	return { sign: /** @type {'@' | ':'} */ (sign), word, start: caret - word.length - 1 };
}

/**
 * Puts a mark on both sides of the selection, or takes it away again.
 *
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @param {string} mark
 */
export function toggleMark(text, start, end, mark) {
	const before = text.slice(0, start);
	const inside = text.slice(start, end);
	const after = text.slice(end);
	const n = mark.length;
	if (before.endsWith(mark) && after.startsWith(mark))
		return { text: before.slice(0, -n) + inside + after.slice(n), start: start - n, end: end - n };
	return { text: before + mark + inside + mark + after, start: start + n, end: end + n };
}
