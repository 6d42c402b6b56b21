import { useEffect } from 'preact/hooks';
import { chord, isTyping } from '../lib/keys.js';
import { conversationHash, go, goUp, panelHash, route } from '../router.js';
import { arranged } from '../store/arrange.js';
import { dialog, focusComposer, openDialog } from '../store/ui.js';

/** Keys that work everywhere on the page. */
export function useShortcuts() {
	useEffect(() => {
		addEventListener('keydown', onKeyDown);
		return () => removeEventListener('keydown', onKeyDown);
	}, []);
}

/** @param {KeyboardEvent} event */
function onKeyDown(event) {
	if (event.defaultPrevented || event.isComposing)
		return;
	const keys = chord(event);
	if (dialog.value && keys !== 'ctrl+k')
		return;
	const action = actions[keys] ?? (isTyping(event.target) ? undefined : quietActions[keys]);
	if (!action)
		return;
	event.preventDefault();
	action();
}

/** @type {Record<string, () => void>} */
const actions = {
	'ctrl+k': () => openDialog('switcher'),
	'ctrl+/': () => openDialog('shortcuts'),
	'ctrl+.': togglePanel,
	'alt+arrowup': () => step(-1, false),
	'alt+arrowdown': () => step(1, false),
	'alt+shift+arrowup': () => step(-1, true),
	'alt+shift+arrowdown': () => step(1, true),
	'f6': nextRegion,
};

/** Only while nothing is being typed. @type {Record<string, () => void>} */
const quietActions = {
	'?': () => openDialog('shortcuts'),
};

function togglePanel() {
	const place = route.value;
	if (place.page !== 'conversation')
		return;
	if (place.panel)
		goUp(conversationHash(place.id));
	else
		go(panelHash(place.id));
}

/**
 * @param {number} by
 * @param {boolean} unreadOnly
 */
function step(by, unreadOnly) {
	const { favourites, others } = arranged.value;
	const list = [...favourites, ...others];
	const place = route.value;
	const here = place.page === 'conversation' ? list.findIndex((c) => c.id === place.id) : -1;
	for (let n = 1; n <= list.length; n++) {
		const start = here < 0 && by < 0 ? 0 : here;
		const c = list[(start + by * n + list.length * 2) % list.length];
		if (!unreadOnly || c.unread > 0) {
			go(conversationHash(c.id));
			focusComposer();
			return;
		}
	}
}

/** From the list to the messages to the composer to the panel. */
function nextRegion() {
	const regions = ['.conversation-list a[aria-current], .conversation-list a',
		'.timeline article:last-of-type', '.composer-field', '.panel button']
		.map((selector) => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)]))
		.map((found) => found.find((el) => el.matches('[aria-current]'))
			?? (found[0]?.matches('article') ? found.at(-1) : found[0]))
		.filter((el) => el !== undefined && el.offsetParent !== null);
	const at = regions.findIndex((el) =>
		el?.closest('.sidebar, .timeline, .composer, .panel')?.contains(document.activeElement));
	regions[(at + 1) % regions.length]?.focus();
}
