/*
 * The page under a bad line, by a walk at random: two people each use a page,
 * two more talk by the API, and so do other devices of the first two.  Answers
 * are late and lost, the network goes and comes, pushd dies, nginx is reloaded.
 * The page answers all the time and complains of nothing; in the end it shows
 * what a fresh one shows, and what the API says.
 *
 *	const counts = await page(natter, { seed, steps: 100 });
 *
 * What was done and seen stands in build-test/torture/page-SEED.jsonl.  A seed
 * repeats what is tried and what becomes of requests; which messages stand
 * there in that moment is up to the machine.
 */

import { openPage, startBrowser } from '../browser/support.js';
import { late, sleep } from '../support/instance.js';
import { allMessages, createGroup, people, startConversation } from '../support/people.js';
import { byApi, byFault, byPage, keyOf, weighed } from './deeds.js';
import { hand } from './hand.js';
import { History, now, random } from './history.js';
import { expectNoViolation } from './oracle.js';
import { differences, truthOf } from './same.js';
import { Trouble } from './trouble.js';

/** A page that says nothing for so long hangs. */
const PATIENCE_MS = 5000;
/** A heartbeat comes every 25 s, and is believed 2 s later. */
const SAME_MS = 45_000;
/** Nothing moves and nothing is asked for so long: the page is at rest. */
const REST_MS = 300;
const PAUSE_MS = 120;
const BEFORE = 70;

/** What a bad line and a walk at random bring about; the page shows it. */
const ALSO = [/the server responded with a status of (400|403|404|409|422|500|502|504)/];

const [PAGE, API, FAULT] = [byPage, byApi, byFault].map(weighed);
const BY_PAGE = 0.62;
const BY_FAULT = 0.015;

/** What the hand at a page says; one that was left is asked again. */
async function ask(page, name, ...args) {
	const end = now() + PATIENCE_MS;
	for (;;) {
		const asked = page.evaluate(([n, a]) => window.hand?.[n](...a) ?? false, [name, args])
			.catch((error) => error);
		const answer = await Promise.race([asked, late(Math.max(0, end - now()))]);
		if (answer === undefined || answer === false && now() > end)
			throw new Error(`it hangs: no answer to '${name}' in ${PATIENCE_MS} ms`);
		if (!(answer instanceof Error))
			return answer;
		if (!/context was destroyed|navigat|Cannot find context/i.test(answer.message))
			throw answer;
	}
}

/** Somebody at a page. */
class Reader {
	constructor(person, trouble) {
		Object.assign(this, { person, trouble, asked: 0 });
	}

	async arrive(browser, url) {
		this.browser = browser;
		const session = await this.person.signIn();
		this.cookies = [...session.jar].map(([name, value]) => ({ name, value, url }));
		this.page = await this.open(url, (page) => this.trouble.begin(page));
		this.page.on('request', () => this.asked++);
	}

	open(url, more = async () => {}) {
		return openPage(this.browser, url, { also: ALSO, prepare: async (page) => {
			await page.context().addCookies(this.cookies);
			await page.addInitScript(hand);
			await more(page);
		} });
	}

	ask(name, ...args) {
		return ask(this.page, name, ...args);
	}

	async reload() {
		await this.page.reload({ waitUntil: 'commit' });
		return true;
	}
}

class Walk {
	constructor(natter, history, seed) {
		Object.assign(this, { natter, history, seed, random: random(seed ^ 0x510e527f) });
		this.sent = new Set();		/* keys that a page was told to send */
		this.deleted = new Set();
		this.aside = [];
		this.counts = { done: 0, nothing: 0, same_ms: 0 };
	}

	async prepare(browser) {
		this.people = await people(this.natter, 'ann', 'bob', 'cleo', 'dan');
		const [ann, bob, cleo, dan] = this.people;
		this.talks = [
			{ owner: ann, id: await startConversation(ann, bob) },
			{ owner: cleo, id: await startConversation(cleo, ann) },
			{ owner: ann, id: await startConversation(ann, ann) },
			{ owner: bob, id: await startConversation(bob, bob) },
			{ owner: cleo, id: await createGroup(cleo, [ann, bob, dan]) },
			{ owner: ann, id: await createGroup(ann, [bob, cleo]) },
		];
		for (const { id } of this.talks.slice(4))
			for (let n = 0; n < BEFORE; n++)
				await this.post(cleo, id, 'before');
		this.readers = [ann, bob].map((person, i) =>
			new Reader(person, new Trouble(random(this.seed ^ 0x3c6ef372 + i))));
		for (const reader of this.readers)
			await reader.arrive(browser, `${this.natter.url}#/c/${this.talks[4].id}`);
	}

	post(person, id, more) {
		return person.api.post(`/conversations/${id}/messages`,
			{ text: this.textOf(person, more), client_id: this.random.key() }, { check: false });
	}

	textOf(person, more) {
		return `${this.random.key()} by ${person.username} ${more}`;
	}

	/** What a step does is asked of the seed and its number alone. */
	async walk(steps) {
		for (this.step = 0; this.step < steps; this.step++) {
			const r = random(this.seed * 1009 + this.step);
			const lot = r.next();
			if (lot < BY_FAULT)
				this.fault(r.pick(FAULT));
			else if (lot < BY_FAULT + BY_PAGE)
				await this.atPage(r, r.pick(this.readers), r.pick(PAGE));
			else
				await this.byApi(r, r.pick(this.people), r.pick(API));
			for (const reader of this.readers)
				await this.watch(reader);
			await sleep(PAUSE_MS * r.next());
		}
	}

	tell(person, what, done) {
		this.counts[done ? 'done' : 'nothing']++;
		this.history.write({ step: this.step, who: person.username, what, done });
	}

	async atPage(r, reader, what) {
		const done = await byPage[what][1](this, r, reader);
		this.tell(reader.person, `page: ${what}, ${new URL(reader.page.url()).hash}`, done);
	}

	async byApi(r, person, what) {
		const talk = r.pick(this.talks);
		/* A reload of nginx may close a connection. */
		const done = await byApi[what][1](this, r, person, talk).catch((error) => error.message);
		this.tell(person, `${what} in ${talk.id}`, done);
	}

	fault(what) {
		this.history.fault(what, 'begins');
		this.aside.push(byFault[what][1](this).catch((error) =>
			this.history.violation('fault', `${what}: ${error.message}`)));
	}

	async watch(reader) {
		const wrong = await reader.ask('wrong');
		if (wrong)
			this.history.violation('order', `step ${this.step}: ${reader.person.username}: ${wrong}`);
	}

	/** What was held back comes, all is sent, and then it is compared. */
	async end() {
		await Promise.all(this.aside);
		for (const { page, trouble } of this.readers) {
			trouble.end();
			await page.context().setOffline(false);
		}
		for (const reader of this.readers)
			await this.compare(reader);
		await this.expectOnce();
		for (const { person, page } of this.readers)
			for (const complaint of page.complaints)
				this.history.violation('complaint', `${person.username}: ${complaint}`);
	}

	async compare(reader) {
		const { person, page } = reader;
		let waits;
		const sent = await this.wait(null, async () => {
			waits = (await reader.ask('unsent')).filter((e) => e.state !== 'failed');
			return waits.length === 0 && (await reader.ask('look')).live;
		});
		if (!sent)
			this.history.violation('sent', `${person.username}: ${JSON.stringify(waits)}`);
		const fresh = await reader.open(page.url().replace(/\/m\/\d+$/, ''));
		try {
			const places = ['#/', ...this.talks.flatMap(({ id }) => [`#/c/${id}`, `#/c/${id}/info`])];
			if (!await this.same(reader, fresh, 'as it was left'))
				return;
			for (const place of places)
				if (!await this.move(reader, fresh, place))
					return;
			await this.rest(reader);
			for (const complaint of fresh.complaints)
				this.history.violation('complaint', `a fresh page: ${complaint}`);
		} finally {
			await fresh.context().close();
		}
	}

	async move(reader, fresh, hash) {
		await ask(fresh, 'go', hash);
		await reader.ask('go', hash);
		return this.same(reader, fresh, hash, async (looks) => {
			for (const [look, page] of [[looks.walked, reader.page], [looks.other, fresh]])
				if (look.open && !look.atEnd)
					await ask(page, 'toEnd');
			return looks.walked.atEnd && looks.other.atEnd || !looks.walked.open;
		});
	}

	/** Both pages and the API come to say the same. */
	async same(reader, fresh, where, arrived = async () => true) {
		const began = now();
		let found, walked, other;
		const same = await this.wait(null, async () => {
			walked = await reader.ask('look');
			other = await ask(fresh, 'look');
			if (other.more && walked.articles[0]?.number < other.articles[0]?.number)
				await ask(fresh, 'earlier');
			found = differences(walked, other, await truthOf(reader.person, walked.open));
			if (walked.state === 'failed')
				await reader.ask('again');
			return await arrived({ walked, other }) && found.length === 0;
		});
		const ms = Math.round(now() - began);
		this.history.write({ who: reader.person.username, where, same, ms,
			...same ? {} : { found, walked, fresh: other } });
		this.counts.same_ms = Math.max(this.counts.same_ms, ms);
		if (!same)
			for (const difference of found.length > 0 ? found : ['the end is not reached'])
				this.history.violation('same', `${reader.person.username}, ${where}: ${difference}`);
		return same;
	}

	/** Nothing draws itself and nothing asks for ever. */
	async rest(reader) {
		await this.wait(`${reader.person.username}: the page comes to rest`, async () => {
			const before = reader.asked;
			return await reader.ask('still', REST_MS) && reader.asked === before;
		});
	}

	async wait(what, done) {
		const end = now() + SAME_MS;
		while (!await done()) {
			if (now() > end) {
				if (what)
					this.history.violation('end', what);
				return false;
			}
			await sleep(50);
		}
		return true;
	}

	/** Each message that a page was told to send is there once, or kept. */
	async expectOnce() {
		const seen = new Map();
		const see = (text) => seen.set(keyOf(text), (seen.get(keyOf(text)) ?? 0) + 1);
		for (const { owner, id } of this.talks)
			for (const { text } of await allMessages(owner.api, id))
				see(text);
		for (const reader of this.readers)
			for (const { text } of await reader.ask('unsent'))
				see(text);
		for (const key of this.sent)
			if (!this.deleted.has(key) && seen.get(key) !== 1)
				this.history.violation('once', `${key} is there ${seen.get(key) ?? 0} times`);
	}
}

export async function page(natter, { seed, steps = 100 }) {
	const history = new History('page', seed);
	const walk = new Walk(natter, history, seed);
	const browser = await startBrowser();
	try {
		await walk.prepare(browser);
		await walk.walk(steps).then(() => walk.end()).catch((error) =>
			history.violation('page', `step ${walk.step}: ${error.message}`));
		expectNoViolation(history, history);
		const sum = (what) => walk.readers.reduce((n, { trouble }) =>
			n + (trouble.counts[what] ?? 0), 0);
		return { walked: steps, ...walk.counts, sent: walk.sent.size,
			lost: sum('lost'), late: sum('asked late') + sum('answered late') };
	} finally {
		history.close();
		await browser.close();
	}
}
