/*
 * Clocks that jump, for each role by itself and for all together, while people
 * write: no order changes, nothing is lost, nobody is signed out, and those
 * who listen have everything soon.
 *
 *	const counts = await clock({ seed, long });
 *
 * The programs run under libfaketime: a folder that looks like a checkout, in
 * which each program is a script that starts the real one with a clock of its
 * role.  CLOCK_MONOTONIC stays as it is.
 */

import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync,
	symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { binaries, sleep, startInstance } from '../support/instance.js';
import { elsewhere } from './elsewhere.js';
import { random } from './history.js';
import { runLoad, SHORT } from './load.js';

const SELF = fileURLToPath(import.meta.url);
const ROLES = ['app', 'pushd', 'push', 'nginx', 'db'];
const STEPS_S = [-3, 3, -3600, 3600, -86_400, 86_400];
/** A stream that has become silent is noticed after 45 s. */
const CONVERGE_MS = 75_000;

function libraryOf(name) {
	for (const folder of readdirSync('/usr/lib'))
		if (existsSync(`/usr/lib/${folder}/faketime/${name}`))
			return `/usr/lib/${folder}/faketime/${name}`;
	return null;
}

function programOf(name) {
	return ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin']
		.map((folder) => join(folder, name)).find(existsSync);
}

/** A folder of programs whose clocks are files in it. */
function makeCheckout() {
	const folder = mkdtempSync(join(tmpdir(), 'nf-clock-'));
	const library = libraryOf('libfaketimeMT.so.1');
	const bin = join(folder, 'build', 'bin');
	const wrap = join(folder, 'wrap');
	mkdirSync(bin, { recursive: true });
	mkdirSync(wrap);
	mkdirSync(join(folder, 'clocks'));
	for (const name of ['sql', 'nginx', 'htdocs', 'docs'])
		symlinkSync(join(dirname(dirname(binaries)), name), join(folder, name));
	copyFileSync(join(binaries, 'natter'), join(bin, 'natter'));
	const script = (file, role, program) => {
		writeFileSync(file, `#!/bin/sh
role=${role}
case "$*" in *push.conf*) role=push ;; esac
export LD_PRELOAD=${library} FAKETIME_TIMESTAMP_FILE=${folder}/clocks/$role
export FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_CACHE_DURATION=1
exec ${program} "$@"
`);
		chmodSync(file, 0o755);
	};
	for (const role of ROLES)
		writeFileSync(join(folder, 'clocks', role), '+0\n');
	script(join(bin, 'natter-app'), 'app', join(binaries, 'natter-app'));
	script(join(bin, 'natter-pushd'), 'pushd', join(binaries, 'natter-pushd'));
	script(join(wrap, 'mariadbd'), 'db', programOf('mariadbd'));
	script(join(wrap, 'nginx'), 'nginx', `${programOf('nginx')} -g "env LD_PRELOAD;`
		+ ' env FAKETIME_TIMESTAMP_FILE; env FAKETIME_DONT_FAKE_MONOTONIC;'
		+ ' env FAKETIME_CACHE_DURATION;"');
	return folder;
}

/** How far the workers' clock is off, by a message's time. */
async function readClock(run, r) {
	const person = run.people[run.schedule.talks[0].members[0]];
	const [conversation] = run.conversations;
	const key = r.key();
	const operation = run.history.begin(person.id, 'post', { conversation, key, text: key });
	const answer = await run.history.surely(operation, (how) => person.api.post(
		`/conversations/${conversation}/messages`, { text: key, client_id: key }, how),
	run.giveUp);
	return (Date.parse(answer.body.created_at) - Date.now()) / 1000;
}

async function here(folder, seed, long) {
	const r = random(seed ^ 0x2545f491);
	const set = (roles, seconds) => roles.forEach((role) => writeFileSync(join(folder, 'clocks', role),
		`${seconds < 0 ? '' : '+'}${seconds}\n`));
	const steps = [];
	for (const [i, role] of [...ROLES, 'all'].entries())
		steps.push({ roles: role === 'all' ? ROLES : [role], by: STEPS_S[(i + seed) % 6] });
	for (let i = 0; long && i < 54; i++)
		steps.push({ roles: r.chance(0.3) ? ROLES : [r.pick(ROLES)], by: r.pick(STEPS_S) });
	/* nginx and workers look at their own process under a sanitizer. */
	const natter = await startInstance({ env: { ASAN_OPTIONS: 'verify_asan_link_order=0' } });
	try {
		const counts = await runLoad(natter, { seed, name: 'clock', profile: { ...SHORT,
			seconds: 3 * steps.length, rate: 15, converge: CONVERGE_MS } }, async (run) => {
			for (const { roles, by } of steps) {
				await sleep(300);
				run.history.fault('clock', { roles, by });
				set(roles, by);
				await sleep(2000 + 500 * r.next());
				if (roles.includes('app') && Math.abs(await readClock(run, r) - by) > 2)
					throw new Error(`the workers' clock is not off by ${by} s`);
				if (r.chance(0.5))
					set(roles, 0);
			}
		});
		return { steps: steps.length, ...counts };
	} finally {
		await natter.stop();
	}
}

export async function clock({ seed, long = false }) {
	if (libraryOf('libfaketimeMT.so.1') === null)
		return { skipped: 'libfaketime is not installed' };
	const folder = makeCheckout();
	try {
		return await elsewhere(process.execPath, [SELF, folder, String(seed),
			long ? 'long' : 'short'], { NATTER_BIN: join(folder, 'build', 'bin'),
			PATH: `${join(folder, 'wrap')}:${process.env.PATH}` });
	} finally {
		rmSync(folder, { recursive: true });
	}
}

if (process.argv[1] === SELF) {
	try {
		console.log(JSON.stringify(await here(process.argv[2], Number(process.argv[3]),
			process.argv[4] === 'long')));
		process.exit(0);
	} catch (error) {
		console.log(error.stack);
		process.exit(1);
	}
}
