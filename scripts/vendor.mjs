/*
 * Copies the browser libraries from node_modules to htdocs/vendor, one folder
 * per package and version, each with its licence.
 *
 *	npm run vendor
 *
 * The import map in htdocs/index.html is constant text. This script checks
 * that it names exactly these folders, and writes the hash of the map to
 * htdocs/vendor/csp-hash.txt for the Content-Security-Policy header.
 *
 * Modules are named .js here, because nginx's stock mime.types has no .mjs.
 */

import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const vendor = join(root, 'htdocs', 'vendor');

/** Made here first, so that a running site never misses a file for long. */
const fresh = join(root, 'node_modules', `.vendor-${process.pid}`);

/** What a package gives: import name -> its file, and the name it gets. */
const libraries = [
	{
		name: 'preact', folder: 'preact', licence: 'LICENSE',
		files: {
			'preact': ['dist/preact.mjs', 'preact.js'],
			'preact/hooks': ['hooks/dist/hooks.mjs', 'hooks.js'],
		},
	},
	{
		name: '@preact/signals-core', folder: 'signals-core', licence: 'LICENSE',
		files: { '@preact/signals-core': ['dist/signals-core.mjs', 'signals-core.js'] },
	},
	{
		name: '@preact/signals', folder: 'signals', licence: 'LICENSE',
		files: { '@preact/signals': ['dist/signals.mjs', 'signals.js'] },
	},
	{
		name: 'htm', folder: 'htm', licence: 'LICENSE',
		files: { 'htm': ['dist/htm.mjs', 'htm.js'] },
	},
	{
		name: 'dompurify', folder: 'dompurify', licence: 'LICENSE',
		files: { 'dompurify': ['dist/purify.es.mjs', 'purify.js'] },
	},
	{
		name: '@highlightjs/cdn-assets', folder: 'highlight', licence: 'LICENSE',
		files: { 'highlight': ['es/highlight.min.js', 'highlight.js'] },
	},
	{
		/* What is made here gets another name when it changes: browsers keep it for a year. */
		name: 'lucide-static', folder: 'lucide', licence: 'LICENSE',
		make: { 'lucide': [icons, 'icons.js'] },
	},
	{
		name: 'emojibase-data', folder: 'emojibase', licence: 'LICENSE',
		make: { 'emojibase': [emoji, 'emoji-2.js'] },
	},
];

/** The icons that views/icon.js may show. */
const iconNames = [
	'arrow-down', 'arrow-left', 'bell', 'bell-off', 'check', 'circle-alert',
	'clock', 'compass', 'copy', 'crown', 'ellipsis', 'eye', 'eye-off', 'globe',
	'hash', 'info', 'link', 'lock', 'log-out', 'mail', 'notebook-pen', 'pencil',
	'plus', 'reply', 'send-horizontal', 'settings', 'smile', 'smile-plus',
	'square-pen', 'star', 'star-off', 'trash-2', 'user-plus', 'users', 'x',
];

/**
 * The shapes inside each icon's svg, as [element, attributes].
 *
 * @param {string} from the package's folder
 */
async function icons(from) {
	const lines = await Promise.all(iconNames.map(async (name) => {
		const svg = await readFile(join(from, 'icons', `${name}.svg`), 'utf8');
		const shapes = [...svg.matchAll(/<(path|line|rect|circle|polyline)\b([^>]*?)\/>/g)]
			.map(([, element, attributes]) => [element, Object.fromEntries(
				[...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map((a) => [a[1], a[2]]))]);
		return `\t${JSON.stringify(name)}: ${JSON.stringify(shapes)},`;
	}));
	return `export const icons = {\n${lines.join('\n')}\n};\n`;
}

/**
 * A slim table: [emoji, label, words to search, shortcode], by group, up to
 * Emoji 15 so that system fonts have them.  U+FE0F stands only where an emoji
 * would be a sign of text without it, as keyboards send it (lib/model/emoji.h).
 *
 * @param {string} from
 */
async function emoji(from) {
	/** @param {string} name */
	const load = async (name) =>
		JSON.parse(await readFile(join(from, 'en', name), 'utf8'));
	const [all, usual, own] = await Promise.all([load('data.json'),
		load('shortcodes/github.json'), load('shortcodes/emojibase.json')]);
	const titles = new Map([
		[0, 'Smileys'], [1, 'People'], [3, 'Nature'], [4, 'Food'], [5, 'Travel'],
		[6, 'Activities'], [7, 'Objects'], [8, 'Symbols'], [9, 'Flags'],
	]);
	const groups = [...titles].map(([number, title]) => {
		const rows = all
			.filter((/** @type {any} */ e) => e.group === number && e.version <= 15)
			.sort((/** @type {any} */ a, /** @type {any} */ b) => a.order - b.order)
			.map((/** @type {any} */ e) => [
				e.emoji.replace(/(\p{Emoji_Presentation})\uFE0F/gu, '$1'), e.label,
				(e.tags ?? []).join(' '), [usual[e.hexcode] ?? own[e.hexcode] ?? ''].flat()[0]]);
		return `\t{ title: ${JSON.stringify(title)}, rows: ${JSON.stringify(rows)} },`;
	});
	return `export const groups = [\n${groups.join('\n')}\n];\n`;
}

const versions = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')).dependencies;
/** @type {Record<string, string>} */
const imports = {};

for (const library of libraries) {
	const from = join(root, 'node_modules', library.name);
	const version = JSON.parse(await readFile(join(from, 'package.json'), 'utf8')).version;
	if (version !== versions[library.name])
		throw new Error(`${library.name} ${version} is installed, package.json wants ${versions[library.name]}`);
	const folder = `${library.folder}-${version}`;
	const to = join(fresh, folder);
	await mkdir(to, { recursive: true });
	await copyFile(join(from, library.licence), join(to, 'LICENSE'));
	for (const [name, [source, target]] of Object.entries(library.files ?? {})) {
		const text = await readFile(join(from, source), 'utf8');
		await writeFile(join(to, target), text.replace(/^\/\/# sourceMappingURL=.*$/gm, ''));
		imports[name] = `./vendor/${folder}/${target}`;
	}
	for (const [name, [make, target]] of Object.entries(library.make ?? {})) {
		await writeFile(join(to, target), await make(from));
		imports[name] = `./vendor/${folder}/${target}`;
	}
}

const index = await readFile(join(root, 'htdocs', 'index.html'), 'utf8');
const map = /<script type="importmap">([^]*?)<\/script>/.exec(index)?.[1] ?? '{}';
if (JSON.stringify(JSON.parse(map).imports) !== JSON.stringify(imports)) {
	console.error('htdocs/index.html: the import map must be');
	console.error(JSON.stringify({ imports }, null, '\t'));
	await rm(fresh, { recursive: true });
	process.exit(1);
}
const hash = createHash('sha256').update(map).digest('base64');
await writeFile(join(fresh, 'csp-hash.txt'), `sha256-${hash}\n`);

const old = `${fresh}-old`;
await rename(vendor, old).catch((error) => {
	if (error.code !== 'ENOENT')
		throw error;
});
await rename(fresh, vendor);
await rm(old, { recursive: true, force: true });
