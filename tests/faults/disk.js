/*
 * A full disk: VAR on a small file system of a private namespace, filled while
 * people write, and free again after a while.  No false answer while it is
 * full; when there is room, all goes on by itself.
 *
 *	const counts = await disk({ seed, long });
 *
 * Mounting needs root.
 */

import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sleep, startInstance } from '../support/instance.js';
import { elsewhere } from './elsewhere.js';
import { random } from './history.js';
import { runLoad, SHORT, textOf } from './load.js';

const SELF = fileURLToPath(import.meta.url);
const SIZE_MB = 256;
const BIG = 15_000;

/** Take all the room there is. */
function fill(file) {
	const fd = openSync(file, 'a');
	for (let size = 1 << 20; size >= 512;)
		try {
			writeSync(fd, Buffer.alloc(size));
		} catch {
			size >>= 1;
		}
	closeSync(fd);
}

/** Messages that need room. */
async function write(load, r, running) {
	const person = load.people[load.schedule.talks[0].members[0]];
	const conversation = load.conversations[0];
	while (running()) {
		const key = r.key();
		const text = textOf(key, BIG);
		const operation = load.history.begin(person.id, 'post', { conversation, key, text });
		load.pending.push(load.history.surely(operation, (how) => person.api.post(
			`/conversations/${conversation}/messages`, { text, client_id: key }, how),
		load.giveUp));
		await sleep(25);
	}
}

async function here(seed, long) {
	const folder = mkdtempSync('/tmp/nf-disk-');
	const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE_MB}m`, 'tmpfs', folder],
		{ encoding: 'utf8' });
	if (mounted.status !== 0)
		return { skipped: mounted.stderr.trim() };
	process.env.TMPDIR = folder;
	const ballast = join(folder, 'ballast');
	const times = long ? 10 : 1;
	const r = random(seed ^ 0x2545f491);
	const counts = { filled: 0, refused_while_full: 0 };
	const natter = await startInstance();
	try {
		const load = await runLoad(natter, { seed, name: 'disk',
			profile: { ...SHORT, seconds: 5 + 9 * times, converge: 60_000 } }, async (run) => {
			for (let i = 0; i < times; i++) {
				await sleep(500 + 1000 * r.next());
				run.history.fault('disk', 'is full');
				fill(ballast);
				const until = performance.now() + 5000;
				await write(run, r, () => performance.now() < until);
				fill(ballast);
				await sleep(500);
				rmSync(ballast);
				run.history.fault('disk', 'has room');
				counts.filled++;
				await sleep(1000);
			}
		});
		for (const [status, n] of Object.entries(load.statuses))
			if (Number(status) >= 500)
				counts.refused_while_full += n;
		return { ...load, ...counts };
	} finally {
		await natter.stop();
		spawnSync('umount', ['-l', folder]);
		rmdirSync(folder);
	}
}

export async function disk({ seed, long = false }) {
	if (process.getuid() !== 0)
		return { skipped: 'mounting a file system needs root' };
	return elsewhere('unshare', ['--mount', '--propagation', 'private', process.execPath, SELF,
		String(seed), long ? 'long' : 'short']);
}

if (process.argv[1] === SELF) {
	try {
		console.log(JSON.stringify(await here(Number(process.argv[2]), process.argv[3] === 'long')));
		process.exit(0);
	} catch (error) {
		console.log(error.stack);
		process.exit(1);
	}
}
