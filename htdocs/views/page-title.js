import { computed } from '@preact/signals';
import { route } from '../router.js';
import { conversations, titleOf, totalUnread } from '../store/conversations.js';
import { site, status } from '../store/session.js';

/** "(3) Weekend plans – Natter" */
export const pageTitle = computed(() => {
	const place = route.value;
	const open = status.value === 'signed_in' && place.page === 'conversation'
		? conversations.value.get(place.id) : undefined;
	const name = open ? `${titleOf(open)} – ${site.value.name}` : site.value.name;
	return totalUnread.value > 0 ? `(${totalUnread.value}) ${name}` : name;
});
