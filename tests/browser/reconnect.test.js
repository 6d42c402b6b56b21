/* The network comes and goes; nothing is missing and nothing is doubled. */

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { startInstance } from '../support/instance.js';
import { allMessages, say, startConversation } from '../support/people.js';
import { arrive, choose, closePages, heard, live, noComplaints, row, sees, startBrowser, texts,
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

test('somebody was offline: all is there, once and in order', async () => {
	const ana = await arrive(browser, natter, 'ana', 'Ana Souza');
	const bo = await arrive(browser, natter, 'bo', 'Bo Lindqvist');
	const id = await startConversation(ana.someone, bo.someone);
	await choose(bo.page, id);
	await say(ana.someone, id, 'before');
	await sees(bo.page, 'before');

	await bo.page.context().setOffline(true);
	await bo.page.getByText('Reconnecting… your messages are kept.').waitFor();
	for (let n = 1; n <= 20; n++)
		await say(ana.someone, id, `while away ${n}`);
	await write(bo.page, 'written offline 1');
	await write(bo.page, 'written offline 2');
	await bo.page.locator('article.is-waiting').first().waitFor();
	await bo.page.getByRole('button', { name: 'About this conversation' }).click();
	await bo.page.getByText('something newer may be missing').waitFor();
	assert.equal(await bo.page.locator('.notice').count(), 0, 'the bar says it already');
	await bo.page.context().setOffline(false);

	await sees(bo.page, 'written offline 2');
	await until('nothing is pending', async () =>
		await bo.page.locator('article.is-pending').count() === 0);
	const wanted = (await allMessages(bo.someone.api, id)).map((m) => m.text);
	assert.equal(wanted.length, 23);
	await until('the page has all of them', async () =>
		JSON.stringify(await texts(bo.page)) === JSON.stringify(wanted));
	noComplaints(bo.page);
});

test('one may read on while the page still catches up', async () => {
	const ana = await arrive(browser, natter, 'ana', 'Ana Souza');
	const bo = await arrive(browser, natter, 'bo', 'Bo Lindqvist');
	const id = await startConversation(ana.someone, bo.someone);
	await row(bo.page, id).waitFor();
	let goOn;
	const wait = new Promise((resolve) => {
		goOn = resolve;
	});
	await bo.page.route('**/api/v1/me/events*', async (route) => {
		await wait;
		await route.continue();
	});
	await choose(bo.page, id);
	await bo.page.reload();
	await bo.page.locator('.empty-conversation').waitFor();
	for (let n = 1; n <= 3; n++)
		await say(ana.someone, id, `message ${n}`);
	await bo.page.goto(`${natter.url}#/c/${id}/m/2`);
	await sees(bo.page, 'message 3');
	goOn();
	await row(bo.page, id).locator('.row-text', { hasText: 'message 3' }).waitFor();
	await row(bo.page, id).locator('.badge-count').waitFor({ state: 'detached' });
	noComplaints(bo.page);
});

/** Somebody whose message was not sent. */
async function writeOffline() {
	const { someone, page } = await arrive(browser, natter, 'cy', 'Cy Adler');
	const id = await startConversation(someone, someone);
	await choose(page, id);
	await page.route('**/api/v1/conversations/*/messages', (route) =>
		(route.request().method() === 'POST' ? route.abort() : route.continue()));
	await write(page, 'keep me');
	await page.locator('article.is-waiting').waitFor();
	await page.unroute('**/api/v1/conversations/*/messages');
	return { someone, page, id };
}

test('what was written offline survives a reload and is sent once', async () => {
	const { someone, page, id } = await writeOffline();
	await page.reload();
	await sees(page, 'keep me');
	assert.deepEqual((await allMessages(someone.api, id)).map((m) => m.text), ['keep me']);
	noComplaints(page);
});

/** The server is too busy for this. */
const busy = (route) => route.fulfill({ status: 503, contentType: 'application/problem+json',
	body: JSON.stringify({ status: 503, code: 'unavailable' }) });

test('what was written offline is sent though the list can’t be had, and the list comes', async () => {
	const { someone, page, id } = await writeOffline();
	await page.route('**/api/v1/conversations', busy);
	await page.reload();
	await until('the server has it', async () => (await allMessages(someone.api, id)).length === 1);
	await page.unroute('**/api/v1/conversations');
	await sees(page, 'keep me');
	noComplaints(page);
});

test('messages that couldn’t be loaded come with the connection', async () => {
	const ana = await arrive(browser, natter, 'ana', 'Ana Souza');
	const bo = await arrive(browser, natter, 'bo', 'Bo Lindqvist');
	const id = await startConversation(ana.someone, bo.someone);
	await say(ana.someone, id, 'hello');
	await row(bo.page, id).waitFor();
	await bo.page.context().setOffline(true);
	await row(bo.page, id).click();
	await bo.page.getByText('Couldn’t load the messages.').waitFor();
	await bo.page.context().setOffline(false);
	await sees(bo.page, 'hello');
	noComplaints(bo.page);
});

test('a link that leads nowhere just now says so, and the reader stays where they are', async () => {
	const ana = await arrive(browser, natter, 'ana', 'Ana Souza');
	const bo = await arrive(browser, natter, 'bo', 'Bo Lindqvist');
	const id = await startConversation(ana.someone, bo.someone);
	for (let n = 1; n <= 120; n++)
		await say(ana.someone, id, `message ${n}.`);
	await say(bo.someone, id, 'all read');
	await heard(bo.page, id, 'all read');
	await choose(bo.page, id);
	await sees(bo.page, 'all read');
	await bo.page.route('**/messages?*around*', busy);
	await bo.page.evaluate((hash) => {
		location.hash = hash;
	}, `#/c/${id}/m/5`);
	await bo.page.getByText('Couldn’t load that message.').waitFor();
	for (let n = 1; n <= 30; n++)
		await say(ana.someone, id, `later ${n}.`);
	await sees(bo.page, 'later 30.');
	await until('what comes is followed and read', async () =>
		(await bo.someone.api.get(`/conversations/${id}`)).body.unread === 0);
	await bo.page.unroute('**/messages?*around*');
	await bo.page.goto(`${natter.url}#/`);
	await bo.page.locator('.home').waitFor();
	await bo.page.goto(`${natter.url}#/c/${id}/m/5`);
	await sees(bo.page, 'message 5.');
	noComplaints(bo.page);
});

test('an answer that got lost doesn’t double the message', async () => {
	const { someone, page } = await arrive(browser, natter, 'di', 'Di Marsh');
	const id = await startConversation(someone, someone);
	await choose(page, id);
	let lost = false;
	await page.route('**/api/v1/conversations/*/messages', async (route) => {
		if (route.request().method() !== 'POST' || lost)
			return route.continue();
		lost = true;
		await route.fetch();
		return route.abort();
	});
	await write(page, 'only once');
	await sees(page, 'only once');
	await until('nothing is pending', async () =>
		await page.locator('article.is-pending').count() === 0);
	assert.equal((await allMessages(someone.api, id)).length, 1);
	assert.ok(lost);
	noComplaints(page);
});

test('a refused message stays, with a way out', async () => {
	const { someone, page } = await arrive(browser, natter, 'el', 'El Park');
	const id = await startConversation(someone, someone);
	await choose(page, id);
	await page.route('**/api/v1/conversations/*/messages', (route) =>
		(route.request().method() === 'POST'
			? route.fulfill({ status: 422, contentType: 'application/problem+json',
				body: JSON.stringify({ status: 422, code: 'bad_input', detail: 'Not like that.' }) })
			: route.continue()));
	await write(page, 'refused');
	const failed = page.locator('article.is-failed');
	await failed.getByText('Couldn’t send. Not like that.').waitFor();
	await page.unroute('**/api/v1/conversations/*/messages');
	await failed.getByRole('button', { name: 'Retry' }).click();
	await sees(page, 'refused');
	assert.equal(await page.locator('article.is-pending').count(), 0);
});

for (const [rung, blocked] of [['events', ['websocket']], ['polling', ['websocket', 'events']]]) {
	test(`without ${blocked.join(' and ')} it is ${rung}, and messages come`, async () => {
		const ana = await arrive(browser, natter, 'fay', 'Fay Ruiz');
		const { page } = ana;
		await page.addInitScript((names) => {
			const fails = class {
				constructor() {
					setTimeout(() => {
						this.onclose?.();
						this.onerror?.();
					}, 10);
				}

				close() {}
			};
			if (names.includes('websocket'))
				window.WebSocket = fails;
			if (names.includes('events'))
				window.EventSource = fails;
		}, blocked);
		const id = await startConversation(ana.someone, ana.someone);
		await page.reload();
		await page.waitForSelector(`[data-connection=${rung}]`, { timeout: 40_000 });
		await choose(page, id);
		await say(ana.someone, id, `by ${rung}`);
		await sees(page, `by ${rung}`);
		noComplaints(page);
	});
}

test('the session is revoked: sign in again, same place, draft kept', async () => {
	const { someone, page } = await arrive(browser, natter, 'gus', 'Gus Tran');
	const id = await startConversation(someone, someone);
	await choose(page, id);
	await page.locator('.composer-field').fill('not lost');
	const other = await someone.signIn();
	const ended = await other.delete('/sessions');
	assert.equal(ended.status, 204, ended.text);
	await page.getByText('Your session has ended.').waitFor({ timeout: 40_000 });
	await page.getByLabel('Password').fill(someone.password);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await live(page);
	await page.waitForSelector(`.pane[data-conversation="${id}"]`);
	assert.equal(await page.locator('.composer-field').inputValue(), 'not lost');
	noComplaints(page);
});

test('the servers restart under a page: it comes back by itself', async () => {
	const ana = await arrive(browser, natter, 'hal', 'Hal Wood');
	const id = await startConversation(ana.someone, ana.someone);
	await choose(ana.page, id);
	for (const pid of await natter.pids('push'))
		natter.signal(pid, 'SIGKILL');
	await until('a message can be said again', async () => {
		try {
			return await say(ana.someone, id, 'after the crash');
		} catch {
			return false;
		}
	});
	await ana.page.locator('article[data-number]', { hasText: 'after the crash' })
		.first().waitFor({ timeout: 40_000 });
	await live(ana.page);
	noComplaints(ana.page);
});
