import { html } from '../lib/html.js';
import { isNotes } from '../store/conversations.js';
import { Avatar } from './avatar.js';
import { Icon } from './icon.js';

/**
 * The face of a conversation: the other person's avatar, or a quiet sign.
 *
 * @param {{ conversation: Conversation }} props
 */
export function ConversationSign({ conversation }) {
	if (conversation.kind === 'direct' && conversation.peer && !isNotes(conversation))
		return html`<${Avatar} user=${conversation.peer} small presence />`;
	const icon = isNotes(conversation) ? 'notebook-pen'
		: conversation.visibility === 'public' ? 'hash' : 'lock';
	return html`<span class="sign"><${Icon} name=${icon} size=${16} /></span>`;
}
