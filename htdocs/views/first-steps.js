import { html } from '../lib/html.js';
import { openDialog } from '../store/ui.js';
import { Icon } from './icon.js';

/** What one can do first. */
export function FirstSteps() {
	return html`<div class="first-steps">
		<${Step} icon="square-pen" title="Start a conversation" text="Write to somebody directly."
			onClick=${() => openDialog('new-conversation')} />
		<${Step} icon="users" title="Create a group" text="A private or public place for several people."
			onClick=${() => openDialog('new-group')} />
		<${Step} icon="compass" title="Browse groups" text="Find a public group and join it."
			onClick=${() => openDialog('browse')} />
		<${Step} icon="user-plus" title="Invite people" text="Copies a link that you can send."
			onClick=${() => openDialog('invite')} />
	</div>`;
}

/** @param {{ icon: string, title: string, text: string, onClick: () => void }} props */
function Step({ icon, title, text, onClick }) {
	return html`<button type="button" class="step" onClick=${onClick}>
		<${Icon} name=${icon} />
		<span><span class="step-title">${title}</span><span class="step-text">${text}</span></span>
	</button>`;
}
