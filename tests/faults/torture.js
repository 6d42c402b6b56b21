/*
 * The fault runs as a program: one part or all, short or for many minutes.
 *
 *	node tests/faults/torture.js short		each part once, small
 *	node tests/faults/torture.js long		for TORTURE_MINUTES=30
 *	node tests/faults/torture.js sweep cut		these parts, small
 *	node tests/faults/torture.js long cut		these parts, for so long
 *	TORTURE_SEED=42 ...				that run again
 *	TORTURE_FAULTS='kill db,swizzle' ... load	only these of kit.js
 *
 * Every part prints its seed and what it counted; the end of a long run prints
 * the sums, and what they say: after n trials without a failure, its rate is
 * below 3/n with 95 % confidence.  Leaves build-test/torture/NAME-SEED.jsonl,
 * the history of each part, and summary.json.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root, sleep, startInstance } from '../support/instance.js';
import { allocations, NAMES, SOME } from './allocations.js';
import { clock } from './clock.js';
import { cut } from './cut.js';
import { database } from './database.js';
import { disk } from './disk.js';
import { drill } from './drill.js';
import { hangUp } from './hangup.js';
import { hostile, HOSTILE_ENVIRONMENT } from './hostile.js';
import { random } from './history.js';
import { doFaults, harm, LONG_FAULTS, makeFaults, SHORT_FAULTS } from './kit.js';
import { lateCommit } from './late.js';
import { LONG, runLoad, SHORT } from './load.js';
import { network } from './network.js';
import { overload, OVERLOAD_ENVIRONMENT } from './overload.js';
import { page } from './page.js';
import { reload } from './reload.js';
import { revoke } from './revoke.js';
import { soak, SOAK_ENVIRONMENT } from './soak.js';
import { sweep, SWEEP_ENVIRONMENT } from './sweep.js';

const MINUTES = Number(process.env.TORTURE_MINUTES ?? 30);

async function on(environment, run) {
	const natter = await startInstance({ env: environment });
	try {
		return await run(natter);
	} finally {
		await natter.stop();
	}
}

function load(natter, seed, long) {
	const chosen = process.env.TORTURE_FAULTS?.split(',');
	const faults = makeFaults(chosen ?? (long ? LONG_FAULTS : SHORT_FAULTS), seed,
		long ? [1000, 7000] : undefined);
	return runLoad(natter, { seed, profile: long ? { ...LONG, seconds: 240 } : SHORT },
		(run) => doFaults(run, faults)).then((counts) => ({ faults: faults.length, ...counts }));
}

/** Until the others have come to their end. */
const killWorkers = (natter, seed) => async ({ running }) => {
	const r = random(seed ^ 0x6a09e667);
	while (running()) {
		await sleep(2000 * r.next());
		await harm['kill app']({ natter, random: r });
	}
};

/** name -> (seed, long) => what was counted. */
export const parts = {
	load: (seed, long) => on({}, (natter) => load(natter, seed, long)),
	sweep: (seed) => on(SWEEP_ENVIRONMENT, (natter) => sweep(natter, { what: 'send', seed })),
	'sweep-remove': (seed) => on(SWEEP_ENVIRONMENT, (natter) =>
		sweep(natter, { what: 'remove', seed })),
	'sweep-create': (seed) => on(SWEEP_ENVIRONMENT, (natter) =>
		sweep(natter, { what: 'create', seed })),
	'sweep-push': (seed) => on(SWEEP_ENVIRONMENT, (natter) =>
		sweep(natter, { what: 'push', seed })),
	hangup: (seed, long) => on({}, (natter) => hangUp(natter, { seed, sends: long ? 2000 : 100 })),
	late: (seed, long) => on({}, (natter) => lateCommit(natter, { seed, rounds: long ? 10 : 1 })),
	cut: (seed, long) => on({}, (natter) => cut(natter, long ? { seed, removals: 1500,
		meanwhile: killWorkers(natter, seed) } : { seed })),
	revoke: (seed, long) => on({}, (natter) => revoke(natter,
		{ seed, revocations: long ? 300 : 10, at_once: 10 })),
	clock: (seed, long) => clock({ seed, long }),
	network: (seed, long) => network({ seed, long }),
	disk: (seed, long) => disk({ seed, long }),
	allocations: (seed, long) => allocations({ requests: long ? NAMES : SOME }),
	database: (seed, long) => database({ seed, long }),
	drill: (seed, long) => on({}, (natter) => drill(natter, { seed, long })),
	overload: (seed, long) => on(OVERLOAD_ENVIRONMENT, (natter) =>
		overload(natter, { seed, long })),
	reload: (seed, long) => reload({ seed, long }),
	hostile: (seed, long) => on(HOSTILE_ENVIRONMENT, (natter) =>
		hostile(natter, { seed, long, timed: true })),
	soak: (seed, long) => on(SOAK_ENVIRONMENT, (natter) =>
		soak(natter, { seed, seconds: long ? 300 : 9 })),
	page: (seed, long) => on({}, (natter) => page(natter, { seed, steps: long ? 400 : 60 })),
};

const SHORT_PARTS = ['load', 'sweep', 'late', 'cut', 'revoke', 'hangup', 'network',
	'clock', 'disk', 'allocations', 'drill', 'overload', 'database', 'reload', 'hostile',
	'soak', 'page'];
const LONG_PARTS = Object.keys(parts);

/** One part, and a line about it. */
async function runPart(name, seed, long, results) {
	const began = performance.now();
	const result = { part: name, seed };
	results.push(result);
	try {
		result.counts = await parts[name](seed, long);
	} catch (error) {
		result.failure = error.stack;
	}
	result.seconds = Math.round((performance.now() - began) / 100) / 10;
	const verdict = result.failure ? 'FAILED' : result.counts.skipped ? 'skipped' : 'ok';
	console.log(`${name.padEnd(13)} seed ${seed}  ${verdict}  ${result.seconds} s  `
		+ (result.failure ?? JSON.stringify(result.counts)));
	return result.failure === undefined;
}

/** The sums of what was tried in all parts. */
export function summarize(results) {
	const sums = {};
	const add = (what, n) => sums[what] = (sums[what] ?? 0) + (n ?? 0);
	for (const { part, counts } of results.filter((r) => r.counts && !r.counts.skipped)) {
		add('acknowledged messages checked', counts.messages);
		add('faults under load', part === 'load' ? counts.faults : 0);
		add('kills at a system call', counts.killed);
		add('removals under flood', part === 'cut' ? counts.removals : 0);
		add('requests by who was out', counts.asked_while_out);
		add('revocations under flood', counts.revocations);
		add('late commits', part === 'late' ? counts.rounds : 0);
		add('clock steps', counts.steps);
		add('full disks', counts.filled);
		add('connections cut in a send', counts.cut);
		add('spells of a bad network', counts.losses);
		add('failed allocations', counts.failed_allocations);
		add('backups restored', part === 'drill' ? 1 : 0);
		add('faults of the database', counts.database_faults);
		add('answers of the database lost', counts.answers_lost);
		add('reloads under 500 requests a second', counts.reloads);
		add('requests meanwhile', part === 'reload' ? counts.requests : 0);
		add('steps of a walk in the page', counts.walked);
	}
	return Object.fromEntries(Object.entries(sums).filter(([, n]) => n > 0)
		.map(([what, n]) => [what, { n, below: Number((3 / n).toPrecision(2)) }]));
}

async function main(words) {
	const long = words[0] === 'long';
	const named = words.filter((word) => !['long', 'short'].includes(word));
	const names = named.length > 0 ? named : long ? LONG_PARTS : SHORT_PARTS;
	const results = [];
	let seed = Number(process.env.TORTURE_SEED ?? Date.now() % 1_000_000);
	const end = performance.now() + MINUTES * 60_000;
	let good = true;
	do {
		for (const name of names) {
			if (long && performance.now() > end)
				break;
			good = await runPart(name, seed, long, results) && good;
		}
		seed++;
	} while (long && performance.now() < end);
	const summary = summarize(results);
	for (const [what, { n, below }] of Object.entries(summary))
		console.log(`${String(n).padStart(9)} ${what}${good ? `; failure rate below ${below}` : ''}`);
	const folder = join(root, 'build-test', 'torture');
	mkdirSync(folder, { recursive: true });
	writeFileSync(join(folder, 'summary.json'), JSON.stringify({ summary, results }, null, '\t'));
	const failed = results.filter((r) => r.failure !== undefined).length;
	console.log(`${results.length - failed} passed, ${failed} failed`);
	process.exit(good ? 0 : 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
	await main(process.argv.slice(2));
