import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { conversationById } from '../store/conversations.js';
import { markRead } from '../store/reading.js';

/** Nearer to the end than this, the reader follows what comes. */
const nearEnd = 100;

/** Nearer to an end of the loaded messages than this, more are fetched. */
const nearEdge = 900;

/** @typedef {{ kind: 'start' } | { kind: 'end' } | { kind: 'number', number: number }} Target */

/**
 * Where the reader stands. Nothing jumps: the message at the top of the view
 * stays there when older ones come in above it; at the end the view follows.
 * What has been in view is marked as read. While a phone's panel covers all,
 * nothing moves.
 *
 * @param {{ box: { current: HTMLDivElement | null },
 *	timeline: import('../store/timelines.js').Timeline,
 *	divider: number | null, setDivider: (number: number | null) => void }} options
 */
export function useScroll({ box, timeline, divider, setDivider }) {
	const [atEnd, setAtEnd] = useState(true);
	const follow = useRef(true);
	const target = useRef(/** @type {Target | null} */ ({ kind: 'start' }));
	const anchor = useRef(/** @type {{ number: number, top: number } | null} */ (null));
	const caughtUp = useRef(divider === null);
	const top = useRef(0);
	const covered = useRef(false);

	/** The box, unless it is not shown: then nothing in it has a place. */
	const shown = () => (box.current?.clientHeight ? box.current : null);

	const articles = () => /** @type {HTMLElement[]} */ (
		[...box.current?.querySelectorAll('article[data-number]') ?? []]);
	const find = (/** @type {number} */ number) => /** @type {HTMLElement | null | undefined} */ (
		box.current?.querySelector(`article[data-number="${number}"]`));

	/** Notes where the reader stands now. */
	function remember() {
		const el = shown();
		if (!el || timeline.state.value !== 'ready' || target.current)
			return;
		const gap = el.scrollHeight - el.scrollTop - el.clientHeight;
		follow.current = gap < nearEnd && !timeline.hasAfter.value;
		timeline.atEnd = follow.current;
		setAtEnd(follow.current);
		top.current = el.scrollTop;
		const edge = el.getBoundingClientRect().top;
		const first = articles().find((a) => a.getBoundingClientRect().bottom > edge + 8);
		anchor.current = first ? { number: Number(first.dataset.number),
			top: first.getBoundingClientRect().top - edge } : null;
		seen();
	}

	/** Marks what is in view as read, if somebody is looking. */
	function seen() {
		const el = shown();
		const c = conversationById(timeline.id);
		if (!el || !c)
			return;
		if (document.visibilityState === 'visible' && document.hasFocus()) {
			const bottom = el.getBoundingClientRect().bottom;
			const last = articles().findLast((a) => {
				const rect = a.getBoundingClientRect();
				return rect.top + Math.min(rect.height, 48) <= bottom + 2;
			});
			if (last)
				markRead(timeline.id, Number(last.dataset.number));
		}
		const now = conversationById(timeline.id);
		if (now && now.unread > 0 && caughtUp.current) {
			caughtUp.current = false;
			setDivider(now.read_number);
		} else if (now && now.unread === 0) {
			caughtUp.current = true;
		}
	}

	/** Puts the view where the reader should stand after a change. */
	function settle() {
		const el = shown();
		covered.current ||= !el;
		if (!el || timeline.state.value !== 'ready')
			return;
		const reached = target.current !== null && reach(el, target.current);
		if (target.current && !reached && timeline.loading.value)
			return;
		/* What is neither here nor on its way is given up. */
		target.current = null;
		/* The reader may have scrolled since; or the end came nearer. What was covered may begin at the top. */
		const moved = covered.current ? 0 : el.scrollTop - top.current;
		covered.current = false;
		const shrunk = moved < 0 && el.scrollTop >= el.scrollHeight - el.clientHeight - 1;
		if (anchor.current && !shrunk) {
			anchor.current.top -= moved;
			follow.current &&= moved >= 0;
		}
		if (!reached)
			stay(el);
		remember();
	}

	/** @param {HTMLElement} el */
	function stay(el) {
		const held = anchor.current && find(anchor.current.number);
		if (follow.current && !timeline.hasAfter.value)
			el.scrollTop = el.scrollHeight;
		else if (held && anchor.current)
			el.scrollTop += held.getBoundingClientRect().top
				- el.getBoundingClientRect().top - anchor.current.top;
	}

	/**
	 * @param {HTMLElement} el
	 * @param {Target} to
	 * @returns {boolean} is it loaded?
	 */
	function reach(el, to) {
		if (to.kind === 'number') {
			const article = find(to.number);
			if (!article)
				return false;
			el.scrollTop += article.getBoundingClientRect().top
				- el.getBoundingClientRect().top - el.clientHeight / 3;
			article.removeAttribute('data-target');
			void article.offsetWidth;
			article.setAttribute('data-target', '');
			article.focus({ preventScroll: true });
			return true;
		}
		if (to.kind === 'end' && timeline.hasAfter.value)
			return false;
		el.scrollTop = el.scrollHeight;
		const mark = to.kind === 'start' && el.querySelector('.new-divider');
		if (mark) {
			const offset = mark.getBoundingClientRect().top - el.getBoundingClientRect().top;
			if (offset < el.clientHeight / 4)
				el.scrollTop += offset - el.clientHeight / 4;
		}
		return true;
	}

	/** Fetches more where the view nears the edge of what is loaded. */
	async function page() {
		const el = shown();
		if (!el || timeline.state.value !== 'ready' || timeline.paging.value)
			return;
		if (el.scrollTop < nearEdge && timeline.hasBefore.value)
			await timeline.loadBefore();
		else if (el.scrollHeight - el.scrollTop - el.clientHeight < nearEdge
			&& timeline.hasAfter.value)
			await timeline.loadAfter();
	}

	useLayoutEffect(settle);

	useEffect(() => {
		const el = /** @type {HTMLDivElement} */ (box.current);
		let frame = 0;
		const onScroll = () => {
			cancelAnimationFrame(frame);
			frame = requestAnimationFrame(() => {
				remember();
				page();
			});
		};
		const sizes = new ResizeObserver(settle);
		sizes.observe(el);
		sizes.observe(/** @type {Element} */ (el.firstElementChild));
		el.addEventListener('scroll', onScroll, { passive: true });
		addEventListener('focus', seen);
		document.addEventListener('visibilitychange', seen);
		return () => {
			cancelAnimationFrame(frame);
			sizes.disconnect();
			el.removeEventListener('scroll', onScroll);
			removeEventListener('focus', seen);
			document.removeEventListener('visibilitychange', seen);
		};
	}, [timeline]);

	return {
		atEnd,

		/** @param {Target} to */
		goTo(to) {
			target.current = to;
			settle();
		},

		/** @param {boolean} smooth */
		toEnd(smooth) {
			const el = box.current;
			if (!el)
				return;
			if (timeline.hasAfter.value) {
				target.current = { kind: 'end' };
				timeline.load();
				return;
			}
			target.current = null;
			follow.current = true;
			const still = matchMedia('(prefers-reduced-motion: reduce)').matches
				|| el.scrollHeight - el.scrollTop > 4 * el.clientHeight;
			el.scrollTo({ top: el.scrollHeight, behavior: smooth && !still ? 'smooth' : 'instant' });
		},
	};
}
