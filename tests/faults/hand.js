/*
 * What a person does on the page, and sees: it runs there, as window.hand, so
 * that each deed is one question to the page and none waits for an animation.
 * Every deed says whether there was anything to do it on.  A share, from 0 to
 * 1, chooses among what is there.
 *
 *	await context.addInitScript(hand);
 *	await page.evaluate(() => window.hand.open(0.3));
 */

/* global document, location, history, KeyboardEvent, Event, HTMLTextAreaElement, localStorage,
	MutationObserver */

export function hand() {
	const MOST_MS = 1000;

	const one = (what, from = document) => from.querySelector(what);
	const all = (what, from = document) => [...from.querySelectorAll(what)];
	const words = (what, from = document) => one(what, from)?.textContent.trim() ?? null;
	const at = (list, share) => list[Math.floor(share * list.length)];

	const click = (el) => {
		el?.click();
		return el !== null && el !== undefined;
	};
	/** The page draws itself between one deed and the next. */
	const pause = () => new Promise((done) => setTimeout(done, 5));
	const press = (el, key) => el.dispatchEvent(
		new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));

	/** What comes soon, or null. */
	async function soon(find) {
		const end = performance.now() + MOST_MS;
		for (;;) {
			const found = find();
			if (found || performance.now() > end)
				return found || null;
			await pause();
		}
	}

	const articles = () => all('article[data-number]');
	const said = (article) => words('.message-text', article) ?? '';
	const living = (tag) => articles().filter((a) => one('.message-text', a)
		&& (!tag || said(a).includes(tag)));

	/** Presses a key on a message; false if there is none. */
	function keyOn(article, key) {
		article?.focus();
		return article !== undefined && !press(article, key);
	}

	/** Enter, with a text in the field. */
	async function enter(text) {
		const field = one('.composer-field');
		if (!field)
			return false;
		const { set } = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value');
		set.call(field, text);
		field.dispatchEvent(new Event('input', { bubbles: true }));
		await pause();
		const ready = await soon(() => one('.composer-send:enabled'));
		if (!ready || field.value !== text || !field.isConnected)
			return false;
		press(field, 'Enter');
		return true;
	}

	/** Says something new, whatever was edited. */
	async function send(text) {
		if (click(one('[aria-label="Stop editing"]')))
			await pause();
		return await soon(() => !one('[aria-label="Stop editing"]')) !== null && enter(text);
	}

	const deeds = {
		open: (share) => click(at(all('.row'), share)),
		go(hash) {
			location.hash = hash;
			return true;
		},
		/** By a link to a place in a conversation of the list. */
		follow(share, place) {
			const row = at(all('.row'), share);
			if (row)
				location.hash = row.getAttribute('href') + place;
			return row !== undefined;
		},
		/** Not out of the application. */
		back() {
			const inside = history.state?.index > 0;
			if (inside)
				history.back();
			return inside;
		},
		forward() {
			history.forward();
			return true;
		},
		scroll(pages) {
			const box = one('.timeline');
			box?.scrollBy(0, pages * box.clientHeight);
			return box !== null;
		},
		toEnd: () => click(one('.jump-latest')),
		earlier: () => click(one('.timeline-more button')),
		again: () => click(one('.timeline-failed button')),
		send,
		async edit(share, tag, text) {
			if (!keyOn(at(living(tag), share), 'e')
				|| !await soon(() => words('.composer-context strong') === 'Editing your message'))
				return false;
			const [key] = one('.composer-field').value.split(/\s/);
			return enter(`${key} ${text}`);
		},
		async reply(share, text) {
			return keyOn(at(living(), share), 'r') && await soon(() => one('.composer-context')) !== null
				&& enter(text);
		},
		async react(share, which) {
			if (!keyOn(at(living(), share), '+'))
				return false;
			const emoji = await soon(() => all('.emoji-grid button')[which]);
			return click(emoji);
		},
		counter: (share) => click(at(all('.reaction:not(.reaction-add)'), share)),
		/** The first word of what is deleted. */
		async remove(share, tag) {
			const article = at(living(tag), share);
			if (!keyOn(article, 'Delete'))
				return false;
			const [key] = said(article).split(/\s/);
			return click(await soon(() => one('.dialog .button-danger:enabled'))) && key;
		},
		cancel: () => click(one('.dialog [aria-label=Close]')),
		unread: (share) => keyOn(at(living(), share), 'u'),
		retry: (share) => click(at(all('.pending-state .link-button'), share)),
		mine: (share) => click(at(all('.panel-mine .button'), share)),
		/** A number that stands here. */
		number: (share) => Number(at(articles(), share)?.dataset.number ?? 0),
	};

	const rowSeen = (row) => ({
		id: Number(row.dataset.conversation),
		name: words('.row-name', row),
		preview: one('.row-draft', row) ? null : words('.row-preview', row),
		unread: words('.badge-count', row) ?? '0',
		mentioned: words('.badge', row)?.startsWith('@') ?? false,
		muted: row.matches('.is-muted'),
	});

	const articleSeen = (article) => ({
		number: Number(article.dataset.number),
		id: Number(article.dataset.id),
		name: article.getAttribute('aria-label').replace(/, [^,]*$/, ''),
		html: one('.message-text', article)?.innerHTML ?? null,
		edited: one('.message-edited', article) !== null,
		quote: one('.reply-quote', article) && {
			href: one('.reply-quote', article).getAttribute('href'),
			name: words('.reply-author', article), text: words('.reply-text', article) },
		reactions: all('.reaction:not(.reaction-add)', article).map((r) =>
			[...all('span', r).map((part) => part.textContent), r.getAttribute('aria-pressed')].join(' ')),
	});

	const memberSeen = (member) => ({ username: member.dataset.user,
		name: words('.member-name bdi', member), role: words('.member-role', member) ?? 'member' });

	/** Messages that wait to be sent, as this browser keeps them. */
	const unsent = () => Object.entries(localStorage).filter(([key]) => /:outbox:/.test(key))
		.map(([, text]) => JSON.parse(text));

	/** All that can be compared. */
	function look() {
		const pane = one('.pane[data-conversation]');
		return {
			hash: location.hash,
			open: Number(pane?.dataset.conversation ?? 0),
			missing: one('main.home h2')?.textContent.includes('isn’t here') ?? false,
			title: document.title,
			me: words('.sidebar-me-name'),
			live: one('[data-connection=websocket], [data-connection=events],'
				+ ' [data-connection=polling]') !== null,
			rows: all('.row').map(rowSeen),
			head: pane && [words('.bar-title', pane), words('.pane-topic', pane)],
			state: one('.timeline-failed') ? 'failed'
				: one('.timeline')?.getAttribute('aria-busy') === 'false' ? 'ready' : 'loading',
			atEnd: pane !== null && all('.timeline-more').every((more) =>
				!more.textContent.includes('later')),
			more: all('.timeline-more').some((more) => more.textContent.includes('earlier')),
			articles: articles().map(articleSeen),
			panel: one('.panel') && { about: words('.panel-about'), mine: words('.panel-mine'),
				members: all('.member').map(memberSeen) },
		};
	}

	/** What must hold at any moment. */
	function wrong() {
		const numbers = articles().map((a) => Number(a.dataset.number));
		const gap = numbers.findIndex((n, i) => i > 0 && n !== numbers[i - 1] + 1);
		if (gap > 0)
			return `message ${numbers[gap]} stands after ${numbers[gap - 1]}`;
		const texts = all('article .message-text').map((t) => t.innerText.trim().split(/\s/)[0])
			.filter((key) => /^k[0-9a-f]{20}$/.test(key));
		const twice = texts.find((key, i) => texts.indexOf(key) !== i);
		return twice ? `${twice} is there twice` : null;
	}

	/** Does nothing change for so long? */
	async function still(ms) {
		let changes = 0;
		const observer = new MutationObserver((list) => changes += list.length);
		observer.observe(document.body, { subtree: true, childList: true, attributes: true,
			characterData: true });
		await new Promise((done) => setTimeout(done, ms));
		observer.disconnect();
		return changes === 0;
	}

	window.hand = { ...deeds, look, wrong, unsent, still };
}
