/* An existing server whose settings would lose messages, or break something. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { binaries, freePort, root as tree, startInstance } from '../support/instance.js';
import { openSql, startMariaDB } from '../support/mariadb.js';

let server, root, folder, port, count = 0;

before(async () => {
	server = await startMariaDB({ flags: ['--log-bin', '--server-id=1', '--sync-binlog=1'] });
	root = openSql(server.socket);
	await root.ask('CREATE USER natter@localhost; GRANT ALL ON `natter%`.* TO natter@localhost');
	folder = mkdtempSync(join(tmpdir(), 'nt-'));
	port = await freePort();
});
after(async () => {
	await root?.close();
	await server?.stop();
	rmSync(folder, { recursive: true, force: true });
});

/** `natter ARGS` on a database of its own; { status, said }. */
async function natter(args, { charset = 'utf8mb4', env = {} } = {}) {
	const name = `natter${++count}`;
	await root.ask(`CREATE DATABASE ${name} CHARACTER SET ${charset}`);
	const end = spawnSync(join(binaries, 'natter'), [...args, '--var', join(folder, name)], {
		cwd: tree, encoding: 'utf8', timeout: 60_000, env: { ...process.env, ...env,
			NATTER_DATABASE_SOCKET: server.socket, NATTER_DATABASE_NAME: name,
			NATTER_INSTANCE_LISTEN: `127.0.0.1:${port}` } });
	return { status: end.status, said: end.stdout + end.stderr, name };
}

/** With a global variable set meanwhile. */
async function having(name, value, act) {
	const [[before]] = await root.ask(`SELECT @@GLOBAL.${name}`);
	await root.ask(`SET GLOBAL ${name} = ${value}`);
	try {
		return await act();
	} finally {
		await root.ask(`SET GLOBAL ${name} = '${before}'`).catch(() =>
			root.ask(`SET GLOBAL ${name} = ${before}`));
	}
}

const REFUSED = [
	['innodb_flush_log_at_trx_commit', 0, /set it to 1, .* loses answered messages/],
	['innodb_flush_log_at_trx_commit', 2, /set it to 1, .* loses answered messages/],
	['sync_binlog', 0, /set it to 1, as there is a binary log/],
	['sync_binlog', 100, /set it to 1, as there is a binary log/],
	['binlog_format', "'STATEMENT'", /set it to MIXED or ROW/],
	['read_only', 1, /set it to 0/],
	['max_allowed_packet', 65536, /set it to 16M/],
	['max_connections', 10, /raise it/],
];

for (const [name, value, advice] of REFUSED)
	test(`${name} = ${value}: natter up and natter migrate refuse it, doctor shows it`, async () => {
		await having(name, value, async () => {
			for (const verb of ['up', 'migrate']) {
				const { status, said, name: database } = await natter([verb]);
				assert.equal(status, 1, said);
				assert.match(said, new RegExp(`the database server has ${name} = \\w+: `));
				assert.match(said, advice);
				const tables = await root.ask(`SHOW TABLES IN ${database}`);
				assert.deepEqual(tables, [], 'nothing was made');
			}
			const { status, said } = await natter(['doctor']);
			assert.equal(status, 1);
			assert.match(said, advice);
			assert.match(said, /^BAD /m);
		});
	});

test('what may only lose messages can be accepted, and is said', async () => {
	await having('sync_binlog', 0, async () => {
		const refused = await natter(['migrate']);
		assert.match(refused.said, /\[database\] may_lose_messages = 1/);
		const taken = await natter(['migrate'],
			{ env: { NATTER_DATABASE_MAY_LOSE_MESSAGES: '1' } });
		assert.equal(taken.status, 0, taken.said);
		assert.match(taken.said, /the database server has sync_binlog = 0/);
	});
	await having('read_only', 1, async () => {
		const broken = await natter(['migrate'], { env: { NATTER_DATABASE_MAY_LOSE_MESSAGES: '1' } });
		assert.equal(broken.status, 1, 'but not what breaks');
	});
});

test('another character set of the database is warned of, and harms nothing', async () => {
	const { status, said, name } = await natter(['migrate'], { charset: 'latin1' });
	assert.equal(status, 0, said);
	assert.match(said, /the database server has character_set_database = latin1: ALTER DATABASE/);
	const others = await root.ask(`SELECT table_name FROM information_schema.tables
		WHERE table_schema = '${name}' AND table_collation NOT LIKE 'utf8mb4%'`);
	assert.deepEqual(others, []);
});

test('sessions are strict and READ COMMITTED, whatever the server begins with', async () => {
	await having('sql_mode', "''", async () => {
		const { status, said } = await natter(['migrate']);
		assert.equal(status, 0, said);
	});
	await having('tx_isolation', "'REPEATABLE-READ'", async () => {
		const { status, said } = await natter(['migrate']);
		assert.equal(status, 0, said);
	});
});

test('a server as it should be is taken without a word, and works', async () => {
	await root.ask('CREATE DATABASE natter_good CHARACTER SET utf8mb4');
	const instance = await startInstance({ env: { NATTER_DATABASE_SOCKET: server.socket,
		NATTER_DATABASE_NAME: 'natter_good' } });
	assert.doesNotMatch(instance.upText(), /database server/);
	assert.doesNotMatch(await instance.cli(['doctor']), /^(BAD|warn)/m);
	await instance.stop();
});
