/*
 * An instance of the whole product for one test file: nginx, push nginx,
 * workers, pushd and MariaDB, in a folder and on a port of their own.
 *
 *	const natter = await startInstance();
 *	...
 *	await natter.stop();		fails when a sanitizer reported anything,
 *					or a secret or a text stands in a log
 *
 * NATTER_BIN names the folder of the programs (default build/bin); with an
 * ASan build there, reports become files in VAR/log. NATTER_KEEP=1 leaves the
 * folder behind. Every process is ended by its own id.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync,
	rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from './http.js';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const binaries = resolve(process.env.NATTER_BIN ?? join(root, 'build/bin'));

/** No limits, few workers, and the least password cost: tests sign in a lot. */
const RAISED = {
	NATTER_LIMITS_SEND: '0',
	NATTER_LIMITS_WRITE: '0',
	NATTER_LIMITS_READ: '0',
	NATTER_LIMITS_TYPING: '0',
	NATTER_LIMITS_STREAM: '0',
	NATTER_LIMITS_SIGN_IN_ACCOUNT: '0',
	NATTER_LIMITS_SIGN_IN_ADDRESS: '0',
	NATTER_LIMITS_SIGN_UP_ADDRESS: '0',
	NATTER_LIMITS_ADDRESS: '0',
	NATTER_LIMITS_CONNECTIONS: '0',
	NATTER_INSTANCE_WORKERS: '6',
};
const CHEAP = {
	NATTER_PASSWORD_LOG2_N: '13',
	NATTER_PASSWORD_P: '1',
};

const SANITIZER = /runtime error:|AddressSanitizer|LeakSanitizer|UndefinedBehaviorSanitizer/;

/** Shorter ones stand in a log by chance; more would take long to look for. */
const SECRET_LENGTH = 16;
const SECRETS_MAX = 300;

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** The other side of a race: it keeps no process alive. */
export const late = (ms) => new Promise((done) => setTimeout(done, ms, false).unref());

/** Ask again and again until the answer is true-ish; that answer. */
export async function until(what, ask, { timeout = 10_000, every = 50 } = {}) {
	const end = performance.now() + timeout;
	for (;;) {
		const answer = await ask();
		if (answer)
			return answer;
		if (performance.now() > end)
			throw new Error(`waited ${timeout} ms in vain: ${what}`);
		await sleep(every);
	}
}

/** Below the range the kernel hands out for outgoing connections. */
export async function freePort() {
	for (;;) {
		const port = 19_000 + randomBytes(2).readUInt16BE(0) % 12_000;
		const free = await new Promise((done) => {
			const server = createServer();
			server.once('error', () => done(false));
			server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
		});
		if (free)
			return port;
	}
}

/** Run a program to its end. */
export function run(file, args, { env, input = '', timeout = 60_000 } = {}) {
	return new Promise((done, fail) => {
		const child = spawn(file, args, { cwd: root, env, stdio: 'pipe' });
		let stdout = '';
		let stderr = '';
		const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
		child.stdout.on('data', (data) => stdout += data);
		child.stderr.on('data', (data) => stderr += data);
		child.stdin.on('error', () => {});
		child.stdin.end(input);
		child.on('error', fail);
		child.on('close', (code, signal) => {
			clearTimeout(timer);
			done({ code, signal, stdout, stderr });
		});
	});
}

export function alive(pid) {
	try {
		process.kill(pid, 0);
		return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
}

function command(pid) {
	try {
		return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
	} catch {
		return '';
	}
}

const running = new Set();
process.on('exit', () => {
	for (const instance of running)
		instance.killSync();
});
for (const signal of ['SIGINT', 'SIGTERM'])
	process.once(signal, () => process.exit(1));

class Instance {
	constructor({ port, path, env, conf, nginx, limits, cheapPasswords, programs }) {
		this.port = port;
		this.programs = programs;
		this.path = path;
		this.var = join(tmpdir(), 'nt-' + randomBytes(4).toString('hex'));
		this.origin = `http://127.0.0.1:${port}`;
		this.url = this.origin + path;
		this.child = null;
		this.people = 0;
		this.secrets = new Set();
		mkdirSync(join(this.var, 'log'), { recursive: true });
		writeFileSync(join(this.var, 'natter.conf'), conf);
		mkdirSync(join(this.var, 'nginx.d'));
		writeFileSync(join(this.var, 'nginx.d', 'tests.conf'), nginx(this.var));
		const inherited = Object.fromEntries(Object.entries(process.env)
			.filter(([name]) => !name.startsWith('NATTER_') && name !== 'VAR'
				&& !name.startsWith('NODE_')));
		const sanitizer = (name) => `log_path=${this.var}/log/${name}:`
			+ 'abort_on_error=0:detect_leaks=1:print_stacktrace=1';
		this.env = {
			...inherited,
			ASAN_OPTIONS: sanitizer('asan'),
			UBSAN_OPTIONS: sanitizer('ubsan'),
			NATTER_VAR: this.var,
			NATTER_INSTANCE_LISTEN: `127.0.0.1:${port}`,
			NATTER_SITE_URL: this.url,
			...limits ? {} : RAISED,
			...cheapPasswords ? CHEAP : {},
			...env,
		};
		running.add(this);
	}

	async up({ timeout = 60_000 } = {}) {
		assert.ok(existsSync(join(this.programs, 'natter')),
			`${this.programs}/natter is missing: run make first`);
		const log = openSync(join(this.var, 'log', 'up.txt'), 'a');
		const child = spawn(join(this.programs, 'natter'), ['up', '--var', this.var],
			{ cwd: root, env: this.env, stdio: ['ignore', log, log] });
		closeSync(log);
		this.child = child;
		let ended = null;
		child.on('exit', (code, signal) => ended = { code, signal });
		this.ended = new Promise((done) => child.on('exit', done));
		const probe = new Client(this, { check: false });
		try {
			await until('/readyz says 200', async () => {
				if (ended !== null && (ended.code !== 0 || ended.signal))
					throw new Error(`natter up ended: ${JSON.stringify(ended)}`);
				try {
					/* A reload may follow at once, and takes kept connections along. */
					return (await probe.page('readyz', { timeout: 3000, fresh: true })).status === 200;
				} catch {
					return false;
				}
			}, { timeout, every: 50 });
		} catch (error) {
			error.message += '\n' + this.upText().slice(-4000);
			throw error;
		}
		this.adminToken = this.firstToken();
		this.admin = new Client(this, { token: this.adminToken });
		return this;
	}

	/** What the first start made; a restored database came with its own. */
	firstToken() {
		const file = join(this.var, 'secrets', 'curl-header');
		return existsSync(file) ? readFileSync(file, 'utf8').match(/Bearer\s+(\S+)/)[1] : null;
	}

	upText() {
		return readFileSync(join(this.var, 'log', 'up.txt'), 'utf8');
	}

	/** Run `natter ARGS` to its end, below a tracer where one is given:
	 * { code, signal, stdout, stderr }. */
	natter([verb, ...rest], { input = '', below = [] } = {}) {
		const [program, ...args] = [...below, join(this.programs, 'natter'), verb, ...rest,
			'--var', this.var];
		/* LeakSanitizer is a tracer too, and there can't be two. */
		const env = below.length === 0 ? this.env : { ...this.env,
			ASAN_OPTIONS: this.env.ASAN_OPTIONS.replace('detect_leaks=1', 'detect_leaks=0') };
		return run(program, args, { env, input });
	}

	/** Its standard output. A failure throws. */
	async cli(args, input = '') {
		const end = await this.natter(args, { input });
		assert.equal(end.code, 0,
			`natter ${args.join(' ')}: ${end.stderr}${end.stdout}`);
		return end.stdout;
	}

	/** What a command that has to fail says. */
	async refused(args, input = '') {
		const end = await this.natter(args, { input });
		assert.ok(end.code > 0, `natter ${args.join(' ')}: ${end.code} ${end.signal}`);
		return end.stderr;
	}

	/** Ask the database itself: for what cannot be brought about from outside. */
	async sql(statement) {
		const password = readFileSync(join(this.var, 'secrets/db_password'), 'utf8').trim();
		const end = await run('mariadb', ['--no-defaults', '-N', '-B', '-u', 'natter',
			'-S', join(this.var, 'run/db.sock'), 'natter', '-e', statement],
		{ env: { ...this.env, MYSQL_PWD: password } });
		assert.equal(end.code, 0, end.stderr);
		return end.stdout.trim();
	}

	/** [{role, pid, command, master}] of everything that runs. */
	async ps() {
		const text = await this.cli(['ps']);
		const all = [];
		for (const line of text.split('\n')) {
			const found = /^(\w+)\s+(\d+)/.exec(line);
			if (found === null)
				continue;
			const pid = Number(found[2]);
			const words = command(pid);
			all.push({ role: found[1], pid, command: words,
				master: words.includes('master process') });
		}
		return all;
	}

	async pids(role, choose = () => true) {
		return (await this.ps()).filter((p) => p.role === role && choose(p))
			.map((p) => p.pid);
	}

	/** kill -9 of everything, the supervisor first so that nobody helps. */
	async killAll() {
		const all = await this.ps();
		if (this.child !== null)
			this.signal(this.child.pid, 'SIGKILL');
		for (const { pid } of all)
			this.signal(pid, 'SIGKILL');
		await until('all processes are gone', () => all.every((p) => !alive(p.pid)));
		await this.ended;
		this.child = null;
	}

	signal(pid, name) {
		try {
			process.kill(pid, name);
			return true;
		} catch {
			return false;
		}
	}

	/** An orderly stop, to be started again. */
	async down() {
		await this.cli(['down']);
		await this.ended;
		this.child = null;
	}

	/** For the end of this process only: whatever still runs. */
	killSync() {
		if (this.child !== null)
			this.signal(this.child.pid, 'SIGTERM');
		for (const pid of this.leftovers())
			this.signal(pid, 'SIGKILL');
	}

	/** Pids whose command line or pid file names this instance's folder. */
	leftovers() {
		const pids = [];
		for (const entry of readdirSync('/proc')) {
			if (!/^\d+$/.test(entry) || Number(entry) === process.pid)
				continue;
			if (command(entry).includes(this.var) && alive(Number(entry)))
				pids.push(Number(entry));
		}
		return pids;
	}

	/** Sanitizer reports and what else must never stand in a log. */
	reports() {
		const found = [];
		for (const name of readdirSync(join(this.var, 'log'))) {
			const file = join(this.var, 'log', name);
			if (!statSync(file).isFile())
				continue;
			const text = readFileSync(file, 'utf8');
			if (/^(asan|ubsan)\./.test(name) || SANITIZER.test(text)) {
				const at = Math.max(0, text.search(SANITIZER) - 200);
				found.push(`${name}:\n${text.slice(at, at + 4000)}`);
			}
		}
		return found;
	}

	/** What was sent, and must not stand in a log. */
	remember(secret) {
		if (this.secrets.size < SECRETS_MAX && secret?.length >= SECRET_LENGTH)
			this.secrets.add(secret);
	}

	/** Secrets and texts in logs; up.txt is what people saw on their terminal. */
	leaks() {
		const found = [];
		for (const name of readdirSync(join(this.var, 'log')).filter((file) => file !== 'up.txt')) {
			const file = join(this.var, 'log', name);
			const text = statSync(file).isFile() ? readFileSync(file, 'utf8') : '';
			for (const secret of this.secrets)
				if (text.includes(secret))
					found.push(`${name}: ${text.slice(Math.max(0, text.indexOf(secret) - 200)).slice(0, 400)}`);
		}
		return found;
	}

	async stop() {
		this.stopped = true;		/* replicas give up */
		if (this.child !== null) {
			const end = await this.natter(['down']);
			const gone = await Promise.race([this.ended.then(() => true),
				late(20_000)]);
			if (!gone)
				this.killSync();
			assert.equal(end.code, 0, `natter down: ${end.stderr}${end.stdout}`);
			assert.ok(gone, 'natter up went on 20 s after natter down');
			this.child = null;
		}
		running.delete(this);
		const reports = this.reports();
		assert.deepEqual(reports, [], `sanitizer reports in ${this.var}/log`);
		assert.deepEqual(this.leaks(), [], `secrets or texts in ${this.var}/log`);
		assert.deepEqual(this.leftovers(), [], 'processes were left behind');
		if (process.env.NATTER_KEEP !== '1')
			rmSync(this.var, { recursive: true, force: true });
	}
}

/**
 * An instance that is not running: its folder has only the settings.
 *	path		where it lives below the host, '/' or '/chat/'
 *	env		more environment for all its programs
 *	conf		text of its natter.conf
 *	nginx		its folder => text of additions to the public nginx
 *	limits		true: keep the product's limits; else they are off
 *	cheapPasswords	false: keep the product's password cost
 *	programs	folder of other programs than NATTER_BIN
 */
export async function prepareInstance(options = {}) {
	return new Instance({
		port: await freePort(),
		path: '/',
		env: {},
		conf: '',
		nginx: () => '',
		limits: false,
		cheapPasswords: true,
		programs: binaries,
		...options,
	});
}

/** Start one and wait until it is ready. */
export async function startInstance(options = {}) {
	return (await prepareInstance(options)).up();
}
