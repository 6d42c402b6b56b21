/*
 * The parts alone, each as Natter has it: nginx with the same settings, a
 * FastCGI pool of the same size, MariaDB with the same arguments on a copy of
 * the same data, the push nginx with the same configuration.
 */

import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, end, freePort, heard, sleep } from './instance.js';

async function until(what, ask) {
	for (let i = 0; i < 2000; i++) {
		if (await ask())
			return;
		await sleep(10);
	}
	throw new Error(`waited in vain: ${what}`);
}

export class Limits {
	/** While natter is down, so that its data can be copied. */
	constructor(natter, folder) {
		this.natter = natter;
		this.folder = folder;
		this.children = [];
		this.processes = {};
		for (const name of ['run/push-pub', 'log', 'tmp', 'db'])
			mkdirSync(join(folder, name), { recursive: true });
		cpSync(join(natter.var, 'db/data'), join(folder, 'db/data'), { recursive: true });
		this.database = join(folder, 'run/db.sock');
		this.hello = join(folder, 'run/hello.sock');
		this.web = join(folder, 'run/web.sock');
		this.publish = join(folder, 'run/push-pub/pub.sock');
	}

	spawn(role, file, args) {
		const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'] });
		this.children.push(child);
		this.processes[role] = [child.pid];
		return child;
	}

	/** A file of the instance with the instance's folder replaced by ours. */
	ours(text) {
		return text.replaceAll(this.natter.var, this.folder);
	}

	conf(name) {
		return this.ours(readFileSync(join(this.natter.var, 'etc', name), 'utf8'));
	}

	/** natter is up again: take over what its processes were started with. */
	async start() {
		this.port = await freePort();
		this.address = `127.0.0.1:${this.port}`;
		this.subscribe = `127.0.0.1:${await freePort()}`;
		await this.startDatabase();
		await this.startHello();
		await this.startWeb();
		await this.startPush();
	}

	async startDatabase() {
		const [pid] = this.natter.processes.db;
		const words = this.ours(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
		this.spawn('db', words[0], words.slice(1, -1));
		await until('the database', () => existsSync(this.database));
		await this.natter.sql('SELECT 1', this.database);
	}

	async startHello() {
		const child = this.spawn('app', join(build, 'bench/hello'),
			[this.hello, String(this.natter.processes.app.length)]);
		await heard(child, 'open');
		this.processes.app = this.childrenOf(child.pid);
	}

	nginx(role, name, text, socket) {
		const path = join(this.folder, name);
		writeFileSync(path, text);
		const child = this.spawn(role, 'nginx', ['-e', join(this.folder, 'log', role),
			'-p', this.folder, '-c', path]);
		return until(`${socket} of nginx`, () => existsSync(socket)
			&& (this.processes[role] = this.childrenOf(child.pid)).length > 0);
	}

	childrenOf(pid) {
		return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
			.split(' ').filter(Boolean).map(Number);
	}

	/** The public nginx's own settings, and nothing but two addresses. */
	startWeb() {
		const settings = /^[\s\S]*?events \{.*?\}/m.exec(this.conf('nginx.conf'))[0];
		const parts = ['types', 'log', 'bounds', 'compress', 'fastcgi']
			.map((part) => this.conf(`parts/${part}.conf`)).join('\n');
		return this.nginx('nginx', 'web.conf', `${settings}
http {
	${parts}
	upstream hello { server unix:${this.hello}; }
	server {
		listen 127.0.0.1:${this.port};
		listen unix:${this.web};
		location / { fastcgi_pass hello; }
		location = /static { return 200 "hello\\n"; }
	}
}
`, this.web);
	}

	/** Open to subscribers over TCP, as people come; without the questions to
	 * pushd, and with as many on a channel as we like. */
	startPush() {
		const text = this.conf('push.conf')
			.replace(/listen unix:.*push-sub\.sock;/, `listen ${this.subscribe};`)
			.replaceAll(/^\s*nchan_(un)?subscribe_request.*$/gm, '')
			.replaceAll(/nchan_max_channel_subscribers \d+/g,
				'nchan_max_channel_subscribers 1000');
		return this.nginx('push', 'push.conf', text, this.publish);
	}

	usage(...roles) {
		return roles.flatMap((role) => ['--usage', `${role}=${this.processes[role].join(',')}`]);
	}

	async stop() {
		for (const child of this.children.reverse())
			await end(child);
	}
}
