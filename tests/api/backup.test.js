/*
 * natter backup, verify and restore: the drill on small data (faults/drill.js),
 * what is refused, and restore killed at its steps.
 */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { drill } from '../faults/drill.js';
import { Client } from '../support/http.js';
import { prepareInstance, run, startInstance, until } from '../support/instance.js';
import { allMessages, expectProblem, people, say, signInCode,
	startConversation } from '../support/people.js';
import { startReplica } from '../support/replica.js';

const seed = Number(process.env.SEED ?? 1);
const KILLS = 20;

let natter, ann, file;
const others = [];

before(async () => {
	natter = await startInstance();
	let bob;
	[ann, bob] = await people(natter, 'ann', 'bob');
	const talk = await startConversation(ann, bob);
	for (const text of ["It's a \\ 'quoted' \"one\"", 'two\nlines', '\u{1f44d} \u00e9', 'x'.repeat(9000)])
		await say(ann, talk, text);
	file = join(natter.var, 'backup.tar');
	await natter.cli(['backup', file]);
});
after(async () => {
	for (const instance of [...others, natter])
		await instance?.stop();
});

async function another(options) {
	const instance = await prepareInstance(options);
	others.push(instance);
	return instance;
}

const strace = (...args) => ['strace', '-qq', '-o', '/dev/null', ...args];

/** Why nobody can be traced here, or null. */
async function untraceable() {
	const end = await run('strace', strace('true').slice(1), { env: natter.env });
	return end.code === 0 ? null : end.stderr.trim();
}

const manifestOf = async (path) => JSON.parse((await run('tar', ['-xOf', path, 'manifest.json'],
	{ env: natter.env })).stdout);

test('what is no plain file is not replaced', async () => {
	const fifo = join(natter.var, 'fifo');
	assert.equal((await run('mkfifo', [fifo], { env: natter.env })).code, 0);
	const link = join(natter.var, 'link');
	symlinkSync(file, link);
	for (const path of [fifo, link, natter.var])
		assert.match(await natter.refused(['backup', path]), /no plain file; .* or - to write to standard output/);
	assert.ok(lstatSync(fifo).isFIFO());
	assert.ok(lstatSync(link).isSymbolicLink());
	assert.ok(!existsSync(`${fifo}.new`));
});

test('made under load and restored elsewhere, it has all that was acknowledged before, once',
	async (t) => {
		const counts = await drill(natter, { seed });
		t.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`);
		assert.ok(counts.messages > 0);
		assert.equal(statSync(join(natter.var, `drill-${seed}.tar`)).mode & 0o777, 0o600);
	});

test('a pipe takes it as well', async () => {
	const end = await run('sh', ['-c', '"$0" backup - --var "$1" | gzip | gunzip | "$0" verify -',
		join(natter.programs, 'natter'), natter.var], { env: natter.env });
	assert.match(end.stdout, /^whole: /);
	assert.equal(end.code, 0, end.stderr);
});

test('without Natter, tar and the client bring it back', async () => {
	await rootSql('CREATE DATABASE by_hand CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci');
	const end = await run('sh', ['-c', 'tar -xOf "$0" schema data | mariadb --no-defaults'
		+ ' --socket="$1" by_hand', file, join(natter.var, 'run/db.sock')], { env: natter.env });
	assert.equal(end.code, 0, end.stderr);
	const { rows } = await manifestOf(file);
	for (const [table, count] of Object.entries(rows))
		assert.equal(Number(await rootSql(`SELECT COUNT(*) FROM by_hand.${table}`)), count, table);
	assert.equal(await rootSql('SELECT routine_name FROM information_schema.routines'
		+ " WHERE routine_schema = 'by_hand'"), 'message_post\nmessage_post_by');
});

/** A copy with something done to it. */
function changed(name, change) {
	const copy = join(natter.var, name);
	writeFileSync(copy, readFileSync(file), { mode: 0o600 });
	change(copy);
	return copy;
}

/** Another manifest, under a sum that fits: the sum's member and two blocks are the end. */
function forged(name, from, to) {
	return changed(name, (copy) => {
		const bytes = readFileSync(copy);
		const at = bytes.lastIndexOf(from);
		assert.ok(at > 0 && from.length === to.length);
		bytes.write(to, at);
		const end = bytes.length - 3 * 512;
		bytes.write(createHash('sha256').update(bytes.subarray(0, end)).digest('hex'), end);
		writeFileSync(copy, bytes);
	});
}

test('what is not whole is refused, and touches nothing', async () => {
	const size = statSync(file).size;
	const { schema } = await manifestOf(file);
	const bad = {
		empty: changed('empty.tar', (copy) => truncateSync(copy, 0)),
		'cut by a byte': changed('cut.tar', (copy) => truncateSync(copy, size - 1)),
		'cut in the middle': changed('half.tar', (copy) => truncateSync(copy, size / 2 & ~511)),
		'one bit': changed('bit.tar', (copy) => {
			const bytes = readFileSync(copy);
			bytes[size / 3 | 0] ^= 4;
			writeFileSync(copy, bytes);
		}),
		'another file': changed('other.tar', (copy) => writeFileSync(copy, 'x'.repeat(4096))),
		'a newer schema': forged('schema.tar', `"schema":${schema},`, `"schema":${schema + 1},`),
		'another format': forged('format.tar', '"format":1', '"format":2'),
		'another manifest': forged('data.tar', '"data":"', '"atad":"'),
	};
	const other = await another();
	for (const [what, path] of Object.entries(bad)) {
		const said = await other.refused(['verify', path]);
		assert.match(said, /not a whole backup|newer|format|manifest/, what);
		assert.equal(await other.refused(['restore', path]), said, what);
	}
	assert.ok(!existsSync(join(other.var, 'db')), 'no database was made');
	assert.match(await other.cli(['verify', file]), /^whole: .*, schema \d+, epoch [0-9a-f]{32}, /);
	assert.match(await other.refused(['restore', '/dev/null/x']), /can't read/);
});

/** As the server's own root. */
async function rootSql(statement) {
	const end = await run('mariadb', ['--no-defaults', '-N', '-B',
		'-S', join(natter.var, 'run/db.sock'), '-e', statement], { env: natter.env });
	assert.equal(end.code, 0, end.stderr);
	return end.stdout.trim();
}

/** An instance whose database is another one of the same server. */
async function elsewhere(name) {
	await rootSql(`CREATE DATABASE ${name} CHARACTER SET utf8mb4`
		+ ' COLLATE utf8mb4_unicode_520_ci;'
		+ ` GRANT ALL PRIVILEGES ON ${name}.* TO natter@localhost`);
	return another({ env: {
		NATTER_DATABASE_SOCKET: join(natter.var, 'run/db.sock'),
		NATTER_DATABASE_NAME: name,
		NATTER_DATABASE_PASSWORD_FILE: join(natter.var, 'secrets/db_password'),
	} });
}

test('on a server that was there already: what holds accounts is replaced only when told to',
	async () => {
		const other = await elsewhere('occupied');
		await other.cli(['migrate']);
		await other.cli(['user', 'add', 'somebody']);
		assert.match(await other.refused(['restore', file]), /1 accounts; --replace/);
		assert.match(await other.cli(['user', 'list']), /somebody/);
		const epoch = await rootSql("SELECT value FROM occupied.site WHERE name = 'epoch'");

		const visitor = run('mariadb', ['--no-defaults', '-S', join(natter.var, 'run/db.sock'),
			'-u', 'natter', 'occupied', '-e', 'DO SLEEP(60)'], { env: { ...natter.env,
			MYSQL_PWD: readFileSync(join(natter.var, 'secrets/db_password'), 'utf8').trim() } });
		await until('somebody else uses it', async () => Number(await rootSql('SELECT COUNT(*) FROM'
			+ " information_schema.processlist WHERE db = 'occupied'")) > 0);
		assert.match(await other.refused(['restore', '--replace', file]), /in use, by 1 connections/);
		assert.equal(await rootSql("SELECT value FROM occupied.site WHERE name = 'epoch'"), epoch);
		await rootSql(`KILL ${await rootSql('SELECT id FROM information_schema.processlist'
			+ " WHERE db = 'occupied'")}`);
		await visitor;

		await other.cli(['restore', '--replace', file]);
		assert.doesNotMatch(await other.cli(['user', 'list']), /somebody/);
		await rootSql('CREATE DATABASE strange; GRANT ALL ON strange.* TO natter@localhost;'
			+ ' CREATE TABLE strange.users (id INT PRIMARY KEY)');
		other.env.NATTER_DATABASE_NAME = 'strange';
		assert.match(await other.refused(['restore', '--replace', file]), /not Natter's/);
		assert.match(await other.refused(['backup', join(other.var, 'none.tar')]), /not Natter's/);
		assert.equal(await rootSql('SHOW TABLES FROM strange'), 'users');
	});

test('a role of natter run is in the way as well', async () => {
	const other = await elsewhere('roles');
	await other.cli(['migrate']);
	const running = other.natter(['run', 'push']);
	await until('it runs', () => existsSync(join(other.var, 'run/push.pid')));
	assert.match(await other.refused(['restore', file]), /a natter run holds .*natter-push\.lock/);
	const [pid] = readFileSync(join(other.var, 'run/natter-push.lock'), 'utf8').split('\n');
	other.signal(Number(pid), 'SIGTERM');
	assert.equal((await running).code, 0);
	await other.cli(['restore', file]);
});

test('killed at any step, restore is refused to everybody and repeated', async (t) => {
	const why = await untraceable();
	if (why !== null)
		return t.skip(why);
	const clean = join(natter.var, 'clean.tar');
	const again = join(natter.var, 'again.tar');
	const other = await elsewhere('killed');
	await other.cli(['restore', file]);
	await other.cli(['backup', clean]);
	const { data } = await manifestOf(clean);
	const empty = () => rootSql('DROP DATABASE killed; CREATE DATABASE killed CHARACTER SET utf8mb4'
		+ ' COLLATE utf8mb4_unicode_520_ci');
	await empty();
	const counted = await other.natter(['restore', clean],
		{ below: ['strace', '-qq', '-c', '-e', 'trace=sendto'] });
	const calls = Number(/^.* sendto$/m.exec(counted.stderr)[0].trim().split(/ +/)[3]);
	const seen = { refused: 0, closed: 0, before: 0, after: 0 };
	for (let nth = 1; nth <= calls; nth += Math.ceil(calls / KILLS)) {
		await empty();
		const end = await other.natter(['restore', clean],
			{ below: strace('-e', 'trace=sendto', '-e', `inject=sendto:signal=KILL:when=${nth}`) });
		assert.equal(end.signal, 'SIGKILL', `${nth}: ${end.stderr}`);
		const plan = await other.natter(['migrate', '--plan']);
		if (plan.code !== 0) {
			assert.match(plan.stderr, /restore was cut short; say natter restore/);
			seen.closed += (await other.natter(['user', 'list'])).code;
			assert.match(await other.refused(['backup', again]), /cut short/);
			seen.refused++;
			await other.cli(['restore', clean]);
		} else if (plan.stdout === 'schema\n') {
			seen.before++;
			await other.cli(['restore', clean]);
		} else {
			seen.after++;
		}
		await other.cli(['backup', again]);
		assert.equal((await manifestOf(again)).data, data, `killed at ${nth} of ${calls}`);
	}
	t.diagnostic(JSON.stringify({ calls, ...seen }));
	assert.ok(seen.refused > KILLS / 2 && seen.before > 0);
	assert.ok(seen.closed >= seen.refused - 1, 'only the last step is after the epoch');
});

test('the private database: a restore that is killed, and what is running', async (t) => {
	assert.match(await natter.refused(['restore', '--replace', file]), /in use by process/);
	const other = await another();
	const why = await untraceable();
	if (why !== null)
		return t.skip(why);
	const end = await other.natter(['restore', file],
		{ below: strace('-e', 'trace=sendto', '-e', 'inject=sendto:signal=KILL:when=60') });
	assert.equal(end.signal, 'SIGKILL', end.stderr);
	assert.match(await other.refused(['up']), /restore was cut short; say natter restore/);
	await other.cli(['restore', file]);
	await other.up();
	assert.match(await other.cli(['user', 'list']), new RegExp(` ${ann.username} `));
	await other.down();
	await other.cli(['backup', join(other.var, 'stopped.tar')]);
	assert.deepEqual(other.leftovers(), [], 'its database was stopped again');
});

test('a disk that is full or fails leaves the file that was there', async (t) => {
	const why = await untraceable();
	if (why !== null)
		return t.skip(why);
	const path = join(natter.var, 'precious.tar');
	writeFileSync(path, 'the one before');
	for (const [call, error] of [['write', 'ENOSPC'], ['fsync', 'EIO']]) {
		const end = await natter.natter(['backup', path], { below: strace('-P', `${path}.new`,
			'-e', `trace=${call}`, '-e', `inject=${call}:error=${error}`) });
		assert.equal(end.code, 1, end.stderr);
		assert.match(end.stderr, /can't write/);
		assert.equal(readFileSync(path, 'utf8'), 'the one before');
		assert.ok(!existsSync(`${path}.new`));
	}
});

test('whoever was connected loads afresh: nothing that has vanished stays, and no seq is skipped',
	async () => {
		const site = await another();
		await site.up();
		const [ann, bob] = await people(site, 'ann', 'bob');
		const talk = await startConversation(ann, bob);
		for (const text of ['one', 'two'])
			await say(ann, talk, text);
		const used = await signInCode(site, bob.username);
		const path = join(site.var, 'older.tar');
		await site.cli(['backup', path]);
		const browser = new Client(site, { browser: true });
		const redeem = { code: used, password: 'correct horse battery' };
		assert.equal((await browser.post('/links/redeem', redeem)).status, 201);
		const lost = await say(ann, talk, 'lost');
		const replica = await startReplica(bob);
		const { loads } = replica.counts;
		const waiting = bob.api.get(`/conversations/${talk}/events?after=${lost.seq}&wait=25`)
			.catch((error) => error);

		await site.down();
		await waiting;
		await site.cli(['restore', '--replace', path]);
		await site.up();
		expectProblem(await bob.api.get(`/conversations/${talk}/events?after=${lost.seq}&wait=25`),
			410, 'resync');
		assert.equal((await browser.get('/me')).status, 401, 'a later session is gone');
		assert.equal((await browser.post('/links/redeem', redeem)).status, 404,
			'a one-time link works once, whatever is restored');
		const said = await say(ann, talk, 'instead');
		assert.deepEqual([said.number, said.seq], [lost.number, lost.seq]);
		await replica.expectConverged();
		const texts = [...replica.conversations.get(talk).messages.values()].map((m) => m.text);
		assert.deepEqual(texts, ['one', 'two', 'instead']);
		assert.deepEqual((await allMessages(bob.api, talk)).map((m) => m.text), texts);
		assert.ok(replica.counts.loads > loads);
		const more = await say(ann, talk, 'and live');
		await until('the stream goes on', () => replica.conversations.get(talk).messages
			.get(more.number)?.text === 'and live');
		await replica.stop();
	});

test('another database behind the same address is noticed by all who were connected', async () => {
	const replica = await startReplica(ann);
	const { loads } = replica.counts;
	const epoch = 'f'.repeat(32);
	await natter.sql(`UPDATE site SET value = '${epoch}' WHERE name = 'epoch'`);
	await rootSql('KILL USER natter');
	await until('every worker has found it', async () => (await Promise.all(
		Array.from({ length: 30 }, () => ann.api.get('/me', { fresh: true, check: false }))))
		.every((answer) => answer.body.epoch === epoch));
	await until('the client has loaded afresh', () => replica.epoch === epoch
		&& replica.counts.loads > loads);
	await replica.expectConverged();
	await replica.stop();
});
