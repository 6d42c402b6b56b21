import { useState } from 'preact/hooks';
import { getUsers } from '../api.js';
import { html } from '../lib/html.js';
import { compareNames, matchScore } from '../lib/text.js';
import { conversationHash, go } from '../router.js';
import { isHidden } from '../store/arrange.js';
import { sorted, titleOf } from '../store/conversations.js';
import { everybody, know } from '../store/people.js';
import { myId } from '../store/session.js';
import { closeDialog, focusComposer } from '../store/ui.js';
import { Avatar } from './avatar.js';
import { ConversationSign } from './conversation-sign.js';
import { Dialog } from './dialog.js';
import { openDirect } from './new-conversation-dialog.js';
import { useFound } from './use-found.js';

/** @typedef {{ key: string, name: string, detail: string, sign: any, open: () => void }} Choice */

/** To any conversation or person by a few letters. */
export function SwitcherDialog() {
	const [typed, setTyped] = useState('');
	const [at, setAt] = useState(0);
	/* Whoever is found is known from then on, and so among the choices. */
	useFound(typed, async (q, signal) => {
		const answer = q === '' ? { items: [] } : await getUsers(q, signal);
		know(answer.items);
		return answer;
	});
	const choices = find(typed);

	/** @param {KeyboardEvent} event */
	function onKeyDown(event) {
		if (event.isComposing)
			return;
		if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
			event.preventDefault();
			const step = event.key === 'ArrowDown' ? 1 : choices.length - 1;
			const next = choices.length ? (at + step) % choices.length : 0;
			setAt(next);
			document.getElementById(`switch-${next}`)?.scrollIntoView({ block: 'nearest' });
		} else if (event.key === 'Enter' && choices[at]) {
			event.preventDefault();
			choices[at].open();
		}
	}

	return html`<${Dialog} title="Go to a conversation" class="switcher" bare>
		<input type="text" role="combobox" aria-label="Go to a conversation or person" autofocus
			placeholder="Go to a conversation or person" autocomplete="off" value=${typed}
			aria-expanded="true" aria-controls="switcher-list" aria-autocomplete="list"
			aria-activedescendant=${choices[at] ? `switch-${at}` : undefined} onKeyDown=${onKeyDown}
			onInput=${(/** @type {any} */ e) => {
				setTyped(e.target.value);
				setAt(0);
			}} />
		<ul class="choices choices-tall" id="switcher-list" role="listbox" aria-label="Found">
			${choices.map((choice, i) => html`<li key=${choice.key} id="switch-${i}" class="choice"
				role="option" aria-selected=${i === at ? 'true' : 'false'} onClick=${choice.open}
				onPointerMove=${() => setAt(i)}>
				${choice.sign}<span class="choice-name" dir="auto">${choice.name}</span>
				<span class="choice-detail">${choice.detail}</span></li>`)}
		</ul>
		${choices.length === 0 && html`<p class="quiet choices-empty">Nothing found by that name.</p>`}
	</${Dialog}>`;
}

/** @param {string} typed @returns {Choice[]} */
function find(typed) {
	const rooms = sorted.value.map((c) => ({
		score: Math.max(matchScore(titleOf(c), typed), matchScore(c.peer?.username ?? '', typed))
			+ (c.unread > 0 && typed === '' ? 1 : 0) - (c.archived ? 0.5 : 0),
		choice: {
			key: `c${c.id}`, name: titleOf(c), sign: html`<${ConversationSign} conversation=${c} />`,
			detail: c.unread > 0 ? `${c.unread} unread` : c.archived ? 'archived' : isHidden(c) ? 'hidden' : '',
			open() {
				closeDialog();
				go(conversationHash(c.id));
				focusComposer();
			},
		},
	}));
	const peers = new Set(sorted.value.map((c) => c.peer?.id));
	const people = typed === '' ? [] : everybody()
		.filter((user) => !peers.has(user.id) && user.id !== myId.value)
		.sort((a, b) => compareNames(a.display_name, b.display_name))
		.map((user) => ({
			score: Math.max(matchScore(user.display_name, typed), matchScore(user.username, typed)),
			choice: {
				key: `u${user.id}`, name: user.display_name, detail: `@${user.username}`,
				sign: html`<${Avatar} user=${user} small presence />`,
				open() {
					openDirect(user);
				},
			},
		}));
	return [...rooms, ...people].filter((f) => f.score > 0)
		.sort((a, b) => b.score - a.score).slice(0, 30).map((f) => f.choice);
}
