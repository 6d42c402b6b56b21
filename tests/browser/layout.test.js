/* The same page on a phone, under a path, by keyboard, and for axe. */

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { startInstance } from '../support/instance.js';
import { createGroup, invitationCode, say, startConversation } from '../support/people.js';
import { arrive, axe, choose, closePages, heard, live, newPerson, noComplaints, openPage, row, sees,
	signIn, startBrowser, until, write } from './support.js';

let natter;
let browser;

before(async () => {
	natter = await startInstance();
	browser = await startBrowser();
});

afterEach(() => closePages(browser));

after(async () => {
	await browser?.close();
	await natter?.stop();
});

/** What is wider than its place, but for code and tables, which scroll; and whether the page does. */
const tooWide = (page) => page.evaluate(() => [...document.querySelectorAll('*')]
	.filter((el) => ['auto', 'scroll'].includes(getComputedStyle(el).overflowX)
		&& !el.matches('pre, table') && el.scrollWidth > el.clientWidth)
	.map((el) => el.className)
	.concat(document.documentElement.scrollWidth > innerWidth
		|| document.documentElement.scrollHeight > innerHeight ? ['the page'] : []));

test('a phone shows one pane at a time, and goes back', async () => {
	const { someone, page } = await arrive(browser, natter, 'ada', 'Ada Stone',
		{ width: 390, height: 844, touch: true });
	const id = await createGroup(someone, [], { name: 'On the phone' });
	await say(someone, id, 'a `long_word_without_any_place_to_break_it_'.concat('x'.repeat(120), '`'));
	await row(page, id).waitFor();
	assert.deepEqual(await tooWide(page), []);
	await row(page, id).tap();
	await page.locator('.pane').waitFor();
	assert.ok(!await page.locator('.sidebar').isVisible());
	await page.locator('article[data-number]').waitFor();
	assert.deepEqual(await tooWide(page), []);
	await page.locator('.composer-field').fill('from the phone');
	await page.getByRole('button', { name: 'Send' }).tap();
	await sees(page, 'from the phone');
	const [{ id: source }] = (await someone.api.get(`/conversations/${id}/messages`)).body.items;
	await say(someone, id, 'an answer', { reply_to: source });
	await page.locator('.reply-quote').tap();
	await page.waitForURL(/\/m\/1$/);

	await page.getByRole('button', { name: 'Members and settings' }).tap();
	await page.locator('.panel').waitFor();
	assert.ok(!await page.locator('.pane').isVisible());
	assert.deepEqual(await tooWide(page), []);
	await page.goBack();
	await page.locator('.pane').waitFor();
	await page.getByRole('button', { name: 'Back to conversations' }).tap();
	await page.locator('.sidebar').waitFor();
	assert.ok(!await page.locator('.pane').isVisible());
	await page.goForward();
	await page.waitForURL(new RegExp(`#/c/${id}$`));
	await page.goBack();
	await page.locator('.sidebar').waitFor();

	const small = await page.locator('.sidebar :is(a, button):visible').evaluateAll((all) =>
		all.filter((el) => el.getBoundingClientRect().height < 44).map((el) => el.outerHTML));
	assert.deepEqual(small, []);
	noComplaints(page);
});

test('on a phone the panel leaves the place in the messages, and what is unread', async () => {
	const { someone, page } = await arrive(browser, natter, 'amy', 'Amy Read',
		{ width: 390, height: 844, touch: true });
	const friend = await newPerson(natter, 'ray', 'Ray Write');
	const id = await startConversation(someone, friend);
	for (let n = 1; n <= 40; n++)
		await say(friend, id, `message ${n}`);
	await heard(page, id, 'message 40');
	await row(page, id).tap();
	await page.locator('.new-divider').waitFor();
	const unread = async () => Number((await row(page, id).locator('.badge-count').allTextContents())[0] ?? 0);
	await until('a part is read', async () => await unread() < 40);
	const topOf = () => page.locator('article[data-number="5"]').evaluate((el) => el.getBoundingClientRect().top);
	await page.locator('.timeline').evaluate((el) => el.scrollBy(0, -120));
	await page.locator('.jump-latest').waitFor();
	const [top, before] = [await topOf(), await unread()];

	await page.getByRole('button', { name: 'About this conversation' }).tap();
	await page.locator('.panel').waitFor();
	await say(friend, id, 'said behind the panel');
	await until('one more is unread', async () => await unread() === before + 1);
	await page.getByRole('button', { name: 'Back to messages' }).tap();
	await page.locator('.pane').waitFor();
	await sees(page, 'said behind the panel');
	assert.ok(Math.abs(await topOf() - top) < 2, 'at the same place');
	assert.equal(await unread(), before + 1);
	noComplaints(page);
});

test('names of any length and direction stay in their place', async () => {
	const { someone, page } = await arrive(browser, natter, 'abe', 'Abe Long',
		{ width: 390, height: 844, touch: true });
	const wide = await newPerson(natter, 'wide', 'Wolfeschlegelsteinhausenbergerdorff'.repeat(2).slice(0, 64));
	const right = await newPerson(natter, 'right', 'ليلى حداد');
	const id = await createGroup(someone, [wide, right],
		{ name: 'Unbreakable'.repeat(7), topic: 'topic'.repeat(40), visibility: 'public' });
	await say(right, id, '- أولاً\n- ثانياً');
	await say(wide, id, `| a | b |\n|---|---|\n| ${'words and words '.repeat(9)} | end |`);
	await row(page, id).tap();
	await page.locator('article[data-number]').nth(1).waitFor();
	assert.deepEqual(await tooWide(page), []);
	const list = page.locator('.message-text ul');
	const [text, item] = await Promise.all([list, list.locator('li').first()].map((l) => l.boundingBox()));
	assert.ok(item.x + item.width < text.x + text.width, 'the marks have room on the right');
	assert.ok((await page.locator('td').last().boundingBox()).width > 30, 'words stay whole');

	await page.locator('.composer-field').pressSequentially('@');
	await page.locator('.completion li').first().waitFor();
	assert.deepEqual(await tooWide(page), []);
	assert.ok((await page.locator('.composer').boundingBox()).height < 70, 'the hint keeps to one line');
	await page.locator('.composer-field').fill('');

	await page.getByRole('button', { name: 'Members and settings' }).tap();
	await page.getByRole('button', { name: /Actions for ليلى/ }).waitFor();
	assert.deepEqual(await tooWide(page), []);
	const { x, width } = await page.getByRole('button', { name: /Actions for Wolfe/ }).boundingBox();
	assert.ok(x + width <= 390);
	await page.goBack();
	await page.goBack();
	await page.getByRole('button', { name: 'Start something new' }).tap();
	await page.getByRole('menuitem', { name: 'New group' }).tap();
	await page.getByLabel('Add people by name').fill('w');
	await page.getByRole('option', { name: /Wolfe/ }).waitFor();
	assert.deepEqual(await tooWide(page), []);
	noComplaints(page);
});

test('the conversation one is in is seen in a long list', async () => {
	const { someone, page } = await arrive(browser, natter, 'ida', 'Ida Long');
	const first = await createGroup(someone, [], { name: 'The first' });
	for (let n = 0; n < 24; n++)
		await createGroup(someone);
	await say(someone, first, '```\n' + 'wide '.repeat(60) + '\n```');
	for (let n = 0; n < 24; n++)
		await say(someone, await createGroup(someone), 'later');
	await until('the page knows all of them', async () =>
		await page.locator('.row-preview', { hasText: 'later' }).count() === 24);
	const inView = (id) => row(page, id).evaluate((el) => {
		const { top, bottom } = el.getBoundingClientRect();
		const list = el.closest('.conversation-list').getBoundingClientRect();
		return top >= list.top && bottom <= list.bottom;
	});
	await row(page, first).waitFor();
	await until('the row has moved out of view', async () => !await inView(first));
	await page.evaluate((id) => {
		location.hash = `#/c/${id}`;
	}, first);
	await page.waitForSelector(`.pane[data-conversation="${first}"] article pre`);
	assert.ok(await inView(first));
	assert.deepEqual(await axe(page), []);

	const pre = page.locator('article pre');
	await pre.focus();
	await page.keyboard.press('ArrowRight');
	await until('the code is scrolled by keyboard', () => pre.evaluate((el) => el.scrollLeft > 0));
	await page.locator('.composer-field').fill('y'.repeat(16_001));
	await page.getByText('1 character too long').waitFor();
	noComplaints(page);
});

test('a long press opens what one can do with a message', async () => {
	const { someone, page } = await arrive(browser, natter, 'ben', 'Ben Ali',
		{ width: 390, height: 844, touch: true });
	const id = await startConversation(someone, someone);
	await say(someone, id, 'press me');
	await row(page, id).tap();
	const text = page.locator('article[data-number]', { hasText: 'press me' });
	await text.waitFor();
	await text.dispatchEvent('pointerdown', { pointerType: 'touch', bubbles: true });
	await page.getByRole('menuitem', { name: 'Copy text' }).waitFor();
	await page.getByRole('menuitem', { name: 'Reply' }).tap();
	await page.getByText('Reply to Ben Ali').waitFor();
	noComplaints(page);
});

test('by keyboard alone: sign in, choose, write, read', async () => {
	const someone = await newPerson(natter, 'cleo', 'Cleo Marin');
	const id = await startConversation(someone, someone);
	await say(someone, id, 'an older note');
	const page = await openPage(browser, natter.url);
	await until('one may type', () => page.getByLabel('Username').evaluate((el) =>
		el === document.activeElement));
	await page.keyboard.type(someone.username);
	await page.keyboard.press('Tab');
	await page.keyboard.type(someone.password);
	await page.keyboard.press('Enter');
	await live(page);
	await row(page, id).waitFor();

	const group = await createGroup(someone, [], { name: 'Below' });
	await row(page, group).waitFor();
	await row(page, group).focus();
	await page.keyboard.press('ArrowDown');
	assert.equal(await page.evaluate(() => document.activeElement.dataset.conversation), String(id));

	await page.keyboard.press('Control+k');
	await page.keyboard.type('notes');
	await page.keyboard.press('Enter');
	await page.waitForSelector(`.pane[data-conversation="${id}"] article[data-number]`);
	await until('the composer has the focus', () => page.evaluate(() =>
		document.activeElement.matches('.composer-field')));
	await page.keyboard.type('written blind');
	await page.keyboard.press('Enter');
	await sees(page, 'written blind');

	await page.keyboard.press('ArrowUp');
	await page.getByText('Editing your message').waitFor();
	await page.keyboard.press('Escape');
	await page.getByText('Editing your message').waitFor({ state: 'detached' });

	await page.keyboard.press('Shift+Tab');
	assert.match(await page.evaluate(() => document.activeElement.textContent), /written blind/);
	await page.keyboard.press('F6');
	await page.keyboard.press('F6');
	await until('a message has the focus', async () => {
		if (await page.evaluate(() => document.activeElement.matches('article')))
			return true;
		await page.keyboard.press('F6');
		return false;
	});
	await page.keyboard.press('ArrowUp');
	assert.match(await page.evaluate(() => document.activeElement.textContent), /an older note/);
	await page.keyboard.press('r');
	await page.getByText('Reply to Cleo Marin').waitFor();
	await page.keyboard.press('Escape');
	await page.getByText('Reply to Cleo Marin').waitFor({ state: 'detached' });
	await until('the field has the focus', () => page.evaluate(() =>
		document.activeElement.matches('.composer-field')));
	await page.locator('.composer-field').blur();
	await page.keyboard.press('?');
	await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
	await page.keyboard.press('Escape');
	await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor({ state: 'detached' });
	noComplaints(page);
});

test('the focus stays near when what had it goes away', async () => {
	const { someone, page } = await arrive(browser, natter, 'dora', 'Dora Key');
	const friend = await newPerson(natter, 'finn', 'Finn Gone');
	const id = await createGroup(someone, [friend]);
	for (let n = 1; n <= 160; n++)
		await say(someone, id, `message ${n}`);
	const focusIsOn = (what, selector) => until(`the focus is on ${what}`, () => page.evaluate((s) =>
		document.activeElement.matches(s), selector));
	const press = (locator, key = 'Enter') => locator.evaluate((el) => el.focus({ preventScroll: true }))
		.then(() => page.keyboard.press(key));
	await choose(page, id);

	await page.locator('article[data-number="61"]').waitFor();
	await press(page.getByRole('button', { name: 'Load earlier messages' }));
	await page.locator('article[data-number="20"]').waitFor();
	await focusIsOn('what loads more', '.timeline-more button');
	await page.keyboard.press('Enter');
	await page.locator('article[data-number="1"]').waitFor();
	await focusIsOn('the messages', '.timeline');

	const last = page.locator('article[data-number="160"]');
	const { id: message } = (await someone.api.get(`/conversations/${id}/messages`)).body.items.at(-1);
	await someone.api.put(`/messages/${message}/reactions/${encodeURIComponent('👍')}`);
	await press(last.getByRole('button', { name: /👍/ }));
	await last.getByRole('button', { name: /👍/ }).waitFor({ state: 'detached' });
	await focusIsOn('the message', 'article[data-number="160"]');
	await press(last.getByRole('button', { name: 'More' }));
	await page.getByRole('menuitem', { name: 'Delete' }).press('Enter');
	await page.getByRole('button', { name: 'Delete message' }).press('Enter');
	await page.locator('dialog').waitFor({ state: 'detached' });
	await focusIsOn('the message', 'article[data-number="160"]');

	await page.locator('.composer-field').fill('sent by its button');
	await press(page.getByRole('button', { name: 'Send' }));
	await sees(page, 'sent by its button');
	await focusIsOn('the field', '.composer-field');
	await page.keyboard.press('Shift+ArrowUp');
	await press(page.getByRole('button', { name: 'Don’t reply' }));
	await focusIsOn('the field', '.composer-field');

	await press(page.getByRole('button', { name: 'Members and settings' }));
	await press(page.getByRole('button', { name: 'Actions for Finn Gone' }));
	await page.getByRole('menuitem', { name: 'Remove from the group' }).press('Enter');
	await page.getByRole('button', { name: 'Remove', exact: true }).press('Enter');
	await page.getByRole('button', { name: 'Actions for Finn Gone' }).waitFor({ state: 'detached' });
	await focusIsOn('the members', '.members');

	await press(page.getByRole('button', { name: 'Settings', exact: true }));
	await press(page.getByRole('button', { name: 'API tokens' }));
	await page.getByLabel('Name', { exact: true }).fill('nightly');
	await press(page.getByRole('button', { name: 'Create token' }));
	await page.getByLabel('Token', { exact: true }).waitFor();
	await focusIsOn('what made it', '.settings-form button');
	await press(page.getByRole('button', { name: 'Delete token nightly' }));
	await focusIsOn('the tokens', '.settings-part');
	await someone.signIn();
	await press(page.getByRole('button', { name: 'Sessions' }));
	await press(page.getByRole('button', { name: 'End all other sessions' }));
	await focusIsOn('the sessions', '.settings-part');
	await page.keyboard.press('Escape');
	await focusIsOn('what opened it', '[aria-label="Settings"]');

	await page.setViewportSize({ width: 390, height: 844 });
	await press(page.getByRole('button', { name: 'Back to messages' }));
	await focusIsOn('what opened it', '.pane [aria-expanded]');
	await page.keyboard.press('Enter');
	await focusIsOn('the panel', '.panel');
	noComplaints(page);
});

test('what a message says is its description', async () => {
	const { someone, page } = await arrive(browser, natter, 'dan', 'Dan Hear');
	const id = await startConversation(someone, someone);
	await say(someone, id, 'read *me* aloud');
	await someone.api.delete(`/messages/${(await say(someone, id, 'not this')).id}`);
	await choose(page, id);
	await page.route('**/messages', (route) =>
		(route.request().method() === 'POST' ? route.abort() : route.continue()));
	await write(page, 'on its way');
	await page.locator('article.is-waiting').waitFor();
	assert.deepEqual(await page.locator('article').evaluateAll((all) => all.map((el) =>
		document.getElementById(el.getAttribute('aria-describedby')).textContent)),
	['read me aloud', 'Message deleted', 'on its way']);
	noComplaints(page);
});

for (const theme of ['light', 'dark']) {
	test(`axe finds nothing serious, ${theme}`, async () => {
		const entrance = await openPage(browser, natter.url, { theme });
		await entrance.getByLabel('Username').waitFor();
		assert.deepEqual(await axe(entrance), []);
		await entrance.goto(`${natter.url}#/join/${await invitationCode(natter)}`);
		await entrance.getByRole('button', { name: 'Create account' }).waitFor();
		assert.deepEqual(await axe(entrance), []);

		const { someone, page } = await arrive(browser, natter, 'dot', 'Dot Vega', { theme });
		const friend = await newPerson(natter, 'eli', 'Eli Moss');
		const id = await createGroup(someone, [friend], { name: 'Axe', topic: 'Findings' });
		const seen = await say(friend, id, `# Title\n\nText, *emphasis*, \`code\`, https://example.org\n\n`
			+ '```c\nint x = 1; /* one */\nchar *s = "two";\n```\n\n> quote\n\n- [x] done\n- [ ] open\n\n|a|b|\n|-|-|\n|1|2|');
		await friend.api.put(`/messages/${seen.id}/reactions/${encodeURIComponent('👍')}`);
		await say(friend, id, `@${someone.username} look`);
		const gone = await say(friend, id, 'not this');
		await friend.api.delete(`/messages/${gone.id}`);
		await row(page, id).waitFor();
		assert.deepEqual(await axe(page), [], 'the first page');
		await choose(page, id);
		await write(page, 'fine');
		await sees(page, 'fine');
		await page.locator('.hljs-comment').waitFor();
		await page.locator('article[data-number]').last().hover();
		await page.getByRole('button', { name: 'Members and settings' }).click();
		await page.locator('.member').first().waitFor();
		await page.locator('.composer-field').press('ArrowUp');
		await page.getByText('Editing your message').waitFor();
		assert.deepEqual(await axe(page), [], 'a conversation');
		await page.keyboard.press('Escape');

		/** What opens, and what stands there then. */
		const open = async (name, ready, click) => {
			await click();
			await ready.first().waitFor();
			assert.deepEqual(await axe(page), [], name);
			await page.keyboard.press('Escape');
			await page.locator('dialog, .popup').waitFor({ state: 'detached' });
		};
		const button = (name) => page.getByRole('button', { name, exact: true });
		const start = (name) => async () => {
			await button('Start something new').click();
			await page.getByRole('menuitem', { name }).click();
		};
		await open('start', page.getByRole('menuitem'), () => button('Start something new').click());
		await open('a row', page.getByRole('menuitem'), () => row(page, id).click({ button: 'right' }));
		await open('new conversation', page.locator('.choice'), start('New conversation'));
		await open('new group', page.locator('.choice'), start('New group'));
		await open('browse', page.getByLabel('Find a group'), start('Browse groups'));
		await open('invite', page.getByLabel('Valid for'), start('Invite people'));
		await open('switcher', page.locator('.choice'), () => page.keyboard.press('Control+k'));
		await open('shortcuts', page.locator('kbd'), () => page.keyboard.press('Control+/'));
		await open('group settings', page.getByLabel('Topic'), () => button('Group settings').click());
		await open('add people', page.getByLabel('Find people by name'), () => button('Add people').click());
		await open('confirm', button('Delete group'), async () => {
			await button('Group settings').click();
			await button('Delete').click();
		});
		await open('emoji', page.getByText('Smileys'), () => button('Insert an emoji').click());
		await button('Settings').click();
		for (const part of ['Profile', 'Appearance', 'Password', 'Sessions', 'API tokens', 'Invitations']) {
			await page.getByRole('button', { name: part }).click();
			await page.getByRole('region', { name: part }).waitFor();
			assert.deepEqual(await axe(page), [], part);
		}
		noComplaints(entrance, page);
	});
}

test('the chosen theme stays after a reload', async () => {
	const { page } = await arrive(browser, natter, 'fin', 'Fin Cole');
	const surface = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
	const light = await surface();
	await page.getByRole('button', { name: 'Settings', exact: true }).click();
	await page.getByRole('button', { name: 'Appearance' }).click();
	const saved = page.waitForResponse((r) => r.request().method() === 'PATCH');
	await page.getByRole('radio', { name: 'Dark', exact: true }).check();
	await saved;
	await until('it is dark', async () => await surface() !== light);
	await page.reload();
	await live(page);
	assert.notEqual(await surface(), light);
	noComplaints(page);
});

test('a token is shown once, a session is ended from another', async () => {
	const { someone, page } = await arrive(browser, natter, 'gil', 'Gil Roth');
	await page.getByRole('button', { name: 'Settings', exact: true }).click();
	await page.getByRole('button', { name: 'API tokens' }).click();
	await page.getByLabel('Name', { exact: true }).fill('nightly');
	await page.getByRole('button', { name: 'Create token' }).click();
	const token = await page.getByLabel('Token', { exact: true }).inputValue();
	assert.ok(token.length > 20);
	await page.getByText('never used').first().waitFor();

	const second = await openPage(browser, natter.url);
	await signIn(second, someone);
	await page.getByRole('button', { name: 'Sessions' }).click();
	await page.getByRole('button', { name: 'End all other sessions' }).click();
	await second.getByText('Your session has ended.').waitFor({ timeout: 40_000 });
	noComplaints(page);
});

test('it lives under a path', async () => {
	const below = await startInstance({ path: '/chat/' });
	try {
		const { someone, page } = await arrive(browser, below, 'hans', 'Hans Beck');
		assert.ok(page.url().startsWith(`${below.origin}/chat/`));
		const id = await startConversation(someone, someone);
		await choose(page, id);
		await write(page, 'below a path');
		await sees(page, 'below a path');
		await page.waitForSelector('[data-connection=websocket]');
		noComplaints(page);
		await page.context().close();
	} finally {
		await below.stop();
	}
});
