/* How people come in. */

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { startInstance } from '../support/instance.js';
import { freshName, invitationCode, person, say, signInCode, startConversation } from '../support/people.js';
import { arrive, choose, closePages, live, newPerson, noComplaints, openPage, row, signIn, startBrowser,
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

test('an invitation link leads to an account', async () => {
	const page = await openPage(browser, `${natter.url}#/join/${await invitationCode(natter)}`);
	const username = freshName(natter, 'kim');
	await page.getByLabel('Your name').fill('Kim Osei');
	await page.getByLabel('Username').fill(username);
	const password = page.getByLabel('Password');
	await password.fill('a long enough secret');
	await page.getByRole('button', { name: 'Show what is typed' }).click();
	assert.equal(await password.getAttribute('type'), 'text');
	assert.equal(await password.inputValue(), 'a long enough secret');
	await page.getByRole('button', { name: 'Create account' }).click();
	await live(page);
	await page.getByRole('heading', { name: 'Hello, Kim' }).waitFor();
	await page.waitForURL((url) => !url.href.includes('join'));
	noComplaints(page);
});

test('a taken username is said at its field, and the form stays', async () => {
	const known = await person(natter, 'lee');
	const page = await openPage(browser, `${natter.url}#/join/${await invitationCode(natter)}`);
	await page.getByLabel('Your name').fill('Lee');
	await page.getByLabel('Username').fill(known.username);
	await page.getByLabel('Password').fill('a long enough secret');
	await page.getByRole('button', { name: 'Create account' }).click();
	await page.locator('.field-error', { hasText: 'Somebody else has this username.' }).waitFor();
	await until('one may correct it', () => page.getByLabel('Username')
		.evaluate((field) => field === document.activeElement));
	assert.equal(await page.getByLabel('Username').inputValue(), known.username);
});

test('a sign-in link asks for a name and a password, and works once', async () => {
	const someone = await person(natter, 'max');
	const code = await signInCode(natter, someone.username);
	const page = await openPage(browser, `${natter.url}#/welcome/${code}`);
	await page.getByText(someone.username).waitFor();
	await page.getByLabel('Your name').fill('Max Berg');
	await page.getByLabel('New password').fill('another long secret');
	await page.getByRole('button', { name: 'Save and sign in' }).click();
	await live(page);
	await page.getByRole('heading', { name: 'Hello, Max' }).waitFor();
	noComplaints(page);
	const again = await openPage(browser, `${natter.url}#/welcome/${code}`);
	await again.getByText('This link no longer works').waitFor();
});

test('a link that is opened by somebody who is in says so', async () => {
	const { page } = await arrive(browser, natter, 'nia', 'Nia Park');
	const other = await person(natter, 'oli');
	await page.goto(`${natter.url}#/welcome/${await signInCode(natter, other.username)}`);
	await page.getByText('You are Nia Park here.').waitFor();
	await page.getByRole('link', { name: 'Stay signed in' }).click();
	await page.getByRole('heading', { name: 'Hello, Nia' }).waitFor();
	await page.goBack();
	await page.getByRole('button', { name: 'Sign out' }).click();
	await page.getByText(other.username).waitFor();
	noComplaints(page);
});

test('a wrong password is refused in words', async () => {
	const someone = await newPerson(natter, 'nat', 'Nat Hill');
	const page = await openPage(browser, natter.url);
	await page.getByLabel('Username').fill(someone.username);
	await page.getByLabel('Password').fill('wrong wrong wrong');
	await page.getByRole('button', { name: 'Sign in' }).click();
	await page.getByRole('alert').waitFor();
	noComplaints(page);
});

test('signing out leaves nothing behind', async () => {
	const { someone, page } = await arrive(browser, natter, 'ole', 'Ole Dahl');
	const friend = await newPerson(natter, 'pia', 'Pia Lund');
	const id = await startConversation(someone, friend);
	await choose(page, id);
	await say(friend, id, 'the code is 4711');
	await page.getByRole('status').filter({ hasText: '4711' }).waitFor();
	const tab = await page.context().newPage();
	await tab.goto(natter.url);
	await live(tab);
	await choose(tab, id);
	let tries = 0, cut = false;
	await tab.route('**/api/**', (route) => {
		const sends = route.request().method() === 'POST' && route.request().url().endsWith('/messages');
		tries += sends ? 1 : 0;
		return sends || cut ? route.abort() : route.continue();
	});
	await write(tab, 'unsent of another tab');
	await tab.locator('article.is-waiting').waitFor();
	await tab.locator('.composer-field').fill('a draft of another tab');
	await until('this tab knows of the draft', () => page.evaluate(() =>
		Object.keys(localStorage).some((key) => key.includes('draft'))));
	await page.getByRole('button', { name: 'Settings' }).last().click();
	await page.getByRole('button', { name: 'Sign out' }).click();
	await page.getByText('you have 1 draft and 1 unsent message').waitFor();
	/* The other tab doesn't hear of it, and tries on. */
	cut = true;
	await page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click();
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	assert.doesNotMatch(await page.content(), /4711/);
	const earlier = tries;
	await until('the other tab has tried again', () => tries > earlier + 1);
	const kept = await page.evaluate(() => Object.keys(localStorage)
		.filter((key) => /draft|outbox/.test(key)));
	assert.deepEqual(kept, []);
	await page.reload();
	await page.getByRole('heading', { name: 'Sign in' }).waitFor();
	noComplaints(page);
});

test('what is open closes with the session, and the next person doesn’t find it', async () => {
	let { someone, page } = await arrive(browser, natter, 'quin', 'Quin Hall');
	const open = {
		'.dialog': () => page.getByRole('button', { name: 'Settings', exact: true }).click(),
		'.menu': () => page.getByRole('button', { name: 'Start something new' }).click(),
		'.emoji-picker': async () => {
			await choose(page, await startConversation(someone, someone));
			await page.getByRole('button', { name: 'Insert an emoji' }).click();
		},
	};
	for (const [what, click] of Object.entries(open)) {
		await click();
		await page.locator(what).waitFor();
		const other = await someone.signIn();
		assert.equal((await other.delete('/sessions')).status, 204);
		await page.getByText('Your session has ended.').waitFor({ timeout: 40_000 });
		someone = await newPerson(natter, 'rae', 'Rae Long');
		await signIn(page, someone);
		assert.equal(await page.locator('.dialog, .popup').count(), 0, what);
	}
});

test('the page’s policy forbids what it doesn’t use', async () => {
	const answer = await natter.admin.page('');
	assert.equal(answer.status, 200);
	const policy = answer.headers['content-security-policy'];
	assert.match(policy, /default-src 'none'/);
	assert.match(policy, /script-src 'self' 'sha256-[A-Za-z0-9+/=]+'/);
	assert.doesNotMatch(policy, /unsafe/);
});
