/*
 * Debian's Apache in front of the worker binary as a plain CGI program, as
 * docs/plain-cgi.md describes it: without nginx, push server or pool.
 *
 *	const apache = await startApache(natter, { path: '/chat/' });
 *	const ann = new Client(apache, { token });
 *	await apache.stop();		fails when a sanitizer reported anything
 *
 * It has a folder of its own, owned by the user that Apache runs programs as,
 * and uses the database of an instance, as it would use any existing server.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, closeSync, copyFileSync, cpSync, existsSync, mkdirSync, openSync,
	readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binaries, freePort, root, until } from './instance.js';

const PROGRAM = '/usr/sbin/apache2';
const MODULES = '/usr/lib/apache2/modules';
const NOBODY = 65534;

class Apache {
	constructor(natter, port, path) {
		this.natter = natter;
		this.port = port;
		this.path = path;
		this.origin = `http://127.0.0.1:${port}`;
		this.folder = join(tmpdir(), 'nt-cgi-' + randomBytes(4).toString('hex'));
		this.var = join(this.folder, 'var');
		this.child = null;
	}

	/** VAR, and copies of program, page and password that its user may read. */
	makeFolder() {
		const own = (file) => process.getuid() === 0 && chownSync(file, NOBODY, NOBODY);
		mkdirSync(this.folder, { mode: 0o755 });
		for (const name of ['var', 'var/run', 'var/log', 'var/secrets']) {
			mkdirSync(join(this.folder, name), { mode: 0o700 });
			own(join(this.folder, name));
		}
		copyFileSync(join(binaries, 'natter-app'), join(this.folder, 'natter-app'));
		chmodSync(join(this.folder, 'natter-app'), 0o755);
		mkdirSync(join(this.folder, 'htdocs'));
		copyFileSync(join(root, 'htdocs/index.html'), join(this.folder, 'htdocs/index.html'));
		cpSync(join(root, 'docs'), join(this.folder, 'docs'), { recursive: true });
		const password = join(this.var, 'secrets/db_password');
		copyFileSync(join(this.natter.var, 'secrets/db_password'), password);
		own(password);
		chmodSync(join(this.natter.var, 'run'), 0o711);
		writeFileSync(join(this.var, 'natter.conf'), `[site]
url = ${this.origin}${this.path}

[database]
socket = ${this.natter.var}/run/db.sock
`);
	}

	/** The configuration of docs/plain-cgi.md, and around it what Debian's has. */
	configuration() {
		const load = (name) =>
			`LoadModule ${name}_module ${MODULES}/mod_${name}.so`;
		const passed = Object.entries(this.natter.env)
			.filter(([name]) => /^NATTER_(LIMITS|PASSWORD)_/.test(name));
		const log = join(this.var, 'log');
		const site = readFileSync(join(root, 'docs/plain-cgi.md'), 'utf8')
			.match(/```apache\n([^]*?)```/)[1]
			.replaceAll('/srv/natter', this.var)
			.replaceAll('/usr/local/share/natter', this.folder)
			.replaceAll('/usr/local/lib/natter', this.folder)
			.replaceAll('/chat/', this.path);
		return `ServerRoot ${this.folder}
ServerName 127.0.0.1
Listen 127.0.0.1:${this.port}
PidFile ${this.folder}/apache.pid
ErrorLog ${this.folder}/error.log
ScriptSock ${this.folder}/cgid.sock
${['mpm_event', 'authz_core', 'alias', 'dir', 'env', 'headers', 'mime', 'cgid'].map(load).join('\n')}
TypesConfig /etc/mime.types
${process.getuid() === 0 ? `User #${NOBODY}\nGroup #${NOBODY}` : ''}
StartServers 1
ThreadsPerChild 64
MaxRequestWorkers 64
<Directory />
	Require all denied
</Directory>
${site}
SetEnv ASAN_OPTIONS "log_path=${log}/asan:abort_on_error=0:detect_leaks=1"
SetEnv UBSAN_OPTIONS "log_path=${log}/ubsan:print_stacktrace=1"
${passed.map(([name, value]) => `SetEnv ${name} ${value}`).join('\n')}
`;
	}

	async start() {
		assert.ok(existsSync(PROGRAM),
			`${PROGRAM} is missing: scripts/packages test installs it`);
		this.makeFolder();
		const conf = join(this.folder, 'apache.conf');
		writeFileSync(conf, this.configuration());
		const log = openSync(join(this.folder, 'out.log'), 'a');
		/* In a group of its own: a stopping Apache may signal all of its group. */
		const child = spawn(PROGRAM, ['-DFOREGROUND', '-f', conf],
			{ stdio: ['ignore', log, log], detached: true });
		closeSync(log);
		this.child = child;
		this.ended = new Promise((done) => child.on('exit', done));
		this.kill = () => {
			try {
				process.kill(-child.pid, 'SIGKILL');
			} catch {
				/* it is gone */
			}
		};
		process.on('exit', this.kill);
		await until('Apache answers', async () => {
			assert.equal(child.exitCode, null, this.logs());
			try {
				return (await fetch(`${this.origin}${this.path}healthz`)).status === 200;
			} catch {
				return false;
			}
		}).catch((error) => {
			error.message += '\n' + this.logs();
			throw error;
		});
		return this;
	}

	logs() {
		return ['out.log', 'error.log'].map((name) => join(this.folder, name))
			.filter(existsSync).map((file) => readFileSync(file, 'utf8')).join('\n');
	}

	async stop() {
		this.child.kill('SIGTERM');
		await this.ended;
		process.off('exit', this.kill);
		const reports = readdirSync(join(this.var, 'log'))
			.map((name) => readFileSync(join(this.var, 'log', name), 'utf8'));
		assert.deepEqual(reports, [], 'sanitizer reports');
		const text = this.logs();
		assert.doesNotMatch(text, /malformed header|Premature end|End of script output/);
		if (process.env.NATTER_KEEP !== '1')
			rmSync(this.folder, { recursive: true, force: true });
	}
}

export async function startApache(natter, { path = '/' } = {}) {
	return new Apache(natter, await freePort(), path).start();
}
