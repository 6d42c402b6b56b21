/*
 * A bad network: lost packets and one-way silence between clients and the
 * public nginx, in a network namespace of its own.
 *
 *	const counts = await network({ seed, long });
 *
 * The namespace and its rules need root, ip and iptables.
 */

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sleep, startInstance } from '../support/instance.js';
import { elsewhere } from './elsewhere.js';
import { random } from './history.js';
import { runLoad, SHORT } from './load.js';

const SELF = fileURLToPath(import.meta.url);
/** A stream that has become silent is noticed after 45 s. */
const CONVERGE_MS = 75_000;

/** What is dropped, by the direction that it goes. */
const HARM = {
	'a tenth both ways': { in: 0.1, out: 0.1 },
	'a third of what clients send': { in: 0.33 },
	'a third of what they get': { out: 0.33 },
	'all that clients send': { in: 1 },
	'all that they get': { out: 1 },
};

function tool(...words) {
	const done = spawnSync(words[0], words.slice(1), { encoding: 'utf8' });
	if (done.status !== 0)
		throw new Error(`${words.join(' ')}: ${done.error?.code ?? done.stderr}`);
}

function lose(port, { in: toServer = 0, out: toClient = 0 }) {
	for (const [way, share] of [['--dport', toServer], ['--sport', toClient]])
		if (share > 0)
			tool('iptables', '-A', 'INPUT', '-p', 'tcp', way, String(port), '-m', 'statistic',
				'--mode', 'random', '--probability', String(share), '-j', 'DROP');
}

async function here(seed, long) {
	const r = random(seed ^ 0x3c6ef372);
	try {
		tool('ip', 'link', 'set', 'lo', 'up');
		tool('iptables', '-F');
	} catch (error) {
		return { skipped: error.message };
	}
	const rounds = long ? 4 : 1;
	const natter = await startInstance();
	try {
		const counts = await runLoad(natter, { seed, name: 'network', profile: { ...SHORT,
			seconds: 16 * rounds, rate: 15, converge: CONVERGE_MS } }, async (run) => {
			for (let i = 0; i < rounds; i++)
				for (const name of Object.keys(HARM).sort(() => r.next() - 0.5)) {
					await sleep(500);
					run.history.fault('network', name);
					lose(natter.port, HARM[name]);
					await sleep(2500);
					tool('iptables', '-F');
				}
		});
		return { losses: rounds * Object.keys(HARM).length, ...counts };
	} finally {
		spawnSync('iptables', ['-F']);
		await natter.stop();
	}
}

export async function network({ seed, long = false }) {
	if (process.getuid() !== 0)
		return { skipped: 'a network namespace with rules needs root' };
	return elsewhere('unshare', ['--net', process.execPath, SELF, String(seed),
		long ? 'long' : 'short']);
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
