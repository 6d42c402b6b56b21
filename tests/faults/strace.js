/*
 * strace at a worker: what one request does, and the worker's death at any
 * system call of it.  The system call at which a process is killed is not
 * executed any more.
 *
 *	await alone(pid, pids, async () => {
 *		const calls = await callsOf(pid, () => say(...));
 *		const knife = await armed(pid, calls[7]);	dies at its 7th
 *		... one request ...
 *		const dead = await knife.end();
 *	});
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

/**
 * Do something while of these processes, which serve one queue, this one does
 * all: the others are stopped.
 */
export async function alone(pid, pids, action) {
	const others = pids.filter((other) => other !== pid);
	const tell = (signal) => others.filter(alive).forEach((other) => process.kill(other, signal));
	tell('SIGSTOP');
	try {
		await until('the others are stopped', () => others.every((other) =>
			!alive(other) || isStopped(other)), { every: 5 });
		return await action();
	} finally {
		tell('SIGCONT');
	}
}

/** A strace of this process that has begun to look. */
export async function attach(pid, args) {
	const child = spawn('strace', ['-f', ...args, '-p', String(pid)],
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
		return said.includes(' attached');
	}, { timeout: ATTACH_MS, every: 5 });
	return {
		/** What it wrote; that of the system calls only without -o. */
		said: () => said,
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
		const tracer = await attach(pid, ['-o', '/dev/null', '-e', 'trace=none']);
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

/** [{ name, nth, text }] of all system calls of the request that `ask` makes of the worker. */
export async function callsOf(pid, ask) {
	const calls = await traceOf(pid, ask);
	const first = calls.findIndex(({ name, text }) =>
		name.startsWith('accept') && !/= -1/.test(text));
	const length = calls.slice(first).findIndex(({ name }) => /^epoll_p?wait/.test(name));
	return counted(first < 0 ? [] : calls.slice(first, length < 0 ? undefined : first + length));
}

/** The same of all that a process does meanwhile, but for its waiting. */
export async function doingsOf(pid, ask) {
	return counted((await traceOf(pid, ask)).filter(({ name }) =>
		!/^(epoll_p?wait2?|restart_syscall)$/.test(name)));
}

async function traceOf(pid, ask) {
	const file = join(tmpdir(), 'nf-' + randomBytes(4).toString('hex'));
	const tracer = await attach(pid, ['-o', file, '-s', '48']);
	try {
		await ask();
	} finally {
		await until('the trace is written', () => existsSync(file));
		await tracer.end();
	}
	const lines = readFileSync(file, 'utf8').split('\n');
	rmSync(file);
	return lines.map((line) => /^\d+\s+(\w+)\((.*)/.exec(line)).filter((found) => found !== null)
		.map(([, name, text]) => ({ name, text }));
}

export const nameOf = ({ name, nth }) => `${name} #${nth}`;

/** The process, should it come to that system call, does not come back from it. */
export async function armed(pid, { name, nth }, signal = 'SIGKILL') {
	const tracer = await attach(pid, ['-e', `trace=${name},epoll_wait,epoll_pwait`,
		'-e', `inject=${name}:signal=${signal}:when=${nth}`]);
	return {
		/** As long as it is traced, it stops at every call for a moment. */
		async stopped() {
			await until('the process is stopped', () =>
				tracer.said().includes('--- stopped by SIGSTOP ---'), { every: 5 });
		},
		/** It may go on after its answer: until it is dead or waits for the next request. */
		async done() {
			await until('the process is dead, or waits again', () => !alive(pid)
				|| tracer.said().match(/epoll_p?wait\(/g)?.length > 1, { every: 2 });
		},
		/** Whether it is dead. */
		async end() {
			await tracer.end();
			return !alive(pid);
		},
	};
}
