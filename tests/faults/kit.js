/*
 * The faults, each a function of an instance that does harm and comes back
 * when the harm is over: processes killed and stopped by their role in
 * `natter ps`, push that is full or cannot be reached, readers that do not
 * read.  A schedule of them is derived from a seed.
 *
 *	await harm['kill db']({ natter, random, history, people });
 */

import http from 'node:http';
import { openWebSocket } from '../support/stream.js';
import { sleep, until } from '../support/instance.js';
import { random } from './history.js';
import { attach, whyNot } from './strace.js';

const BACK_MS = 30_000;
const PUSH_BACK_MS = 60_000;

/** kill -9 of the chosen; others have to take their place. */
async function kill(natter, role, choose = () => true, count = Infinity) {
	const all = await natter.ps();
	const before = all.filter((p) => p.role === role).length;
	const victims = all.filter((p) => p.role === role && choose(p)).slice(0, count);
	for (const { pid } of victims)
		natter.signal(pid, 'SIGKILL');
	const dead = new Set(victims.map((v) => v.pid));
	await until(`${role} is there again`, async () => (await natter.ps()).filter((p) =>
		p.role === role && !dead.has(p.pid)).length >= before,
	{ timeout: BACK_MS, every: 100 });
	return victims.map((v) => v.pid);
}

/** Stop processes for a while; what was started in their place stays. */
async function stop(natter, role, ms, choose = () => true) {
	const pids = await natter.pids(role, choose);
	for (const pid of pids)
		natter.signal(pid, 'SIGSTOP');
	await sleep(ms);
	for (const pid of pids)
		natter.signal(pid, 'SIGCONT');
	return pids;
}

/** The push server publishes what it is given, under any channel's name. */
function publish(natter, channel, body) {
	return new Promise((done) => {
		const request = http.request({ socketPath: `${natter.var}/run/push-pub/pub.sock`,
			method: 'POST', path: `/pub?id=${channel}`, agent: false, timeout: 5000 },
		(response) => {
			response.resume();
			response.on('end', () => done(response.statusCode));
			response.on('error', () => done(0));
		});
		request.on('timeout', () => request.destroy());
		request.on('error', () => done(0));
		request.end(body);
	});
}

/** Fill the store of the push server until it refuses. */
async function fillPush({ natter, random: r, history }) {
	const body = 'x'.repeat(60_000);
	let taken = 0, refused = 0;
	for (let i = 0; i < 4000 && refused < 20; i++) {
		const status = await publish(natter, `full_${r.below(1e9)}`, body);
		if (status >= 200 && status < 300)
			taken++;
		else
			refused++;
	}
	history?.fault('push full', { taken, refused });
	await until('push takes events again', async () => {
		const status = await publish(natter, 'u_0', '[]');
		return status >= 200 && status < 300;
	}, { timeout: PUSH_BACK_MS, every: 500 });
}

/** Streams that are open and never read, while their owners get messages. */
async function slowReaders({ natter, people, random: r }) {
	const sockets = [];
	for (let i = 0; i < 20; i++) {
		const stream = await openWebSocket(r.pick(people).api).catch(() => null);
		stream?.socket._socket.pause();
		sockets.push(stream);
	}
	await sleep(3000);
	for (const stream of sockets)
		stream?.close();
}

/** Several roles stop one by one, and go on in another order. */
async function swizzle({ natter, random: r }) {
	const roles = ['app', 'pushd', 'push', 'nginx', 'db'];
	const shuffled = () => [...roles].sort(() => r.next() - 0.5);
	const pids = new Map();
	for (const role of roles)
		pids.set(role, await natter.pids(role));
	for (const role of shuffled()) {
		for (const pid of pids.get(role))
			natter.signal(pid, 'SIGSTOP');
		await sleep(300 * r.next());
	}
	await sleep(1000 * r.next());
	for (const role of shuffled()) {
		for (const pid of pids.get(role))
			natter.signal(pid, 'SIGCONT');
		await sleep(300 * r.next());
	}
}

/** The database cannot write its log: what it did not write it must not have
 * promised, and it has to come back from that by itself. */
async function failingDisk(error, { natter, history }) {
	const [pid] = await natter.pids('db');
	const why = await whyNot(pid);
	if (why !== null) {
		history?.fault(error, why);
		return;
	}
	const tracer = await attach(pid, ['-o', '/dev/null', '-e', 'trace=fsync,fdatasync',
		'-e', `inject=fsync,fdatasync:error=${error}`]);
	await sleep(1000);
	await tracer.end();
	await until('the database is there', async () => (await natter.pids('db')).length > 0,
		{ timeout: BACK_MS, every: 200 });
}

async function everything({ natter }) {
	await natter.killAll();
	await natter.up({ timeout: 60_000 });
}

const worker = (p) => !p.master;
const pause = (r) => 500 + 2500 * r.next();

export const harm = {
	'kill app': ({ natter, random: r }) => kill(natter, 'app', () => true, 1 + r.below(4)),
	'kill auth': ({ natter }) => kill(natter, 'auth'),
	'kill pushd': ({ natter }) => kill(natter, 'pushd'),
	'kill push worker': ({ natter }) => kill(natter, 'push', worker),
	'kill push': ({ natter }) => kill(natter, 'push'),
	'kill nginx worker': ({ natter }) => kill(natter, 'nginx', worker),
	'kill nginx': ({ natter }) => kill(natter, 'nginx'),
	'kill db': ({ natter }) => kill(natter, 'db'),
	'kill everything': everything,
	'stop app': ({ natter, random: r }) => stop(natter, 'app', pause(r), () => r.chance(0.5)),
	'stop pushd': ({ natter, random: r }) => stop(natter, 'pushd', pause(r)),
	'stop push': ({ natter, random: r }) => stop(natter, 'push', pause(r)),
	'stop nginx': ({ natter, random: r }) => stop(natter, 'nginx', pause(r)),
	'stop db': ({ natter, random: r }) => stop(natter, 'db', pause(r)),
	'fsync fails: EIO': (where) => failingDisk('EIO', where),
	'fsync fails: ENOSPC': (where) => failingDisk('ENOSPC', where),
	'swizzle': swizzle,
	'push full': fillPush,
	'slow readers': slowReaders,
};

/** What a short run does once, in the seed's order. */
export const SHORT_FAULTS = ['kill app', 'kill app', 'kill pushd', 'kill push worker', 'kill push',
	'kill nginx worker', 'kill nginx', 'kill db', 'stop app', 'stop pushd', 'stop push',
	'stop db', 'slow readers'];

/** Every fault, those most often that hurt most. */
export const LONG_FAULTS = [...Object.keys(harm), ...SHORT_FAULTS, 'swizzle', 'kill db', 'kill pushd',
	'kill app', 'kill app'];

/** [{ name, wait }]: the faults in the seed's order, with pauses between. */
export function makeFaults(names, seed, wait = [200, 900]) {
	const r = random(seed ^ 0x27d4eb2f);
	const rest = [...names];
	const list = [];
	while (rest.length > 0)
		list.push({ name: rest.splice(r.below(rest.length), 1)[0],
			wait: wait[0] + (wait[1] - wait[0]) * r.next() });
	return list;
}

/** Do them one after the other, while the load goes on. */
export async function doFaults(load, list) {
	const r = random(load.seed ^ 0x165667b1);
	for (const { name, wait } of list) {
		await sleep(wait);
		load.history.fault(name, 'begins');
		await harm[name]({ natter: load.natter, random: r, history: load.history,
			people: load.people });
		load.history.fault(name, 'is over');
	}
}
