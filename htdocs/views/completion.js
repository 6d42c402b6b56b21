import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from '../lib/html.js';
import { compareNames, matchScore, wordAtCaret } from '../lib/text.js';
import { members } from '../store/members.js';
import { myId } from '../store/session.js';
import { Avatar } from './avatar.js';
import { emojiTable, findEmoji, rememberEmoji } from './emoji-picker.js';

/** @typedef {{ key: string, insert: string, label: string, detail: string, user?: User, emoji?: string }} Choice */

/**
 * Completes @people and :emoji: while one types.
 *
 * @param {{ id: number, field: { current: HTMLTextAreaElement | null }, text: string,
 *	setText: (text: string) => void }} options
 */
export function useCompletion({ id, field, text, setText }) {
	const [choices, setChoices] = useState(/** @type {Choice[]} */ ([]));
	const [chosen, setChosen] = useState(0);
	const word = useRef(/** @type {ReturnType<typeof wordAtCaret>} */ (null));
	const dismissed = useRef('');

	/** Looks at the word before the caret. */
	async function look() {
		const el = field.current;
		const found = el && el.selectionStart === el.selectionEnd
			? wordAtCaret(el.value, el.selectionStart) : null;
		const key = found ? `${found.start}${found.sign}` : '';
		if (!found)
			dismissed.current = '';
		if (!found || dismissed.current === key) {
			word.current = null;
			setChoices([]);
			return;
		}
		dismissed.current = '';
		const same = word.current?.word === found.word && word.current.start === found.start;
		word.current = found;
		if (same && choices.length)
			return;
		const list = found.sign === '@' ? people(id, found.word) : await emoji(found.word);
		if (word.current !== found)
			return;
		setChoices(list);
		setChosen(0);
	}

	/* One may type faster than the members come. */
	useEffect(() => {
		if (word.current?.sign === '@')
			look();
	}, [members.value.get(id)]);

	/** @param {Choice} choice */
	function take(choice) {
		const el = field.current;
		if (!el || !word.current)
			return;
		const { start } = word.current;
		const caret = start + choice.insert.length + 1;
		setText(`${text.slice(0, start)}${choice.insert} ${text.slice(el.selectionStart)}`);
		if (choice.emoji)
			rememberEmoji(choice.emoji);
		close();
		requestAnimationFrame(() => {
			el.focus();
			el.setSelectionRange(caret, caret);
		});
	}

	function close() {
		word.current = null;
		setChoices([]);
	}

	/** @param {KeyboardEvent} event @returns {boolean} was it for the list? */
	function onKeyDown(event) {
		if (choices.length === 0 || event.altKey || event.ctrlKey || event.metaKey)
			return false;
		if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
			const step = event.key === 'ArrowDown' ? 1 : choices.length - 1;
			setChosen((chosen + step) % choices.length);
		} else if (event.key === 'Enter' && word.current
			&& choices[chosen].insert === word.current.sign + word.current.word) {
			/* The name stands there in full: Enter sends. */
			close();
			return false;
		} else if (event.key === 'Tab' || (event.key === 'Enter' && !event.shiftKey)) {
			take(choices[chosen]);
		} else if (event.key === 'Escape') {
			dismissed.current = word.current ? `${word.current.start}${word.current.sign}` : '';
			close();
		} else {
			return false;
		}
		event.preventDefault();
		return true;
	}

	const open = choices.length > 0;
	return {
		choices, chosen, take, close, look, onKeyDown,
		attributes: {
			'aria-autocomplete': 'list', 'aria-haspopup': 'listbox',
			'aria-controls': open ? 'completion' : undefined,
			'aria-activedescendant': open ? `completion-${chosen}` : undefined,
		},
	};
}

/** @param {{ completion: ReturnType<typeof useCompletion> }} props */
export function Completion({ completion }) {
	useLayoutEffect(() => {
		document.getElementById(`completion-${completion.chosen}`)?.scrollIntoView({ block: 'nearest' });
	}, [completion.chosen]);

	if (completion.choices.length === 0)
		return null;
	return html`<ul class="completion" id="completion" role="listbox" aria-label="Suggestions">
		${completion.choices.map((choice, i) => html`<li key=${choice.key} id="completion-${i}"
			role="option" aria-selected=${i === completion.chosen ? 'true' : 'false'}
			onMouseDown=${(/** @type {Event} */ e) => {
				e.preventDefault();
				completion.take(choice);
			}}>
			${choice.user ? html`<${Avatar} user=${choice.user} small />`
				: html`<span class="completion-sign">${choice.emoji ?? '@'}</span>`}
			<span class="completion-label" dir="auto">${choice.label}</span>
			<span class="completion-detail">${choice.detail}</span>
		</li>`)}
	</ul>`;
}

/**
 * @param {number} id
 * @param {string} typed
 * @returns {Choice[]}
 */
function people(id, typed) {
	const list = (members.value.get(id) ?? []).map((m) => m.user)
		.filter((user) => user.id !== myId.value);
	const found = list
		.map((user) => ({ user, score: Math.max(matchScore(user.display_name, typed),
			matchScore(user.username, typed)) }))
		.filter((f) => f.score > 0)
		.sort((a, b) => b.score - a.score || compareNames(a.user.display_name, b.user.display_name))
		.slice(0, 7)
		.map(({ user }) => ({ key: String(user.id), insert: `@${user.username}`,
			label: user.display_name, detail: `@${user.username}`, user }));
	const all = list.length > 1 && matchScore('all', typed) === 3
		? [{ key: 'all', insert: '@all', label: '@all', detail: 'Everybody in this group' }] : [];
	return [...found, ...all];
}

/** @param {string} typed @returns {Promise<Choice[]>} */
async function emoji(typed) {
	const rows = findEmoji(await emojiTable(), typed).slice(0, 7);
	return rows.map(([sign, label, , code]) =>
		({ key: sign, insert: sign, label: `:${code}:`, detail: label, emoji: sign }));
}
