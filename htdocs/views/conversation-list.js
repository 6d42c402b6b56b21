import { html } from '../lib/html.js';
import { stepIn } from '../lib/keys.js';
import { arranged } from '../store/arrange.js';
import { listed } from '../store/conversations.js';
import { ConversationRow } from './conversation-row.js';
import { FirstSteps } from './first-steps.js';

/** Favourites, then all others by activity; archived groups at the end. */
export function ConversationList() {
	const { favourites, others, archived } = arranged.value;
	if (!listed.value && others.length === 0)
		return html`<div class="conversation-list" tabindex="-1" aria-busy="true"><${Placeholder} /></div>`;
	return html`<div class="conversation-list" tabindex="-1" onKeyDown=${onKeyDown}>
		${favourites.length > 0 && html`<h2 class="list-title">Favourites</h2>
			<${Rows} list=${favourites} />
			<h2 class="list-title">All others</h2>`}
		${favourites.length + others.length === 0 && html`<p class="empty-list">No conversations yet.</p>`}
		<${Rows} list=${others} />
		${archived.length > 0 && html`<details class="archived">
			<summary>Archived</summary><${Rows} list=${archived} /></details>`}
		${favourites.length + others.length < 3 && html`<div class="only-narrow"><${FirstSteps} /></div>`}
	</div>`;
}

/** Arrows go from row to row. @param {KeyboardEvent} event */
function onKeyDown(event) {
	const box = /** @type {HTMLElement} */ (event.currentTarget);
	const rows = /** @type {HTMLElement[]} */ ([...box.querySelectorAll('.row')]);
	const at = rows.indexOf(/** @type {HTMLElement} */ (document.activeElement));
	const to = stepIn(event, at, rows.length);
	if (at < 0 || to === undefined)
		return;
	event.preventDefault();
	rows[to]?.focus();
}

/** @param {{ list: Conversation[] }} props */
function Rows({ list }) {
	return html`<ul>${list.map((c) => html`<li key=${c.id}><${ConversationRow} conversation=${c} /></li>`)}</ul>`;
}

/** Grey rows, shown only when loading takes long enough to be noticed. */
function Placeholder() {
	return [1, 2, 3, 4, 5].map((n) => html`<div class="row-placeholder" key=${n}></div>`);
}
