import { html } from '../lib/html.js';
import { count } from '../lib/text.js';
import { conversationHash, go, goUp, panelHash, route } from '../router.js';
import { isNotes, titleOf } from '../store/conversations.js';
import { isOnline } from '../store/people.js';
import { ConversationSign } from './conversation-sign.js';
import { IconButton } from './icon-button.js';

/** @param {{ conversation: Conversation }} props */
export function ConversationHeader({ conversation: c }) {
	const place = route.value;
	const panel = place.page === 'conversation' && place.panel;
	return html`<header class="bar">
		<${IconButton} icon="arrow-left" label="Back to conversations" class="only-narrow"
			onClick=${() => goUp('#/')} />
		<${ConversationSign} conversation=${c} />
		<div class="pane-heading">
			<h2 class="bar-title" dir="auto">${titleOf(c)}</h2>
			<p class="pane-topic" dir="auto"><${About} conversation=${c} /></p>
		</div>
		<${IconButton} icon=${c.kind === 'group' ? 'users' : 'info'}
			label=${c.kind === 'group' ? 'Members and settings' : 'About this conversation'}
			class=${panel ? 'is-pressed' : ''} aria-expanded=${panel ? 'true' : 'false'}
			onClick=${() => (panel ? goUp(conversationHash(c.id)) : go(panelHash(c.id)))} />
	</header>`;
}

/** @param {{ conversation: Conversation }} props */
function About({ conversation: c }) {
	if (isNotes(c))
		return 'Only you can see this';
	if (c.kind === 'direct')
		return `@${c.peer?.username}${c.peer && isOnline(c.peer.id) ? ' · online' : ''}`;
	const parts = [count(c.member_count, 'member')];
	if (c.archived)
		parts.unshift('Archived');
	if (c.topic)
		parts.push(c.topic);
	return parts.join(' · ');
}
