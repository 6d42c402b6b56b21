import { useRef, useState } from 'preact/hooks';
import { isTyping, stepIn } from '../lib/keys.js';
import { timelineOf } from '../store/timelines.js';
import { menuIsOpen } from './menu.js';
import { messageKey, showMessageMenu, unread } from './message-actions.js';
import { pickerIsOpen } from './emoji-picker.js';

const longPressMs = 450;

/**
 * The message that shows its toolbar: the one under the mouse, or the one with
 * the focus. One handler for all messages; arrows move the focus along them.
 *
 * @param {{ current: HTMLDivElement | null }} box
 */
export function useActiveMessage(box) {
	const [number, setNumber] = useState(/** @type {number | null} */ (null));
	const latest = useRef(/** @type {number | null} */ (null));
	const shown = useRef(/** @type {number | null} */ (null));
	const press = useRef(/** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined));

	/** @param {EventTarget | null} target */
	const articleOf = (target) => /** @type {HTMLElement | null} */ (
		target instanceof Element ? target.closest('article[data-number]') : null);

	/** @param {HTMLElement | null} article */
	function messageOf(article) {
		const pane = /** @type {HTMLElement | null} */ (article?.closest('[data-conversation]') ?? null);
		return timelineOf(Number(pane?.dataset.conversation))?.items.value
			.find((m) => m.number === Number(article?.dataset.number));
	}

	/** @param {HTMLElement | null} article */
	function choose(article) {
		latest.current = article ? Number(article.dataset.number) : null;
		setNumber(latest.current);
	}

	/** @param {KeyboardEvent} event */
	function onKeyDown(event) {
		const article = articleOf(event.target);
		if (!article || isTyping(event.target))
			return;
		const all = /** @type {HTMLElement[]} */ (
			[...box.current?.querySelectorAll('article[data-number]') ?? []]);
		const at = all.indexOf(article);
		const to = stepIn(event, at, all.length);
		if (to !== undefined) {
			event.preventDefault();
			all[to]?.focus();
			return;
		}
		const message = messageOf(article);
		if (message && event.target === article && messageKey(event, message, article))
			event.preventDefault();
	}

	/* A menu or a picker stands on its message until it closes. */
	if (!menuIsOpen() && !pickerIsOpen())
		shown.current = number;

	return {
		number: shown.current,
		handlers: {
			onPointerOver: (/** @type {PointerEvent} */ event) => {
				if (event.pointerType === 'mouse')
					choose(articleOf(event.target));
			},
			onPointerLeave: () => choose(articleOf(document.activeElement)),
			onFocusIn: (/** @type {FocusEvent} */ event) => choose(articleOf(event.target)),
			onFocusOut: (/** @type {FocusEvent} */ event) => {
				/* The focus also leaves a toolbar that gives way to another. */
				const left = Number(articleOf(event.target)?.dataset.number);
				if (!articleOf(event.relatedTarget) && left === latest.current)
					choose(null);
			},
			onPointerDown: (/** @type {PointerEvent} */ event) => {
				clearTimeout(press.current);
				const article = articleOf(event.target);
				const message = messageOf(article);
				if (event.pointerType !== 'mouse' && message && !message.deleted_at)
					press.current = setTimeout(() => {
						getSelection()?.removeAllRanges();
						showMessageMenu(message, null);
					}, longPressMs);
			},
			onClick: (/** @type {MouseEvent} */ event) => {
				const message = event.altKey ? messageOf(articleOf(event.target)) : undefined;
				if (message)
					unread(message);
			},
			onPointerUp: () => clearTimeout(press.current),
			onPointerCancel: () => clearTimeout(press.current),
			onContextMenu: (/** @type {PointerEvent} */ event) => {
				if (event.pointerType === 'touch' && articleOf(event.target))
					event.preventDefault();
			},
			onKeyDown,
		},
	};
}
