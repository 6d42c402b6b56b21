/* A page left open while an older backup is restored. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { startInstance } from '../support/instance.js';
import { allMessages, createGroup, say, startConversation } from '../support/people.js';
import { arrive, choose, closePages, live, message, noComplaints, row, sees, startBrowser, texts, until,
	write } from './support.js';

let natter, browser;

before(async () => {
	natter = await startInstance();
	browser = await startBrowser();
});
afterEach(() => closePages(browser));
after(async () => {
	await browser?.close();
	await natter?.stop();
});

async function restore(file) {
	await natter.down();
	await natter.cli(['restore', '--replace', file]);
	await natter.up();
}

test('it shows what was restored: what has vanished is gone, a seq that comes again is new',
	async () => {
		const ana = await arrive(browser, natter, 'ana', 'Ana Souza');
		const bo = await arrive(browser, natter, 'bo', 'Bo Lindqvist');
		const id = await startConversation(ana.someone, bo.someone);
		await choose(bo.page, id);
		for (const text of ['kept one', 'kept two'])
			await say(ana.someone, id, text);
		await sees(bo.page, 'kept two');
		const file = join(natter.var, 'older.tar');
		await natter.cli(['backup', file]);
		await say(ana.someone, id, 'vanishes one');
		await say(ana.someone, id, 'vanishes two');
		const later = await createGroup(bo.someone, [ana.someone]);
		await sees(bo.page, 'vanishes two');
		await row(bo.page, later).waitFor();
		await bo.page.locator('.composer-field').fill('a draft');

		await restore(file);
		const instead = await say(ana.someone, id, 'instead');
		assert.equal(instead.number, 3);
		await message(bo.page, 'instead').first().waitFor({ timeout: 60_000 });
		await live(bo.page);
		const wanted = (await allMessages(bo.someone.api, id)).map((m) => m.text);
		assert.deepEqual(wanted, ['kept one', 'kept two', 'instead']);
		await until('the page has exactly those', async () =>
			JSON.stringify(await texts(bo.page)) === JSON.stringify(wanted));
		await until('the later conversation is gone', async () =>
			await row(bo.page, later).count() === 0);
		assert.equal(await bo.page.locator('.composer-field').inputValue(), 'a draft');
		await bo.page.locator('.composer-field').fill('');
		await write(bo.page, 'and goes on');
		await sees(bo.page, 'and goes on');
		await say(ana.someone, id, 'both ways');
		await sees(bo.page, 'both ways');
		noComplaints(bo.page);
	});

test('whose account is not in it is asked to sign in', async () => {
	const file = join(natter.var, 'before.tar');
	await natter.cli(['backup', file]);
	const { page } = await arrive(browser, natter, 'cy', 'Cy Adler');
	await restore(file);
	await page.getByText('Your session has ended.').waitFor({ timeout: 60_000 });
	noComplaints(page);
});
