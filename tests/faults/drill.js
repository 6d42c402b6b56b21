/*
 * The drill: a backup made while people write is restored into another, empty
 * instance, and the oracle judges what is there by what was acknowledged before
 * the backup was begun.  Then somebody signs in there, writes and hears it.
 *
 *	const counts = await drill(natter, { seed });
 *
 * A backup of little data is over before anybody has written anything; strace
 * makes each of its writes slow, where it may.
 */

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { prepareInstance, run, until } from '../support/instance.js';
import { say } from '../support/people.js';
import { openWebSocket } from '../support/stream.js';
import { LONG, SHORT, startLoad } from './load.js';
import { expectNoViolation, judge, readLogs } from './oracle.js';

/* They write until the backup is there, however long that takes. */
const QUICK = { profile: { ...SHORT, seconds: 120, drop: 0 }, before: 60 };
const THOROUGH = { profile: { ...LONG, seconds: 300 }, before: 1200 };
const SLOWLY = ['strace', '-qq', '-o', '/dev/null', '-e', 'trace=write',
	'-e', 'inject=write:delay_enter=200000'];

/** What the clients knew at the moment at which the backup was begun. */
function historyAt(history, began, ended) {
	return Object.assign(Object.create(history), { violations: [], heard: [], answers: [],
		operations: history.operations.filter((o) => o.began < ended)
			.map((o) => (o.ended < began ? o : { ...o, outcome: 'unknown' })) });
}

const acknowledged = (history) =>
	history.operations.filter((o) => o.op === 'post' && o.outcome === 'ok').length;

/** Milliseconds that it took. */
async function timed(action) {
	const began = performance.now();
	await action();
	return Math.round(performance.now() - began);
}

async function expectAlive(person, browser, talk, number) {
	assert.equal((await browser.get('/me')).status, 200, 'sessions survive');
	const stream = await openWebSocket(await person.signIn());
	const message = await say(person, talk, 'after the restore');
	assert.equal(message.number, number);
	await stream.expectEvent('message.posted', (e) => e.message.id === message.id);
	await stream.close();
}

async function judgeRestored(load, other, began, ended, browser) {
	const people = load.people.map((person) => person.at(other));
	people.forEach((person) => person.api.check = false);
	const logs = await readLogs(people, load.conversations);
	const known = historyAt(load.history, began, ended);
	const judgement = judge(known, logs);
	expectNoViolation(known, judgement);
	const [first] = people;
	const talk = load.conversations.find((id) =>
		logs.get(id).readers.some((reader) => reader.user === first.id));
	const epoch = async (person) => (await person.api.get('/me')).body.epoch;
	assert.notEqual(await epoch(first), await epoch(load.people[0]), 'another history');
	await expectAlive(first, browser.of(other), talk, logs.get(talk).messages.length + 1);
	return judgement.counts;
}

async function restoreElsewhere(load, file, began, ended, browser) {
	const other = await prepareInstance();
	try {
		const restore_ms = await timed(() => other.cli(['restore', file]));
		const up_ms = await timed(() => other.up());
		const counts = await judgeRestored(load, other, began, ended, browser);
		const later = acknowledged(load.history) - counts.messages;
		assert.ok(later > 0, 'people went on writing');
		return { messages: counts.messages, later, bytes: statSync(file).size, restore_ms, up_ms };
	} finally {
		await other.stop();
	}
}

export async function drill(natter, { seed, long = false }) {
	const { profile, before } = long ? THOROUGH : QUICK;
	const load = await startLoad(natter, { seed, profile, name: 'drill' });
	const file = join(natter.var, `drill-${seed}.tar`);
	try {
		const browser = await load.people[0].signIn();
		await until('people are writing', () => acknowledged(load.history) > before,
			{ timeout: 120_000 });
		const traceable = (await run(SLOWLY[0], [...SLOWLY.slice(1), 'true'],
			{ env: natter.env })).code === 0;
		const began = performance.now();
		const end = await natter.natter(['backup', file], { below: traceable ? SLOWLY : [] });
		const ended = performance.now();
		load.enough();
		assert.equal(end.code, 0, end.stderr);
		expectNoViolation(load.history, await load.end());
		return await restoreElsewhere(load, file, began, ended, browser);
	} finally {
		await load.stop();
	}
}
