import { html } from '../lib/html.js';
import { listed, sorted } from '../store/conversations.js';
import { ConversationRow } from './conversation-row.js';
import { FirstSteps } from './first-steps.js';

/** All conversations, newest activity first; archived groups at the end. */
export function ConversationList() {
	if (!listed.value && sorted.value.length === 0)
		return html`<div class="conversation-list" aria-busy="true"><${Placeholder} /></div>`;
	const active = sorted.value.filter((c) => !c.archived);
	const archived = sorted.value.filter((c) => c.archived);
	return html`<div class="conversation-list">
		${active.length === 0 && html`<p class="empty-list">No conversations yet.</p>`}
		<ul>${active.map((c) => html`<li key=${c.id}><${ConversationRow} conversation=${c} /></li>`)}</ul>
		${archived.length > 0 && html`<details class="archived">
			<summary>Archived</summary>
			<ul>${archived.map((c) => html`<li key=${c.id}><${ConversationRow} conversation=${c} /></li>`)}</ul>
		</details>`}
		${active.length < 3 && html`<div class="only-narrow"><${FirstSteps} /></div>`}
	</div>`;
}

/** Grey rows, shown only when loading takes long enough to be noticed. */
function Placeholder() {
	return [1, 2, 3, 4, 5].map((n) => html`<div class="row-placeholder" key=${n}></div>`);
}
