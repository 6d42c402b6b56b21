import { html } from '../lib/html.js';
import { conversations, isNotes, titleOf } from '../store/conversations.js';
import { openDialog } from '../store/ui.js';

/** What this place is for, before anything is said. @param {{ id: number }} props */
export function EmptyConversation({ id }) {
	const c = conversations.value.get(id);
	if (!c)
		return null;
	if (isNotes(c))
		return html`<div class="empty-conversation"><h3>Notes to myself</h3>
			<p>Keep links, lists and drafts here. Nobody else can see them.</p></div>`;
	if (c.kind === 'direct')
		return html`<div class="empty-conversation"><h3><bdi>${titleOf(c)}</bdi></h3>
			<p>Only the two of you can see what is said here. Write the first message below.</p></div>`;
	return html`<div class="empty-conversation"><h3><bdi>${titleOf(c)}</bdi></h3>
		<p>${c.visibility === 'public' ? 'Everybody on this site can find and join this group.'
			: 'Only members can see this group.'} Write the first message below.</p>
		${c.role !== 'member' && html`<button type="button" class="button"
			onClick=${() => openDialog('add-members', { id })}>Add people</button>`}
	</div>`;
}
