import { html } from '../lib/html.js';
import { conversationHash, go } from '../router.js';
import { conversations, isNotes } from '../store/conversations.js';
import { takeIn } from '../store/sync.js';
import { trying } from '../store/notices.js';
import { myId } from '../store/session.js';
import { openDialog } from '../store/ui.js';
import { postDirect } from '../api.js';
import { Icon } from './icon.js';

/** Opens the conversation with oneself, made at its first use. */
export async function openNotes() {
	const notes = [...conversations.value.values()].find(isNotes)
		?? await trying(postDirect(myId.value), 'Couldn’t open your notes.');
	if (!notes)
		return;
	takeIn(notes);
	go(conversationHash(notes.id));
}

/** What one can do first. */
export function FirstSteps() {
	return html`<div class="first-steps">
		<${Step} icon="square-pen" title="Start a conversation" text="Write to somebody directly."
			onClick=${() => openDialog('new-conversation')} />
		<${Step} icon="users" title="Create a group" text="A private or public place for several people."
			onClick=${() => openDialog('new-group')} />
		<${Step} icon="user-plus" title="Invite people" text="Copies a link that you can send."
			onClick=${() => openDialog('invite')} />
		<${Step} icon="notebook-pen" title="Notes to myself" text="A quiet place that only you can see."
			onClick=${openNotes} />
	</div>`;
}

/** @param {{ icon: string, title: string, text: string, onClick: () => void }} props */
function Step({ icon, title, text, onClick }) {
	return html`<button type="button" class="step" onClick=${onClick}>
		<${Icon} name=${icon} />
		<span><span class="step-title">${title}</span><span class="step-text">${text}</span></span>
	</button>`;
}
