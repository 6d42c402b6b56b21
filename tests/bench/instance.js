/*
 * A whole Natter in a folder and on a port of its own, with raised limits, and
 * what the system knows about its processes.
 */

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { memory } from '../support/memory.js';

export const root = resolve(import.meta.dirname, '../..');
export const build = resolve(root, process.env.B ?? 'build');

const RATES = ['SEND', 'WRITE', 'READ', 'TYPING', 'STREAM', 'SIGN_IN_ACCOUNT',
	'SIGN_IN_ADDRESS', 'SIGN_UP_ADDRESS', 'ADDRESS', 'CONNECTIONS'];
const START_MS = 60_000;

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export function freePort() {
	return new Promise((done) => {
		const server = createServer();
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address();
			server.close(() => done(port));
		});
	});
}

/** Run a program to its end; its standard output. */
export function run(file, args, { env, input = '' } = {}) {
	return new Promise((done, fail) => {
		const child = spawn(file, args, { cwd: root,
			env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'inherit'] });
		let text = '';
		child.stdout.on('data', (data) => text += data);
		child.on('error', fail);
		child.on('close', (code) => code === 0 ? done(text)
			: fail(new Error(`${file} ${args.join(' ').slice(0, 300)}: ended with ${code}`)));
		child.stdin.on('error', () => {});
		child.stdin.end(input);
	});
}

/** Wait for a word on a child's standard output. */
export function heard(child, word) {
	return new Promise((done, fail) => {
		let text = '';
		child.stdout.on('data', (data) => {
			text += data;
			if (text.includes(word))
				done(text);
		});
		child.on('error', fail);
		child.on('exit', () => fail(new Error(`ended before it said ${word}: ${text}`)));
	});
}

/** End a child and wait for it. */
export async function end(child, signal = 'SIGTERM') {
	if (child.exitCode !== null || child.signalCode !== null)
		return;
	const gone = new Promise((done) => child.once('exit', done));
	child.kill(signal);
	await gone;
}

export class Instance {
	constructor(port) {
		this.port = port;
		this.address = `127.0.0.1:${port}`;
		this.var = mkdtempSync(join(tmpdir(), 'nb-'));
		this.env = { NATTER_INSTANCE_LISTEN: this.address, NATTER_VAR: this.var,
			NATTER_SITE_URL: `http://${this.address}/` };
		for (const rate of RATES)
			this.env[`NATTER_LIMITS_${rate}`] = '1000000';
	}

	/** Start it; milliseconds until it said that it is ready. */
	async up() {
		const begun = performance.now();
		this.child = spawn(join(build, 'bin/natter'), ['up', '--var', this.var],
			{ cwd: root, env: { ...process.env, ...this.env },
				stdio: ['ignore', 'pipe', 'inherit'] });
		const late = sleep(START_MS).then(() => {
			throw new Error('not ready within a minute');
		});
		await Promise.race([heard(this.child, 'is ready'), late]);
		const took = performance.now() - begun;
		this.password = readFileSync(join(this.var, 'secrets/db_password'), 'utf8').trim();
		this.readProcesses();
		return took;
	}

	/** {role: [pid, ...]} */
	readProcesses() {
		const text = execFileSync(join(build, 'bin/natter'), ['ps', '--var', this.var],
			{ env: { ...process.env, ...this.env }, encoding: 'utf8' });
		this.processes = { up: [this.child.pid] };
		for (const [, role, pid] of text.matchAll(/^(\w+)\s+(\d+)/gm))
			(this.processes[role] ??= []).push(Number(pid));
	}

	/** Arguments with which load and transaction account for our processes. */
	usage() {
		return ['nginx', 'push', 'app', 'pushd', 'db'].flatMap((role) =>
			['--usage', `${role}=${this.processes[role].join(',')}`]);
	}

	/** {role: KiB} */
	memory() {
		return Object.fromEntries(Object.entries(this.processes)
			.map(([role, pids]) => [role, memory(pids)]));
	}

	/** Run SQL; its rows, tabs between columns. */
	sql(text, socket = join(this.var, 'run/db.sock')) {
		return run('mariadb', ['-S', socket, '-u', 'natter', '-N', '-B', 'natter'],
			{ env: { MYSQL_PWD: this.password }, input: text });
	}

	/** A call of the API that has to succeed; the answer's body. */
	async call(method, path, token, body) {
		const answer = await fetch(`http://${this.address}/api/v1${path}`, { method,
			headers: { authorization: `Bearer ${token}`,
				...body && { 'content-type': 'application/json' } },
			...body && { body: JSON.stringify(body) } });
		const text = await answer.text();
		if (!answer.ok)
			throw new Error(`${method} ${path}: ${answer.status} ${text}`);
		return text === '' ? null : JSON.parse(text);
	}

	async down() {
		await end(this.child);
	}

	remove() {
		rmSync(this.var, { recursive: true, force: true });
	}
}

export async function newInstance() {
	return new Instance(await freePort());
}
