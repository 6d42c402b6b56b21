import { useEffect, useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { load, save } from '../lib/storage.js';
import { sameEmoji } from '../lib/text.js';
import { picker } from '../store/ui.js';
import { Popup } from './popup.js';

/**
 * @param {DOMRect | null} anchor null for a sheet
 * @param {(emoji: string) => void} onPick
 */
export function pickEmoji(anchor, onPick) {
	picker.value = { anchor, onPick };
}

export const pickerIsOpen = () => picker.value !== null;

/** Offered first, until one's own use tells better. */
const usual = ['👍', '❤️', '😄', '🎉', '👀', '🙏', '✅', '😮'];

/** @param {string[]} list */
const eight = (list) => list.filter((emoji, i) =>
	list.findIndex((other) => sameEmoji(other, emoji)) === i).slice(0, 8);

export const recentEmoji = () => eight([...load('emoji') ?? [], ...usual]);

/** @param {string} emoji */
export function rememberEmoji(emoji) {
	save('emoji', eight([emoji, ...load('emoji') ?? []]));
}

/** @typedef {{ title: string, rows: [string, string, string, string][] }} Group */

/** @type {Group[] | null} */
let table = null;

/** The table is only fetched when somebody wants it. */
export async function emojiTable() {
	table ??= (await import('emojibase')).groups;
	return table;
}

/**
 * @param {Group[]} groups
 * @param {string} typed
 */
export function findEmoji(groups, typed) {
	const q = typed.toLowerCase().replace(/_/g, ' ').trim();
	const rows = groups.flatMap((g) => g.rows);
	const coded = rows.filter((r) => r[3].replace(/_/g, ' ').startsWith(q))
		.sort((a, b) => a[3].length - b[3].length);
	const named = rows.filter((r) => r[1].startsWith(q));
	const has = rows.filter((r) => ` ${r[1]} ${r[2]}`.includes(` ${q}`));
	return [...new Set([...coded, ...named, ...has])];
}

/** The one picker of the page. */
export function EmojiPicker() {
	const open = picker.value;
	if (!open)
		return null;
	const close = () => {
		picker.value = null;
	};
	return html`<${Popup} anchor=${open.anchor} label="Choose an emoji" class="emoji-picker"
		onClose=${close}>
		<${Choice} onPick=${(/** @type {string} */ emoji) => {
			close();
			rememberEmoji(emoji);
			open.onPick(emoji);
		}} />
	</${Popup}>`;
}

/** @param {{ onPick: (emoji: string) => void }} props */
function Choice({ onPick }) {
	const [groups, setGroups] = useState(/** @type {Group[]} */ (table ?? []));
	const [typed, setTyped] = useState('');

	useEffect(() => {
		/* Without it there still are those used often. */
		emojiTable().then(setGroups, () => {});
	}, []);

	const shown = typed.trim()
		? [{ title: 'Found', rows: findEmoji(groups, typed).slice(0, 90) }]
		: [{ title: 'Often used', rows: recentEmoji().map((e) => /** @type {any} */ ([e, labelOf(groups, e)])) },
			...groups];

	/** @param {KeyboardEvent} event */
	function onKeyDown(event) {
		const first = shown[0]?.rows[0];
		if (event.key === 'Enter' && first) {
			event.preventDefault();
			onPick(first[0]);
		}
	}

	return html`<div onKeyDown=${moveAmongEmoji}>
		<input type="search" placeholder="Find an emoji"
			aria-label="Find an emoji" value=${typed} onKeyDown=${onKeyDown}
			onInput=${(/** @type {any} */ e) => setTyped(e.target.value)} />
		<div class="emoji-groups">
			${shown.map((group) => html`<section key=${group.title} aria-label=${group.title}>
				<h3>${group.title}</h3>
				${group.rows.length === 0 && html`<p class="quiet">Nothing found.</p>`}
				<div class="emoji-grid">${group.rows.map(([emoji, label]) => html`<button
					type="button" key=${emoji} aria-label=${label} title=${label} tabindex="-1"
					onClick=${() => onPick(emoji)}>${emoji}</button>`)}</div>
			</section>`)}
		</div>
	</div>`;
}

/** Down from the field, then along the rows, and up again. @param {KeyboardEvent} event */
function moveAmongEmoji(event) {
	const box = /** @type {HTMLElement} */ (event.currentTarget);
	const all = /** @type {HTMLElement[]} */ ([...box.querySelectorAll('.emoji-grid button')]);
	const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
	if (all.length === 0 || (at < 0 && event.key !== 'ArrowDown'))
		return;
	const grid = getComputedStyle(/** @type {Element} */ (all[0].parentElement));
	const columns = grid.gridTemplateColumns.split(' ').length;
	const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: at < 0 ? 1 : columns, ArrowUp: -columns }[event.key];
	if (step === undefined)
		return;
	event.preventDefault();
	(at + step < 0 ? box.querySelector('input') : all[at + step])?.focus();
}

/**
 * @param {Group[]} groups
 * @param {string} emoji
 */
function labelOf(groups, emoji) {
	for (const group of groups)
		for (const row of group.rows)
			if (sameEmoji(row[0], emoji))
				return row[1];
	return emoji;
}
