import * as api from '../api.js';
import { copy } from '../lib/clipboard.js';
import { html } from '../lib/html.js';
import { addressOf, messageHash } from '../router.js';
import { conversationById } from '../store/conversations.js';
import { keepDraft, drafts } from '../store/drafts.js';
import { applyNow } from '../store/apply.js';
import { insist } from '../store/insist.js';
import { announce, notice, tell, trying } from '../store/notices.js';
import { markUnread } from '../store/reading.js';
import { findReaction } from '../store/reduce.js';
import { myId } from '../store/session.js';
import { editing, focusComposer, openDialog } from '../store/ui.js';
import { pickEmoji, recentEmoji, rememberEmoji } from './emoji-picker.js';
import { closeMenu, openMenu } from './menu.js';
import { anchorOf } from './popup.js';

/** @param {Message} message */
const isMine = (message) => message.author.id === myId.value;

/** Own messages; in a group its owner and admins may delete any. @param {Message} message */
function mayDelete(message) {
	const c = conversationById(message.conversation_id);
	return isMine(message) || (c?.kind === 'group' && c.role !== 'member');
}

/** @param {Message} message */
export function reply(message) {
	editing.value = null;
	const { id, conversation_id, number, author, text } = message;
	keepDraft(conversation_id, {
		text: drafts.value.get(conversation_id)?.text ?? '',
		reply_to: { id, number, author, text: text.slice(0, 200) },
	});
	focusComposer();
}

/** @param {Message} message */
function edit(message) {
	editing.value = message;
	focusComposer();
}

/** @type {Map<string, boolean>} whether I want that reaction, as long as the server is asked */
const wishes = new Map();

/**
 * Adds my reaction, or takes it back. It shows at once, and the server is asked
 * until it answers: a lost answer doesn't say whether it has it.
 *
 * @param {Message} message
 * @param {string} emoji
 */
export async function toggleReaction(message, emoji) {
	const { id, conversation_id } = message;
	const name = `reaction ${id} ${emoji}`;
	/** @param {boolean} add */
	const show = (add) => applyNow(conversation_id, {
		type: add ? 'reaction.added' : 'reaction.removed', hoped: true,
		message_id: id, emoji, user_id: myId.value,
	});
	const wish = !findReaction(message.reactions, emoji, myId.value)?.mine;
	show(wish);
	wishes.set(name, wish);
	await insist(name, () => wishFor(name, id, emoji, show));
	wishes.delete(name);
}

/**
 * @param {string} name
 * @param {number} id
 * @param {string} emoji
 * @param {(add: boolean) => void} show
 */
async function wishFor(name, id, emoji, show) {
	const add = wishes.get(name) ?? false;
	try {
		await (add ? api.putReaction(id, emoji) : api.deleteReaction(id, emoji));
	} catch (error) {
		if (!(error instanceof api.ApiError) || error.passing)
			throw error;
		show(!add);
		tell(error, `Couldn’t ${add ? 'add' : 'take back'} the reaction.`);
	}
}

/**
 * @param {Message} message
 * @param {Element} control where the picker stands
 */
export function react(message, control) {
	pickEmoji(anchorOf(control), (emoji) => toggleReaction(message, emoji));
}

/** @param {Message} message */
export function askToDelete(message) {
	openDialog('confirm', {
		title: 'Delete this message?',
		text: 'Everybody in the conversation will see that a message was deleted.',
		verb: 'Delete message', danger: true,
		async onConfirm() {
			await api.deleteMessage(message.id);
			applyNow(message.conversation_id,
				{ type: 'message.deleted', message_id: message.id, number: message.number });
			if (editing.value?.id === message.id)
				editing.value = null;
			announce('Message deleted.');
		},
	});
}

/** That message and what follows is new again. @param {Message} message */
export function unread(message) {
	markUnread(message.conversation_id, message.number);
	announce('Unread from this message on.');
}

/** @param {Message} message */
async function copyText(message) {
	notice(await copy(message.text) ? 'Text copied.' : 'The browser didn’t allow copying.');
}

/** @param {Message} message */
async function copyLink(message) {
	const link = addressOf(messageHash(message.conversation_id, message.number));
	if (await copy(link))
		notice('Link copied.');
	else
		openDialog('link', { title: 'Link to this message', link });
}

/**
 * Everything one can do with a message.
 *
 * @param {Message} message
 * @param {Element | null} control null for a sheet
 */
export function showMessageMenu(message, control) {
	const items = [
		{ label: 'Reply', icon: 'reply', onSelect: () => reply(message) },
		...isMine(message) ? [{ label: 'Edit', icon: 'pencil', onSelect: () => edit(message) }] : [],
		{ label: 'Copy text', icon: 'copy', onSelect: () => trying(copyText(message), '') },
		{ label: 'Copy link', icon: 'link', onSelect: () => trying(copyLink(message), '') },
		{ label: 'Mark unread from here', icon: 'mail', onSelect: () => unread(message) },
		...mayDelete(message) ? [{ label: 'Delete', icon: 'trash-2', danger: true,
			onSelect: () => askToDelete(message) }] : [],
	];
	const head = control ? undefined : html`<div class="quick-reactions">
		${recentEmoji().slice(0, 5).map((emoji) => html`<button type="button" key=${emoji}
			aria-label="React with ${emoji}" onClick=${() => {
				closeMenu();
				rememberEmoji(emoji);
				toggleReaction(message, emoji);
			}}>${emoji}</button>`)}
		<button type="button" aria-label="More emoji" onClick=${() => {
			closeMenu();
			pickEmoji(null, (emoji) => toggleReaction(message, emoji));
		}}>＋</button>
	</div>`;
	openMenu(control ? anchorOf(control) : null, 'Message', items, head);
}

/**
 * Keys on a focused message; true if the key meant something.
 *
 * @param {KeyboardEvent} event
 * @param {Message} message
 * @param {Element} article
 */
export function messageKey(event, message, article) {
	if (event.ctrlKey || event.metaKey || event.altKey || message.deleted_at)
		return false;
	switch (event.key) {
	case 'r':
		reply(message);
		return true;
	case 'e':
		if (isMine(message))
			edit(message);
		return true;
	case '+':
		react(message, article);
		return true;
	case 'Delete':
		if (mayDelete(message))
			askToDelete(message);
		return true;
	case 'u':
		unread(message);
		return true;
	case 'Enter':
		showMessageMenu(message, article);
		return true;
	default:
		return false;
	}
}
