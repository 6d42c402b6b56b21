import * as api from '../api.js';
import { html } from '../lib/html.js';
import { go, route } from '../router.js';
import { isFavourite, isHidden, toggleFavourite, toggleHidden } from '../store/arrange.js';
import { change, titleOf } from '../store/conversations.js';
import { announce, trying } from '../store/notices.js';
import { markRead, release } from '../store/reading.js';
import { openMenu } from './menu.js';
import { isNarrow } from './popup.js';

/** When it asks for attention; it shows at once. @param {Conversation} c @param {Notify} notify */
export async function setNotify(c, notify) {
	const put = (/** @type {Notify} */ value) => change(c.id, (old) => ({ ...old, notify: value }));
	put(notify);
	if (!await trying(api.patchConversation(c.id, { notify }), 'Couldn’t change this.'))
		put(c.notify);
}

/** @param {Conversation} c */
export function favour(c) {
	announce(isFavourite(c) ? 'No longer a favourite.' : 'Now a favourite.');
	trying(toggleFavourite(c), 'Couldn’t save this.');
}

/** Hidden, the list goes on without it. @param {Conversation} c */
export function hide(c) {
	const place = route.value;
	if (!isHidden(c) && place.page === 'conversation' && place.id === c.id)
		go('#/');
	announce(isHidden(c) ? 'Shown in the list again.' : 'Hidden until something new is said.');
	trying(toggleHidden(c), 'Couldn’t save this.');
}

/** @param {Conversation} c */
function read(c) {
	release(c.id);
	markRead(c.id, c.last_number);
}

/**
 * What one can do with a row of the list.
 *
 * @param {Conversation} c
 * @param {DOMRect} anchor
 */
export function showConversationMenu(c, anchor) {
	const muted = c.notify === 'nothing';
	openMenu(isNarrow() ? null : anchor, titleOf(c), [
		...c.unread > 0 ? [{ label: 'Mark as read', icon: 'check',
			onSelect: () => read(c) }] : [],
		isFavourite(c) ? { label: 'Not a favourite', icon: 'star-off', onSelect: () => favour(c) }
			: { label: 'Favourite', icon: 'star', onSelect: () => favour(c) },
		muted ? { label: 'Unmute', icon: 'bell', onSelect: () => setNotify(c, 'all') }
			: { label: 'Mute', icon: 'bell-off', onSelect: () => setNotify(c, 'nothing') },
		isHidden(c) ? { label: 'Show in the list', icon: 'eye', onSelect: () => hide(c) }
			: { label: 'Hide until something new', icon: 'eye-off', onSelect: () => hide(c) },
	], isNarrow() && html`<p class="menu-title" dir="auto">${titleOf(c)}</p>`);
}
