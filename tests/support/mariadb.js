/*
 * A MariaDB that is not Natter's own, and talks with any.
 *
 *	const server = await startMariaDB({ flags: ['--sync-binlog=0'] });
 *	const root = openSql(server.socket);
 *	await root.ask('SELECT 1');		[['1']]; an error is thrown
 *	await server.stop();
 */

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { until } from './instance.js';

const SMALL = ['--no-defaults', '--skip-networking', '--skip-name-resolve',
	'--performance-schema=OFF', '--innodb-buffer-pool-size=16M', '--innodb-log-file-size=8M',
	'--innodb-data-file-path=ibdata1:12M:autoextend', '--innodb-autoextend-increment=4',
	'--innodb-temp-data-file-path=ibtmp1:1M:autoextend',
	...process.getuid() === 0 ? ['--user=root'] : []];

/** One connection: what is asked stays in its session and transaction. */
class Sql {
	constructor(socket, { user, database = '' }) {
		this.child = spawn('sh', ['-c', 'exec mariadb "$@" 2>&1', 'sh', '--no-defaults', '-N', '-B',
			'--unbuffered', '--force', '-u', user, '-S', socket, ...database ? [database] : []],
		{ stdio: ['pipe', 'pipe', 'inherit'] });
		this.said = '';
		this.count = 0;
		this.child.stdin.on('error', () => {});
		this.child.stdout.on('data', (data) => {
			this.said += data;
			this.heard?.();
		});
		this.ended = new Promise((done) => this.child.on('close', () => {
			this.over = true;
			this.heard?.();
			done();
		}));
	}

	/** Statements, one after the other; the rows of all of them. */
	async ask(sql) {
		const end = `end of ${++this.count}\n`;
		this.child.stdin.write(`${sql};\nSELECT '${end.trim()}';\n`);
		while (!this.said.endsWith(end)) {
			if (this.over)
				throw new Error(`${sql}: the session is over: ${this.said}`);
			await new Promise((done) => this.heard = done);
		}
		const text = this.said.slice(0, -end.length);
		this.said = '';
		if (/^ERROR \d+/m.test(text))
			throw new Error(`${sql}: ${text}`);
		return text.split('\n').slice(0, -1).map((line) => line.split('\t'));
	}

	async close() {
		this.child.stdin.end();
		await this.ended;
	}
}

/** As the owner of the server, unless another user is named. */
export function openSql(socket, { user = userInfo().username, database } = {}) {
	return new Sql(socket, { user, database });
}

function run(program, args) {
	const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
	let said = '';
	child.stdout.on('data', (data) => said += data);
	child.stderr.on('data', (data) => said += data);
	child.ended = new Promise((done, fail) => {
		child.on('error', fail);
		child.on('close', (code) => done({ code, said }));
	});
	return child;
}

class Server {
	constructor(flags) {
		this.folder = mkdtempSync(join(tmpdir(), 'nm-'));
		this.socket = join(this.folder, 's');
		this.flags = [...SMALL, `--datadir=${this.folder}/data`, `--socket=${this.socket}`,
			`--tmpdir=${this.folder}`, `--pid-file=${this.folder}/pid`, ...flags];
		mkdirSync(join(this.folder, 'data'));
	}

	async install() {
		const { code, said } = await run('mariadb-install-db', [...this.flags, '--skip-test-db',
			'--auth-root-authentication-method=socket',
			`--auth-root-socket-user=${userInfo().username}`]).ended;
		if (code !== 0)
			throw new Error(said);
	}

	async start() {
		this.child = run('mariadbd', this.flags);
		await until('MariaDB answers', async () => {
			const root = openSql(this.socket);
			const answers = await root.ask('SELECT 1').catch(() => null);
			await root.close();
			if (answers === null && this.child.exitCode !== null)
				throw new Error((await this.child.ended).said);
			return answers;
		}, { timeout: 30_000 });
		return this;
	}

	async stop() {
		if (this.child !== undefined) {
			this.child.kill('SIGTERM');
			await this.child.ended;
		}
		rmSync(this.folder, { recursive: true, force: true });
	}
}

/** flags: more words for mariadbd. */
export async function startMariaDB({ flags = [] } = {}) {
	const server = new Server(flags);
	try {
		await server.install();
		return await server.start();
	} catch (error) {
		await server.stop();
		throw error;
	}
}
