/* timelines.js -- the loaded part of each conversation's messages. */

import { batch, signal } from '@preact/signals';
import * as api from '../api.js';
import { tell } from './notices.js';
import { know } from './people.js';
import { reduceMessages, withMine } from './reduce.js';
import { myId } from './session.js';

/** More than this many messages are not kept; the far end is let go. */
const mostKept = 600;
const keptAfterTrim = 400;

/** Conversations read last stay loaded; the others are loaded again. */
const mostTimelines = 12;

/** @type {Map<number, Timeline>} */
const timelines = new Map();

export class Timeline {
	/** @param {number} id of the conversation */
	constructor(id) {
		this.id = id;
		/** @type {import('@preact/signals').Signal<Message[]>} in order, without gaps */
		this.items = signal([]);
		this.hasBefore = signal(false);
		this.hasAfter = signal(false);
		/** @type {import('@preact/signals').Signal<'empty' | 'loading' | 'ready' | 'failed'>} */
		this.state = signal('empty');
		/** Is another page on its way, to stand in place of what is here? */
		this.loading = signal(false);
		/** @type {import('@preact/signals').Signal<'before' | 'after' | null>} */
		this.paging = signal(null);
		/** Does the reader stand at the newest message? */
		this.atEnd = true;
		/** @type {Set<StreamEvent[]>} events that come while a page is on its way */
		this.journals = new Set();
		/** @type {number | undefined} the message that was last asked for */
		this.around = undefined;
		/** Events are missing after what is here: it is to be loaded afresh. */
		this.stale = false;
		this.generation = 0;
	}

	/**
	 * Loads the newest page, or the one around a message.
	 *
	 * @param {number} [around] message number
	 * @returns {Promise<'shown' | 'failed' | 'superseded'>} superseded: something else was asked for since
	 */
	async load(around) {
		const generation = ++this.generation;
		const before = { around: this.around, atEnd: this.atEnd };
		this.around = around;
		if (around)
			this.atEnd = false;
		batch(() => {
			this.state.value = this.items.value.length ? 'ready' : 'loading';
			this.loading.value = true;
			this.paging.value = null;
		});
		try {
			const page = await this.ask(around ? { around } : {});
			if (generation !== this.generation)
				return 'superseded';
			this.show(page, 'ready');
			return 'shown';
		} catch (error) {
			if (!(error instanceof api.ApiError))
				throw error;
			if (generation !== this.generation)
				return 'superseded';
			if (this.stale || this.state.value === 'loading') {
				this.show({ items: [], has_before: false, has_after: false, journal: [] }, 'failed');
			} else {
				Object.assign(this, before);
				this.loading.value = false;
				tell(error, around ? 'Couldn’t load that message.' : 'Couldn’t load the newest messages.');
			}
			return 'failed';
		}
	}

	/** What is shown, or is about to be, is to be had afresh or not at all. */
	async reload() {
		this.stale = true;
		await this.load(this.atEnd ? undefined : this.around);
	}

	/**
	 * @param {Page} page in place of what is here
	 * @param {'ready' | 'failed'} state
	 */
	show(page, state) {
		/* Nothing that was asked for beside the old page fits the new one. */
		this.generation++;
		this.stale = state === 'failed';
		batch(() => {
			this.items.value = replay(page.items, page.journal, !page.has_after);
			this.hasBefore.value = page.has_before;
			this.hasAfter.value = page.has_after;
			this.state.value = state;
			this.loading.value = false;
			this.paging.value = null;
		});
	}

	/** The page before the first loaded message. */
	async loadBefore() {
		const first = this.items.value[0];
		if (first && this.hasBefore.value)
			await this.page('before', { before: first.number });
	}

	/** The page after the last loaded message. */
	async loadAfter() {
		const last = this.items.value.at(-1);
		if (last && this.hasAfter.value)
			await this.page('after', { after: last.number });
	}

	/**
	 * @param {'before' | 'after'} side
	 * @param {{ before?: number, after?: number }} bound
	 */
	async page(side, bound) {
		if (this.paging.value)
			return;
		const generation = this.generation;
		this.paging.value = side;
		try {
			const page = await this.ask(bound);
			if (generation !== this.generation)
				return;
			batch(() => (side === 'before' ? this.prepend(page) : this.append(page)));
		} catch (error) {
			if (!(error instanceof api.ApiError))
				throw error;
		} finally {
			if (generation === this.generation)
				this.paging.value = null;
		}
	}

	/** @param {Page} page */
	prepend(page) {
		const first = this.items.value[0].number;
		const older = replay(page.items, page.journal, false).filter((m) => m.number < first);
		let items = [...older, ...this.items.value];
		if (items.length > mostKept) {
			items = items.slice(0, keptAfterTrim);
			this.hasAfter.value = true;
		}
		this.items.value = items;
		this.hasBefore.value = page.has_before;
	}

	/** @param {Page} page */
	append(page) {
		const last = /** @type {Message} */ (this.items.value.at(-1)).number;
		const newer = replay(page.items, page.journal, !page.has_after)
			.filter((m) => m.number > last);
		let items = [...this.items.value, ...newer];
		if (items.length > mostKept) {
			items = items.slice(-keptAfterTrim);
			this.hasBefore.value = true;
		}
		this.items.value = items;
		this.hasAfter.value = page.has_after;
	}

	/**
	 * @param {{ before?: number, after?: number, around?: number }} bound
	 * @returns {Promise<Page>}
	 */
	async ask(bound) {
		/** @type {StreamEvent[]} */
		const journal = [];
		this.journals.add(journal);
		try {
			const page = await api.getMessages(this.id, bound);
			know(page.items.flatMap((m) => [m.author, m.reply_to?.author]));
			return { ...page, items: page.items.map((m) => withMine(m, myId.value)), journal };
		} finally {
			this.journals.delete(journal);
		}
	}

	/** @param {StreamEvent} event */
	apply(event) {
		for (const journal of this.journals)
			journal.push(event);
		if (this.state.value !== 'ready')
			return;
		let items = reduceMessages(this.items.value, event, myId.value, !this.hasAfter.value);
		if (items.length > mostKept && this.atEnd) {
			items = items.slice(-keptAfterTrim);
			this.hasBefore.value = true;
		}
		this.items.value = items;
	}
}

/** @typedef {{ items: Message[], has_before: boolean, has_after: boolean, journal: StreamEvent[] }} Page */

/**
 * @param {Message[]} items
 * @param {StreamEvent[]} journal
 * @param {boolean} open
 */
function replay(items, journal, open) {
	return journal.reduce((now, event) => reduceMessages(now, event, myId.value, open), items);
}

/**
 * The timeline of a conversation, made if need be.
 *
 * @param {number} id
 */
export function openTimeline(id) {
	const timeline = timelines.get(id) ?? new Timeline(id);
	timelines.delete(id);
	timelines.set(id, timeline);
	for (const old of timelines.keys()) {
		if (timelines.size <= mostTimelines)
			break;
		timelines.delete(old);
	}
	return timeline;
}

/** @param {number} id @returns {Timeline | undefined} only if it has been opened */
export const timelineOf = (id) => timelines.get(id);

/** @param {number} id is any of its messages here, or on the way? */
export function isLoaded(id) {
	const state = timelines.get(id)?.state.value;
	return state === 'ready' || state === 'loading';
}

/** @param {number} id whose messages couldn't be loaded, perhaps */
export async function retry(id) {
	if (timelines.get(id)?.state.value === 'failed')
		await timelines.get(id)?.reload();
}

/** The conversations whose messages are looked at, or have been lately. */
export const opened = () => [...timelines.keys()];

/** @param {number} id */
export const drop = (id) => timelines.delete(id);

export function reset() {
	timelines.clear();
}
