import { useState } from 'preact/hooks';
import { getUsers } from '../api.js';
import { html } from '../lib/html.js';
import { know } from '../store/people.js';
import { myId } from '../store/session.js';
import { Avatar } from './avatar.js';
import { Icon } from './icon.js';
import { IconButton } from './icon-button.js';
import { useFound } from './use-found.js';

/**
 * Finds people by name. With `many` they are collected, else the first choice
 * is the answer.
 *
 * @param {{ label: string, many?: boolean, chosen?: User[], without?: number[], self?: boolean,
 *	onChoose: (user: User) => void, onRemove?: (user: User) => void, autofocus?: boolean }} props
 */
export function PeoplePicker({ label, many = false, chosen = [], without = [], self = false,
	onChoose, onRemove, autofocus = false }) {
	const [typed, setTyped] = useState('');
	const [at, setAt] = useState(0);
	const { items, problem } = useFound(typed, async (q, signal) => {
		const answer = await getUsers(q, signal);
		know(answer.items);
		return answer;
	});
	const left = items?.filter((user) => !without.includes(user.id)
		&& !chosen.some((c) => c.id === user.id) && (self || user.id !== myId.value)) ?? [];

	/** @param {User} user */
	function choose(user) {
		onChoose(user);
		setTyped('');
		setAt(0);
	}

	/** @param {KeyboardEvent} event */
	function onKeyDown(event) {
		if (event.isComposing)
			return;
		if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
			event.preventDefault();
			const step = event.key === 'ArrowDown' ? 1 : left.length - 1;
			setAt(left.length ? (at + step) % left.length : 0);
		} else if (event.key === 'Enter' && left[at]) {
			event.preventDefault();
			choose(left[at]);
		} else if (event.key === 'Backspace' && typed === '' && chosen.length) {
			onRemove?.(/** @type {User} */ (chosen.at(-1)));
		}
	}

	return html`<div>
		${many && chosen.length > 0 && html`<ul class="chips" aria-label="Chosen people">
			${chosen.map((user) => html`<li class="chip" key=${user.id}>
				<${Avatar} user=${user} small /><span dir="auto">${user.display_name}</span>
				<${IconButton} icon="x" label="Remove ${user.display_name}"
					onClick=${() => onRemove?.(user)} />
			</li>`)}
		</ul>`}
		<input type="text" role="combobox" aria-label=${label} placeholder=${label} value=${typed}
			aria-expanded=${left.length > 0 ? 'true' : 'false'} aria-autocomplete="list"
			aria-controls="people-found"
			aria-activedescendant=${left[at] ? `person-${left[at].id}` : undefined}
			autocomplete="off" autofocus=${autofocus} onKeyDown=${onKeyDown}
			onInput=${(/** @type {any} */ e) => {
				setTyped(e.target.value);
				setAt(0);
			}} />
		<ul class="choices" id="people-found" role="listbox" aria-label="People found">
			${left.map((user, i) => html`<li key=${user.id} id="person-${user.id}" role="option"
				class="choice" aria-selected=${i === at ? 'true' : 'false'} onClick=${() => choose(user)}
				onPointerMove=${() => setAt(i)}>
				<${Avatar} user=${user} small presence />
				<span class="choice-name" dir="auto">${user.display_name}</span>
				<span class="choice-detail">@${user.username}${user.id === myId.value ? ' · you' : ''}</span>
				${many && html`<${Icon} name="plus" size=${16} />`}
			</li>`)}
		</ul>
		${problem ? html`<p class="form-error" role="alert">${problem}</p>`
			: items && left.length === 0 && html`<p class="quiet choices-empty">
				${typed ? 'Nobody found by that name.' : 'Nobody else is here yet. Invite people first.'}</p>`}
	</div>`;
}
