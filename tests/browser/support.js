/*
 * A browser for the tests: Debian's Chromium, one context per person, and the
 * verbs of somebody who looks at the page. Every page notes what it complains
 * of; `noComplaints` expects nothing.
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { Client } from '../support/http.js';
import { until as untilSoon } from '../support/instance.js';
import { PASSWORD, person, signInCode } from '../support/people.js';

const require = createRequire(import.meta.url);

const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** A browser beside servers under sanitizers, on a busy machine, is slow. */
const patience = 20_000;

export const until = (what, ask) => untilSoon(what, ask, { timeout: patience });

export async function startBrowser() {
	const path = process.env.CHROMIUM ?? '/usr/bin/chromium';
	assert.ok(existsSync(path), `${path} is missing: install chromium`);
	return chromium.launch({ executablePath: path, args });
}

/** What the network does is no complaint of the page: the page shows it. */
const expected = [
	/Failed to load resource: the server responded with a status of (401|410|503)/,
	/Failed to load resource: net::ERR_/,
	/WebSocket connection to .* failed/,
];

/** Every test leaves the browser as it was. */
export async function closePages(browser) {
	await Promise.all(browser.contexts().map((context) => context.close()));
}

/**
 * A page in a context of its own.
 *	prepare	what to do with it before it is loaded
 *	also	patterns of what it may complain of besides
 */
export async function openPage(browser, url, { width = 1280, height = 800, touch = false,
	theme = 'light', prepare = async () => {}, also = [] } = {}) {
	const context = await browser.newContext({
		viewport: { width, height }, hasTouch: touch, isMobile: touch,
		colorScheme: theme, locale: 'en-GB', timezoneId: 'Europe/Berlin',
	});
	const page = await context.newPage();
	page.setDefaultTimeout(patience);
	page.complaints = [];
	page.on('pageerror', (error) => page.complaints.push(error.stack || String(error)));
	page.on('console', (message) => {
		if (['error', 'warning'].includes(message.type())
			&& ![...expected, ...also].some((pattern) => pattern.test(message.text())))
			page.complaints.push(message.text());
	});
	await prepare(page);
	await page.goto(url);
	return page;
}

export function noComplaints(...pages) {
	for (const page of pages)
		assert.deepEqual(page.complaints, []);
}

/** A new person whose password is set. */
export async function newPerson(natter, stem, displayName) {
	const someone = await person(natter, stem);
	const answer = await new Client(natter, { browser: true }).post('/links/redeem', {
		code: await signInCode(natter, someone.username), password: PASSWORD,
		display_name: displayName,
	});
	assert.equal(answer.status, 201, answer.text);
	someone.password = PASSWORD;
	someone.name = displayName;
	return someone;
}

/** Types name and password, and waits until the page is live. */
export async function signIn(page, someone) {
	await page.getByLabel('Username').fill(someone.username);
	await page.getByLabel('Password').fill(someone.password);
	await page.getByRole('button', { name: 'Sign in' }).click();
	await live(page);
}

/** The stream is open. */
export async function live(page) {
	await page.waitForSelector('[data-connection=websocket], [data-connection=events],'
		+ ' [data-connection=polling]', { state: 'attached' });
}

/** A signed-in page of somebody new. */
export async function arrive(browser, natter, stem, displayName, options) {
	const someone = await newPerson(natter, stem, displayName);
	const page = await openPage(browser, natter.url, options);
	await signIn(page, someone);
	return { someone, page };
}

export const row = (page, id) => page.locator(`.row[data-conversation="${id}"]`);

/** The page knows what was said last there: an answer to who said it may come first. */
export const heard = (page, id, text) =>
	row(page, id).locator('.row-preview', { hasText: text }).waitFor();

export async function choose(page, id) {
	await row(page, id).click();
	await page.waitForSelector(`.pane[data-conversation="${id}"] .timeline[aria-busy=false]`);
}

export async function write(page, text) {
	await page.locator('.composer-field').fill(text);
	await page.keyboard.press('Enter');
}

/** The sent message with that text. */
export const message = (page, text) =>
	page.locator('article[data-number]', { hasText: text });

export async function sees(page, text) {
	await message(page, text).first().waitFor();
	assert.equal(await message(page, text).count(), 1, `'${text}' is there once`);
}

/** The texts of all messages on the page, in order. */
export const texts = (page) => page.locator('article .message-text').allInnerTexts();

/** Serious and critical findings of axe. */
export async function axe(page) {
	await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
	const { violations } = await page.evaluate(() =>
		/* global axe */ axe.run(document, { resultTypes: ['violations'] }));
	return violations.filter((v) => ['serious', 'critical'].includes(v.impact))
		.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`);
}
