/*
 * A road to a database on which answers get lost: what a worker asks for
 * happens, or does not, and it never learns which.
 *
 *	const proxy = await startProxy(socket, random);
 *	... NATTER_DATABASE_SOCKET is proxy.socket
 *	proxy.lose = 0.1;		one in ten changes
 *	proxy.silent = true;		nothing goes either way
 *
 * Changes are CALLs and COMMITs, as the protocol has them.
 * https://mariadb.com/kb/en/clientserver-protocol/
 */

import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const QUERY = 0x03, PREPARE = 0x16, EXECUTE = 0x17;

class Road {
	constructor(proxy, client) {
		this.proxy = proxy;
		this.calls = new Set();		/* ids of prepared CALLs */
		this.client = client;
		this.server = net.connect(proxy.target);
		this.doomed = false;
		for (const [from, pass] of [[client, this.ask], [this.server, this.answer]]) {
			from.on('data', (bytes) => pass.call(this, bytes));
			from.on('error', () => this.cut());
			from.on('close', () => this.cut());
		}
	}

	/** A question fits into one packet, and comes as one. */
	ask(bytes) {
		if (this.proxy.silent)
			return;
		const command = bytes[4];
		const text = () => bytes.toString('latin1', 5, 11);
		this.preparing = command === PREPARE && text().startsWith('CALL');
		const change = command === QUERY && text() === 'COMMIT'
			|| command === EXECUTE && this.calls.has(bytes.readUInt32LE(5));
		if (change && this.proxy.random.chance(this.proxy.lose)) {
			this.proxy.lost++;
			if (this.proxy.random.chance(0.5)) {
				this.cut();
				return;
			}
			this.doomed = true;
		}
		this.server.write(bytes);
	}

	answer(bytes) {
		if (this.proxy.silent)
			return;
		if (this.doomed) {
			this.cut();
			return;
		}
		if (this.preparing)
			this.calls.add(bytes.readUInt32LE(5));
		this.preparing = false;
		this.client.write(bytes);
	}

	cut() {
		this.client.destroy();
		this.server.destroy();
	}
}

class Proxy {
	constructor(target, random) {
		Object.assign(this, { target, random, lose: 0, lost: 0, silent: false });
		this.folder = mkdtempSync(join(tmpdir(), 'nx-'));
		this.socket = join(this.folder, 's');
		this.roads = new Set();
		this.listener = net.createServer((client) => {
			const road = new Road(this, client);
			this.roads.add(road);
			client.on('close', () => this.roads.delete(road));
		});
	}

	stop() {
		this.listener.close();
		for (const road of this.roads)
			road.cut();
		rmSync(this.folder, { recursive: true, force: true });
	}
}

export function startProxy(target, random) {
	const proxy = new Proxy(target, random);
	return new Promise((done, fail) => {
		proxy.listener.on('error', fail);
		proxy.listener.listen(proxy.socket, () => done(proxy));
	});
}
