/* Two people talk, each in a browser of their own. */

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { startInstance } from '../support/instance.js';
import { createGroup, say, startConversation } from '../support/people.js';
import { arrive, choose, closePages, heard, message, noComplaints, openPage, row, sees, signIn, startBrowser,
	until, write } from './support.js';

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

async function pair() {
	const ana = await arrive(browser, natter, 'ana', 'Ana Souza');
	const bo = await arrive(browser, natter, 'bo', 'Bo Lindqvist');
	const id = await startConversation(ana.someone, bo.someone);
	return { ana, bo, id };
}

test('what one says, the other reads at once', async () => {
	const { ana, bo, id } = await pair();
	await choose(ana.page, id);
	await choose(bo.page, id);
	await write(ana.page, 'Hello **Bo**');
	await sees(ana.page, 'Hello Bo');
	await sees(bo.page, 'Hello Bo');
	assert.equal(await message(bo.page, 'Hello Bo').locator('strong').innerText(), 'Bo');
	await write(bo.page, 'Hello back');
	await sees(ana.page, 'Hello back');
	noComplaints(ana.page, bo.page);
});

test('a sent message shows at once, and the server’s place for it', async () => {
	const { ana, id } = await pair();
	await choose(ana.page, id);
	for (let n = 1; n <= 8; n++)
		await write(ana.page, `line ${n}`);
	await sees(ana.page, 'line 8');
	const numbers = await ana.page.locator('article[data-number]')
		.evaluateAll((all) => all.map((a) => Number(a.dataset.number)));
	assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
	assert.equal(await ana.page.locator('article.is-pending').count(), 0);
	noComplaints(ana.page);
});

test('a message is edited, with a mark that says so', async () => {
	const { ana, bo, id } = await pair();
	await choose(ana.page, id);
	await choose(bo.page, id);
	await write(ana.page, 'Tomorow');
	await sees(bo.page, 'Tomorow');
	await sees(ana.page, 'Tomorow');
	await ana.page.locator('.composer-field').press('ArrowUp');
	await ana.page.getByText('Editing your message').waitFor();
	await ana.page.locator('.composer-field').fill('Tomorrow');
	await ana.page.keyboard.press('Enter');
	await sees(bo.page, 'Tomorrow');
	const mark = message(bo.page, 'Tomorrow').getByText('edited');
	await mark.waitFor();
	assert.equal(await mark.evaluate((el) => el.parentElement.tagName), 'P', 'at the end of the line');
	noComplaints(ana.page, bo.page);
});

test('code has colours, and a button that copies it', async () => {
	const { ana, bo, id } = await pair();
	await bo.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
	await choose(bo.page, id);
	const code = "SELECT 'x' -- note\n  <b>&amp;</b>";
	await say(ana.someone, id, `so:\n\n\`\`\`sql\n${code}\n\`\`\``);
	const block = message(bo.page, 'so:').locator('.code-block');
	assert.equal(await block.locator('.hljs-keyword').innerText(), 'SELECT');
	assert.equal(await block.locator('pre').innerText(), `${code}\n`);
	await block.hover();
	await block.getByRole('button', { name: 'Copy code' }).click();
	await until('it is copied', async () =>
		await bo.page.evaluate(() => navigator.clipboard.readText()) === `${code}\n`);
	noComplaints(bo.page);
});

test('a message is deleted, and a quiet line stays', async () => {
	const { ana, bo, id } = await pair();
	await choose(ana.page, id);
	await choose(bo.page, id);
	await write(ana.page, 'Not meant for you');
	await sees(bo.page, 'Not meant for you');
	await message(ana.page, 'Not meant for you').hover();
	await ana.page.getByRole('button', { name: 'More' }).click();
	await ana.page.getByRole('menuitem', { name: 'Delete' }).click();
	await ana.page.getByRole('button', { name: 'Delete message' }).click();
	await sees(bo.page, 'Message deleted');
	assert.equal(await message(bo.page, 'Not meant').count(), 0);
	noComplaints(ana.page, bo.page);
});

test('a reaction is counted, and taken back', async () => {
	const { ana, bo, id } = await pair();
	await choose(ana.page, id);
	await choose(bo.page, id);
	await write(ana.page, 'Lunch?');
	await message(bo.page, 'Lunch?').hover();
	await bo.page.getByRole('button', { name: 'React', exact: true }).click();
	await bo.page.getByRole('button', { name: 'thumbs up', exact: true }).first().waitFor();
	await bo.page.keyboard.press('ArrowDown');
	await bo.page.keyboard.press('ArrowRight');
	await bo.page.keyboard.press('ArrowLeft');
	await bo.page.keyboard.press('Enter');
	const counter = (page) => page.locator('.reaction', { hasText: '👍' });
	await counter(ana.page).waitFor();
	assert.equal(await counter(ana.page).getAttribute('aria-pressed'), 'false');
	assert.equal(await counter(bo.page).getAttribute('aria-pressed'), 'true');
	await counter(ana.page).click();
	await until('two reacted', async () =>
		(await counter(bo.page).innerText()).includes('2'));
	await counter(bo.page).click();
	await until('one took it back', async () =>
		(await counter(ana.page).innerText()).includes('1'));
	noComplaints(ana.page, bo.page);
});

test('a reply quotes its source and leads there', async () => {
	const { ana, bo, id } = await pair();
	await choose(ana.page, id);
	await choose(bo.page, id);
	await write(ana.page, 'Which colour?');
	await message(bo.page, 'Which colour?').hover();
	await bo.page.getByRole('button', { name: 'Reply' }).click();
	await bo.page.getByText('Reply to Ana Souza').waitFor();
	await bo.page.locator('article.is-marked', { hasText: 'Which colour?' }).waitFor();
	await write(bo.page, 'Blue');
	const quote = message(ana.page, 'Blue').locator('.reply-quote');
	await quote.waitFor();
	assert.match(await quote.innerText(), /Ana Souza\s+Which colour\?/);
	await quote.click();
	await ana.page.waitForSelector('article[data-target]:has-text("Which colour?")');
	noComplaints(ana.page, bo.page);
});

test('typing is shown to the other, and ends with the message', async () => {
	const { ana, bo, id } = await pair();
	await choose(ana.page, id);
	await choose(bo.page, id);
	await ana.page.locator('.composer-field').pressSequentially('Wait', { delay: 30 });
	/* One word of it may get lost; who goes on typing says it again. */
	await until('it is seen', async () => {
		await ana.page.keyboard.press('.');
		return await bo.page.getByText('Ana is typing…').count() === 1;
	});
	await ana.page.keyboard.press('Enter');
	await sees(bo.page, 'Wait');
	await bo.page.getByText('Ana is typing…').waitFor({ state: 'detached' });
	noComplaints(ana.page, bo.page);
});

test('unread messages are counted, then divided from the read ones', async () => {
	const { ana, bo, id } = await pair();
	await say(ana.someone, id, 'read already');
	await choose(bo.page, id);
	await sees(bo.page, 'read already');
	const other = await startConversation(bo.someone, bo.someone);
	await choose(bo.page, other);
	for (const text of ['new one', 'new two', 'new three'])
		await say(ana.someone, id, text);
	const badge = row(bo.page, id).locator('.badge-count');
	await until('three are unread', async () =>
		await badge.count() === 1 && await badge.innerText() === '3');
	assert.match(await bo.page.title(), /^\(3\) /);
	await choose(bo.page, id);
	await bo.page.locator('.new-divider').waitFor();
	const rows = await bo.page.locator('.day > :is(.new-divider, article)')
		.evaluateAll((all) => all.map((el) => el.matches('article')
			? el.querySelector('.message-text').innerText : 'divider'));
	assert.deepEqual(rows, ['read already', 'divider', 'new one', 'new two', 'new three']);
	await badge.waitFor({ state: 'detached' });
	await choose(bo.page, other);
	await choose(bo.page, id);
	assert.equal(await bo.page.locator('.new-divider').count(), 0);
	await until('the server knows', async () =>
		(await bo.someone.api.get(`/conversations/${id}`)).body.unread === 0);
	noComplaints(bo.page);
});

test('a message is called unread again, here and on another device', async () => {
	const { ana, bo, id } = await pair();
	for (const text of ['one', 'two', 'three'])
		await say(ana.someone, id, text);
	const badge = (page) => row(page, id).locator('.badge-count');
	const phone = await openPage(browser, natter.url);
	await signIn(phone, bo.someone);
	await until('three are unread there', async () => await badge(phone).innerText() === '3');
	await choose(bo.page, id);
	await badge(phone).waitFor({ state: 'detached' });

	await message(bo.page, 'two').hover();
	await bo.page.getByRole('button', { name: 'More' }).click();
	await bo.page.getByRole('menuitem', { name: 'Mark unread from here' }).click();
	await until('two are unread there', async () => await badge(phone).innerText() === '2');
	assert.equal(await badge(bo.page).innerText(), '2');
	const divided = bo.page.locator('.new-divider + article', { hasText: 'two' });
	await divided.waitFor();
	await bo.page.locator('.timeline').click({ position: { x: 5, y: 5 } });
	assert.equal(await badge(bo.page).innerText(), '2', 'looking at it leaves it so');
	await write(bo.page, 'answered');
	await badge(phone).waitFor({ state: 'detached' });
	await badge(bo.page).waitFor({ state: 'detached' });
	noComplaints(bo.page, phone);
});

test('a list is arranged: favourites first, the hidden come back with news', async () => {
	const { ana, bo, id } = await pair();
	const phone = await openPage(browser, natter.url);
	await signIn(phone, bo.someone);
	const notes = await startConversation(bo.someone, bo.someone);
	await say(bo.someone, notes, 'a note');
	await say(ana.someone, id, 'new to you');
	const pick = async (conversation, name) => {
		await row(bo.page, conversation).click({ button: 'right' });
		await bo.page.getByRole('menuitem', { name }).click();
	};
	await row(bo.page, id).locator('.badge-count').waitFor();
	await pick(id, 'Mark as read');
	await row(bo.page, id).locator('.badge-count').waitFor({ state: 'detached' });

	const first = (page) => page.locator('.row').first().getAttribute('data-conversation');
	assert.equal(await first(bo.page), String(id));
	await pick(notes, 'Favourite');
	await bo.page.getByRole('heading', { name: 'Favourites' }).waitFor();
	assert.equal(await first(bo.page), String(notes));
	await until('there too', async () => await first(phone) === String(notes));

	await pick(id, 'Mute');
	await row(phone, id).getByTitle('Muted').waitFor();
	await pick(id, 'Hide until something new');
	await row(bo.page, id).waitFor({ state: 'detached' });
	await row(phone, id).waitFor({ state: 'detached' });
	await say(ana.someone, id, 'something new');
	await row(bo.page, id).waitFor();
	await row(phone, id).waitFor();
	noComplaints(bo.page, phone);
});

test('“Seen” stands under what the other has read', async () => {
	const { ana, bo, id } = await pair();
	await choose(ana.page, id);
	await write(ana.page, 'Did you see?');
	await sees(ana.page, 'Did you see?');
	assert.equal(await ana.page.getByText('Seen', { exact: true }).count(), 0);
	await choose(bo.page, id);
	await ana.page.getByText('Seen', { exact: true }).waitFor();
	noComplaints(ana.page, bo.page);
});

test('after midnight today is yesterday', async () => {
	const { ana, id } = await pair();
	await ana.page.clock.install();
	await ana.page.reload();
	await choose(ana.page, id);
	await write(ana.page, 'said before midnight');
	await sees(ana.page, 'said before midnight');
	await ana.page.getByRole('heading', { name: 'Today' }).waitFor();
	await ana.page.clock.fastForward('24:00:00');
	await ana.page.getByRole('heading', { name: 'Yesterday' }).waitFor();
	noComplaints(ana.page);
});

test('presence follows who is there', async () => {
	const { ana, bo, id } = await pair();
	await row(ana.page, id).locator('.presence.is-online').waitFor();
	await bo.page.context().close();
	await row(ana.page, id).locator('.presence.is-online').waitFor({ state: 'detached', timeout: 40_000 });
	noComplaints(ana.page);
});

test('a draft survives a reload and another conversation', async () => {
	const { ana, id } = await pair();
	const notes = await startConversation(ana.someone, ana.someone);
	await choose(ana.page, id);
	await ana.page.locator('.composer-field').fill('half a thought');
	await choose(ana.page, notes);
	assert.equal(await ana.page.locator('.composer-field').inputValue(), '');
	await row(ana.page, id).getByText('Draft:').waitFor();
	await ana.page.reload();
	await choose(ana.page, id);
	assert.equal(await ana.page.locator('.composer-field').inputValue(), 'half a thought');
	noComplaints(ana.page);
});

test('long history is paged in both directions without a jump', async () => {
	const { ana, bo, id } = await pair();
	for (let n = 1; n <= 160; n++)
		await say(bo.someone, id, `message number ${n}`);
	await ana.page.goto(`${natter.url}#/c/${id}/m/20`);
	await message(ana.page, 'message number 20').first().waitFor();
	await ana.page.getByRole('button', { name: 'About this conversation' }).click();
	await ana.page.getByText('Complete up to message 160.').waitFor();
	await ana.page.getByRole('button', { name: 'Close panel' }).click();
	await ana.page.locator('.panel').waitFor({ state: 'detached' });
	await until('the focus is where it came from', () => ana.page.evaluate(() =>
		document.activeElement.matches('[aria-label="About this conversation"]')));
	assert.equal(await ana.page.locator('article[data-number="20"]').count(), 1,
		'the panel leaves the messages alone');
	const timeline = ana.page.locator('.timeline');
	await until('the newest is loaded by scrolling', async () => {
		await timeline.evaluate((el) => el.scrollBy(0, 4000));
		return await message(ana.page, 'message number 160').count() === 1;
	});
	await ana.page.goto(`${natter.url}#/c/${id}/m/9999`);
	await ana.page.getByText('There is no such message.').waitFor();
	await until('it leads to the end', async () => ana.page.url().endsWith(`#/c/${id}`)
		&& await timeline.evaluate((el) => el.scrollHeight - el.scrollTop - el.clientHeight < 2));
	await until('the oldest is loaded by scrolling', async () => {
		await timeline.evaluate((el) => el.scrollBy(0, -4000));
		return await ana.page.locator('article[data-number="1"]').count() === 1;
	});
	const numbers = await ana.page.locator('article[data-number]')
		.evaluateAll((all) => all.map((a) => Number(a.dataset.number)));
	assert.deepEqual(numbers, Array.from({ length: 160 }, (_, i) => i + 1));
	await ana.page.getByRole('button', { name: /^(Jump to latest|\d+ new)$/ }).click();
	const atEnd = () => timeline.evaluate((el) => el.scrollHeight - el.scrollTop - el.clientHeight < 2);
	await until('the end is in view', atEnd);
	await until('one may write', () => ana.page.evaluate(() =>
		document.activeElement.matches('.composer-field')));
	await ana.page.keyboard.press('PageUp');
	await until('one may scroll while writing', async () => !await atEnd());
	await ana.page.keyboard.press('Escape');
	await until('and be at the end again', atEnd);
	noComplaints(ana.page);
});

test('with much unread one begins where it begins; the divider is nowhere else', async () => {
	const { ana, bo, id } = await pair();
	for (let n = 1; n <= 130; n++)
		await say(bo.someone, id, `message number ${n}`);
	await ana.someone.api.put(`/conversations/${id}/read`, { number: 20 });
	await heard(ana.page, id, 'message number 130');
	await row(ana.page, id).locator('.badge-count', { hasText: '110' }).waitFor();
	await choose(ana.page, id);
	await ana.page.locator('.new-divider + article[data-number="21"]').waitFor();
	await ana.page.getByRole('button', { name: /^\d+ new$/ }).click();
	await message(ana.page, 'message number 130').waitFor();
	await row(ana.page, id).locator('.badge-count').waitFor({ state: 'detached' });
	assert.equal(await ana.page.locator('.new-divider').count(), 0);
	noComplaints(ana.page);
});

test('a group is made in the page, joined, led and left', async () => {
	const { ana, bo } = await pair();
	await ana.page.getByRole('button', { name: 'Start something new' }).click();
	await ana.page.getByRole('menuitem', { name: 'New group' }).click();
	const name = `Garden ${Date.now()}`;
	await ana.page.getByLabel('Name', { exact: true }).fill(name);
	await ana.page.getByLabel(/^Public/).check();
	await ana.page.getByRole('button', { name: 'Create group' }).click();
	await ana.page.getByRole('heading', { name, level: 2 }).waitFor();

	await bo.page.getByRole('button', { name: 'Start something new' }).click();
	await bo.page.getByRole('menuitem', { name: 'Browse groups' }).click();
	await bo.page.getByLabel('Find a group').fill(name);
	await bo.page.getByRole('button', { name: `Join ${name}` }).click();
	await bo.page.getByRole('heading', { name, level: 2 }).waitFor();
	await write(bo.page, 'I am in');
	await sees(ana.page, 'I am in');

	await ana.page.getByRole('button', { name: 'Members and settings' }).click();
	const member = ana.page.locator(`.member[data-user="${bo.someone.username}"]`);
	await member.getByRole('button', { name: /Actions for/ }).click();
	await ana.page.getByRole('menuitem', { name: 'Make an admin' }).click();
	await member.getByText('admin').waitFor();

	await ana.page.getByRole('button', { name: 'Group settings' }).click();
	await ana.page.getByLabel('Topic').fill('Beans and peas');
	await ana.page.getByRole('button', { name: 'Save' }).click();
	await bo.page.locator('.pane-topic', { hasText: 'Beans and peas' }).waitFor();

	await member.getByRole('button', { name: /Actions for/ }).click();
	await ana.page.getByRole('menuitem', { name: 'Remove from the group' }).click();
	await ana.page.getByRole('button', { name: 'Remove', exact: true }).click();
	await bo.page.getByText('This conversation isn’t here').waitFor();
	noComplaints(ana.page, bo.page);
});

test('a mention is marked in the list and in the text', async () => {
	const { ana, bo } = await pair();
	const id = await createGroup(ana.someone, [bo.someone]);
	await row(bo.page, id).waitFor();
	await say(ana.someone, id, `look, @${bo.someone.username}`);
	await row(bo.page, id).getByText('you are mentioned').waitFor({ state: 'attached' });
	await choose(bo.page, id);
	await bo.page.locator('.mention.is-me').waitFor();
	noComplaints(bo.page);
});

test('suggestions that were sent away come again for the next word', async () => {
	const { ana, bo } = await pair();
	const id = await createGroup(ana.someone, [bo.someone]);
	await choose(ana.page, id);
	const suggestion = ana.page.getByRole('option', { name: /Bo Lindqvist/ });
	const field = ana.page.locator('.composer-field');
	await field.pressSequentially('@b');
	await suggestion.waitFor();
	await ana.page.keyboard.press('Escape');
	await suggestion.waitFor({ state: 'detached' });
	await ana.page.keyboard.press('o');
	assert.equal(await suggestion.count(), 0);
	await ana.page.keyboard.press('Enter');
	await sees(ana.page, '@bo');
	await field.pressSequentially('@b');
	await suggestion.waitFor();
	noComplaints(ana.page);
});

test('suggestions come when the members do', async () => {
	const { ana, bo } = await pair();
	const id = await createGroup(ana.someone, [bo.someone]);
	let goOn;
	const held = new Promise((done) => goOn = done);
	await ana.page.route('**/members', async (route) => {
		await held;
		await route.continue();
	});
	await choose(ana.page, id);
	await ana.page.locator('.composer-field').pressSequentially('@b');
	assert.equal(await ana.page.getByRole('option').count(), 0);
	goOn();
	await ana.page.getByRole('option', { name: /Bo Lindqvist/ }).waitFor();
	noComplaints(ana.page);
});

test('a link to a message here leads there in place, any other to a tab of its own', async () => {
	const { ana, id } = await pair();
	await say(ana.someone, id, 'the target');
	const notes = await startConversation(ana.someone, ana.someone);
	await say(ana.someone, notes, `${natter.url}#/c/${id}/m/1`);
	await say(ana.someone, notes, `${natter.url}#/join/a-code-of-somebody`);
	await say(ana.someone, notes, 'https://example.org/#/c/1');
	await choose(ana.page, notes);
	const links = ana.page.locator('.message-text a');
	assert.deepEqual(await links.evaluateAll((all) => all.map((a) => a.target)), ['', '_blank', '_blank']);
	await links.first().click();
	await ana.page.waitForSelector('article[data-target]:has-text("the target")');
	assert.equal(ana.page.context().pages().length, 1);
	noComplaints(ana.page);
});
