/* Rules about the source itself: who imports whom, and what the policy forbids. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const htdocs = join(dirname(fileURLToPath(import.meta.url)), '../../htdocs');

const files = readdirSync(htdocs, { recursive: true, encoding: 'utf8' })
	.filter((file) => file.endsWith('.js') && !file.startsWith('vendor'));
const text = (/** @type {string} */ file) => readFileSync(join(htdocs, file), 'utf8');

/** @param {string} file */
const importsOf = (file) => [...text(file).matchAll(/^import [^;]*?from '(\.[^']+)';/gm)]
	.map((match) => relative(htdocs, normalize(join(htdocs, dirname(file), match[1]))));

test('lib, then store, then views, then app', () => {
	const rank = (/** @type {string} */ file) => (file.startsWith('lib/') ? 0
		: file === 'api.js' || file === 'events.js' || file === 'router.js' ? 1
		: file.startsWith('store/') ? 2 : file.startsWith('views/') ? 3 : 4);
	for (const file of files)
		for (const imported of importsOf(file))
			assert.ok(rank(imported) <= rank(file), `${file} imports ${imported}`);
});

test('only api.js fetches, only events.js opens streams', () => {
	for (const file of files) {
		if (file !== 'api.js')
			assert.doesNotMatch(text(file), /\bfetch\(/, file);
		if (file !== 'events.js')
			assert.doesNotMatch(text(file), /new (WebSocket|EventSource)\b/, file);
	}
});

test('HTML is inserted in one place, after DOMPurify', () => {
	const users = files.filter((file) => /dangerouslySetInnerHTML|innerHTML/.test(text(file)));
	assert.deepEqual(users, ['views/message.js']);
	assert.match(text('views/message.js'), /purify\(message\.html\)/);
});

test('nothing the content policy would refuse', () => {
	for (const file of files)
		assert.doesNotMatch(text(file), /\sstyle="|\son[a-z]+="|\beval\(|new Function\(/, file);
	const index = text('index.html');
	assert.doesNotMatch(index, /\sstyle=|\son[a-z]+=|<base/);
	assert.equal(index.match(/<script(?![^>]*\ssrc=)/g)?.length, 1, 'the import map only');
});

test('addresses are relative, so that any path works', () => {
	for (const file of [...files, 'index.html', 'manifest.webmanifest'])
		assert.doesNotMatch(text(file), /(?:href|src)=["']\/|'\/api|"start_url": "\//, file);
});

test('what the style sheets name is there', () => {
	const styles = readdirSync(join(htdocs, 'styles'))
		.map((file) => text(`styles/${file}`)).join('').replace(/url\(.*?\)|"[^"]*"/g, '');
	const source = [...files, 'index.html'].map(text).join('');
	/* Named by the server's renderer or by highlight.js, or put together of a word and a value. */
	const made = /^(align-|hljs-|built_in|hue-|connection-|is-(sending|waiting)$)/;
	for (const [, name] of styles.matchAll(/\.([a-z][\w-]*)/g))
		assert.ok(made.test(name) || new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(source), name);
	for (const [, name] of styles.matchAll(/(--[\w-]+):/g))
		assert.ok(/^--(gray|accent)-\d+$/.test(name) || styles.includes(`var(${name}`), name);
});

test('the icons that are fetched are those that are shown', () => {
	const vendor = readFileSync(join(htdocs, '../scripts/vendor.mjs'), 'utf8');
	const fetched = [.../iconNames = \[([^]*?)\]/.exec(vendor)?.[1].matchAll(/'([^']+)'/g) ?? []]
		.map((match) => match[1]);
	const views = files.filter((file) => file.startsWith('views/')).map(text).join('');
	assert.deepEqual(fetched.filter((name) => !new RegExp(`['"]${name}['"]`).test(views)), []);
	for (const [, name] of views.matchAll(/(?:Icon\} name|icon)(?:=|: )['"]([\w-]+)['"]/g))
		assert.ok(fetched.includes(name), name);
});

test('an emoji of the picker is written as keyboards send it', async () => {
	const [, path] = /"emojibase": "(.*?)"/.exec(readFileSync(join(htdocs, 'index.html'), 'utf8')) ?? [];
	const { groups } = await import(join(htdocs, path));
	const all = groups.flatMap((/** @type {any} */ g) => g.rows.map((/** @type {any} */ r) => r[0]));
	assert.ok(all.length > 1000);
	assert.ok(all.includes('\u2764\ufe0f') && all.includes('\u{1f44d}'));
	for (const emoji of all)
		assert.doesNotMatch(emoji, /\p{Emoji_Presentation}\uFE0F/u);
});

test('the page asks for all its modules at once', () => {
	/** @type {Set<string>} */
	const reached = new Set();
	const visit = (/** @type {string} */ file) => {
		if (reached.has(file))
			return;
		reached.add(file);
		importsOf(file).forEach(visit);
	};
	visit('app.js');
	const preloaded = [...text('index.html').matchAll(/rel="modulepreload" href="\.\/([^"]+)"/g)]
		.map((match) => match[1]).filter((file) => !file.startsWith('vendor/'));
	assert.deepEqual(preloaded.sort(), [...reached].filter((file) => file !== 'app.js').sort());
	const unused = files.filter((file) => !reached.has(file) && file !== 'theme.js');
	assert.deepEqual(unused, [], 'every module is used');
});
