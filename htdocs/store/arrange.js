/*
 * arrange.js -- where each conversation stands in my list. Favourites and what
 * is hidden are kept with my settings, and so are the same on every device.
 */

import { computed } from '@preact/signals';
import { route } from '../router.js';
import { sorted } from './conversations.js';
import { markRead } from './reading.js';
import { changeSettings, settings } from './session.js';

/** @param {Conversation} c */
export const isFavourite = (c) => settings.value.favourites?.includes(c.id) ?? false;

/** Until something new is said. @param {Conversation} c */
export const isHidden = (c) => (settings.value.hidden?.[c.id] ?? -1) >= c.last_number;

/** The list as it is shown; what is open is never hidden. */
export const arranged = computed(() => {
	const place = route.value;
	const open = place.page === 'conversation' ? place.id : 0;
	const active = sorted.value.filter((c) => !c.archived && (c.id === open || !isHidden(c)));
	return {
		favourites: active.filter(isFavourite),
		others: active.filter((c) => !isFavourite(c)),
		archived: sorted.value.filter((c) => c.archived),
	};
});

/** @param {Conversation} c */
export function toggleFavourite(c) {
	const others = (settings.value.favourites ?? []).filter((id) => id !== c.id);
	return changeSettings({ favourites: isFavourite(c) ? others : [...others, c.id] });
}

/** @param {Conversation} c */
export function toggleHidden(c) {
	/* Only what still hides something is kept. */
	const hidden = Object.fromEntries(sorted.value
		.filter((other) => other.id !== c.id && isHidden(other))
		.map((other) => [other.id, other.last_number]));
	if (!isHidden(c)) {
		markRead(c.id, c.last_number);
		hidden[c.id] = c.last_number;
	}
	return changeSettings({ hidden });
}
