/*
 * strace at the workers: what one request does, and a worker's death at any
 * system call of it.  The system call at which a process is killed is not
 * executed any more.
 *
 *	const calls = await callsOf(pids, () => say(...));
 *	const knife = await armed(pids, calls[7]);	dies at its 7th
 *	... one request ...
 *	const struck = await knife.end();
 */

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alive, late, until } from '../support/instance.js';

const ATTACH_MS = 15_000;

/** The process, of whichever tracer, is stopped. */
export function isStopped(pid) {
	try {
		return /^State:\s*[tT]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
}

/** A strace of these processes that has begun to look. */
export async function attach(pids, args) {
	const child = spawn('strace', ['-f', ...args, ...pids.flatMap((pid) => ['-p', String(pid)])],
		{ stdio: ['ignore', 'ignore', 'pipe'] });
	let said = '';
	child.stderr.on('data', (data) => said += data);
	let over = false;
	const ended = new Promise((done) => {
		child.on('exit', done);
		child.on('error', (error) => done(said += error.message));
	}).then(() => over = true);
	const kill = () => child.kill('SIGKILL');
	process.on('exit', kill);
	ended.then(() => process.off('exit', kill));
	await until('strace is attached', () => {
		if (over)
			throw new Error(`strace ended: ${said}`);
		return (said.match(/ attached/g) ?? []).length >= pids.length;
	}, { timeout: ATTACH_MS, every: 5 });
	return {
		async end() {
			child.kill('SIGINT');
			const gone = await Promise.race([ended.then(() => true), late(5000)]);
			if (!gone)
				child.kill('SIGKILL');
			await ended;
		},
	};
}

/** Why strace cannot look at this process, or null. */
export async function whyNot(pid) {
	try {
		const tracer = await attach([pid], ['-o', '/dev/null', '-e', 'trace=none']);
		await tracer.end();
		return null;
	} catch (error) {
		return error.message.trim();
	}
}

const counted = (calls) => {
	const counts = {};
	return calls.map(({ name, text }) => {
		counts[name] = (counts[name] ?? 0) + 1;
		return { name, nth: counts[name], text };
	});
};

/** [{ name, nth, text }] of all system calls of the request that `ask` makes. */
export async function callsOf(pids, ask) {
	let who = null;
	const calls = [];
	for (const { pid, name, text } of await traceOf(pids, ask)) {
		if (who === null && name.startsWith('accept') && !/= -1/.test(text))
			who = pid;
		if (pid !== who)
			continue;
		if (name === 'epoll_pwait' || name === 'epoll_wait')
			break;
		calls.push({ name, text });
	}
	return counted(calls);
}

/** The same of all that a process does meanwhile, but for its waiting. */
export async function doingsOf(pid, ask) {
	return counted((await traceOf([pid], ask)).filter(({ name }) =>
		!/^(epoll_p?wait2?|restart_syscall)$/.test(name)));
}

async function traceOf(pids, ask) {
	const file = join(tmpdir(), 'nf-' + randomBytes(4).toString('hex'));
	const tracer = await attach(pids, ['-o', file, '-s', '48']);
	try {
		await ask();
	} finally {
		await until('the trace is written', () => existsSync(file));
		await tracer.end();
	}
	const lines = readFileSync(file, 'utf8').split('\n');
	rmSync(file);
	return lines.map((line) => /^(\d+)\s+(\w+)\((.*)/.exec(line)).filter((found) => found !== null)
		.map(([, pid, name, text]) => ({ pid, name, text }));
}

export const nameOf = ({ name, nth }) => `${name} #${nth}`;

/** Whoever of these comes to that system call does not come back from it. */
export async function armed(pids, { name, nth }, signal = 'SIGKILL') {
	const tracer = await attach(pids, ['-o', '/dev/null', '-e', `trace=${name}`,
		'-e', `inject=${name}:signal=${signal}:when=${nth}`]);
	return {
		async end() {
			await tracer.end();
			return pids.filter((pid) => !alive(pid));
		},
	};
}
