/*
 * The database stopped, killed, restarted, read-only, full of connections,
 * deadlocked, locked, its sessions and statements killed, its disk slow or
 * stuck, dying within a COMMIT; and a database whose answers get lost.
 *
 *	const counts = await database({ seed, long });
 *
 * Under profile L and requests of every kind: no false answer, all of them
 * within 3 s, 503 with Retry-After, the same workers all the time, and 5 s after
 * a fault is over everything works, the streams too.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { sleep, startInstance, until } from '../support/instance.js';
import { openSql, startMariaDB } from '../support/mariadb.js';
import { ANSWER_MS, Asking } from './asking.js';
import { now, random } from './history.js';
import { runLoad, SHORT, textOf } from './load.js';
import { startProxy } from './proxy.js';
import { attach, whyNot } from './strace.js';
import { tappedEventSource, tappedWebSocket } from './tap.js';

const BACK_MS = 5000;
const RESTART_MS = 30_000;
const WORKERS = 12;
const LONG_S = 160;
const ROLES = ['app', 'auth', 'pushd', 'nginx', 'push'];

/** A statement of its own connection, again and again. */
async function again(natter, ms, pause, next) {
	const sql = openSql(join(natter.var, 'run/db.sock'), { database: 'natter' });
	for (const end = now() + ms; now() < end;) {
		for (const statement of await next(sql))
			await sql.ask(statement).catch(() => {});
		await sleep(pause());
	}
	await sql.close();
}

const sessions = (condition = 'TRUE') => `SELECT id FROM information_schema.processlist
	WHERE user = 'natter' AND ${condition}`;

const killing = (what, condition) => async (sql) =>
	(await sql.ask(sessions(condition))).map(([id]) => `KILL ${what} ${id}`);

/** Until the server is another one, and answers. */
async function restarted(natter, old) {
	await until('another database answers', async () => {
		const pids = await natter.pids('db');
		if (pids.length === 0 || pids.includes(old))
			return false;
		const sql = openSql(join(natter.var, 'run/db.sock'));
		const answers = await sql.ask('SELECT 1').then(() => true, () => false);
		await sql.close();
		return answers;
	}, { timeout: RESTART_MS });
}

async function end(signal, { natter, db }) {
	natter.signal(db, signal);
	await restarted(natter, db);
}

async function withVariable(root, name, value, ms, meanwhile = () => {}) {
	const [[before]] = await root.ask(`SELECT @@GLOBAL.${name}`);
	await root.ask(`SET GLOBAL ${name} = ${value}`);
	try {
		await meanwhile();
		await sleep(ms);
	} finally {
		await root.ask(`SET GLOBAL ${name} = ${before}`);
	}
}

/** Whoever says nothing holds a place, too. */
async function takeAllPlaces({ natter, root, ms }) {
	const [[most]] = await root.ask('SELECT @@max_connections');
	const kill = killing('CONNECTION');
	const sockets = new Set();
	for (const until = now() + ms; now() < until;) {
		while (sockets.size < Number(most) + 5) {
			const socket = net.connect(join(natter.var, 'run/db.sock'));
			socket.on('error', () => {});
			socket.on('close', () => sockets.delete(socket));
			socket.resume();
			sockets.add(socket);
		}
		for (const statement of await kill(root))
			await root.ask(statement).catch(() => {});
		await sleep(100);
	}
	for (const socket of sockets)
		socket.destroy();
}

/**
 * A send locks the conversation, then the member: this is the other way round.
 * The lighter transaction of the two is the victim, so the rows.
 */
async function cross({ natter, conversation, say, random: r, ms }) {
	const rows = Array.from({ length: 50 }, (_, i) => `('heavy ${i}', 0)`).join();
	const end = now() + ms;
	const saying = (async () => {
		while (now() < end)
			await say();
	})();
	await again(natter, ms, () => 10 * r.next(), () => [
		'START TRANSACTION',
		`INSERT INTO push_state VALUES ${rows}`,
		`SELECT COUNT(*) FROM members WHERE conversation_id = ${conversation} FOR UPDATE`,
		'DO SLEEP(0.05)',
		`SELECT last_seq FROM conversations WHERE id = ${conversation} FOR UPDATE`,
		'ROLLBACK']);
	await saying;
}

async function lockAll({ natter, ms }) {
	const sql = openSql(join(natter.var, 'run/db.sock'), { database: 'natter' });
	await until('all conversations are locked, and no deadlock took it back', async () => {
		await sql.ask('START TRANSACTION');
		return sql.ask('SELECT COUNT(*) FROM conversations FOR UPDATE').then(() => true, () => false);
	});
	await sleep(ms);
	await sql.ask('ROLLBACK');
	await sql.close();
}

/** A send that waits for its member's row has changed the conversation's. */
async function killHalfWay({ natter, ms }) {
	await Promise.all([
		again(natter, ms, () => 5, () => ['START TRANSACTION',
			'SELECT COUNT(*) FROM members FOR UPDATE', 'DO SLEEP(0.05)', 'ROLLBACK']),
		again(natter, ms, () => 10, killing('QUERY', "command <> 'Sleep'"))]);
}

async function delay(seconds, { db, ms }) {
	const tracer = await attach(db, ['-o', '/dev/null', '-e', 'trace=fsync,fdatasync,pwrite64',
		'-e', `inject=fsync,fdatasync,pwrite64:delay_enter=${seconds * 1e6}`]);
	await sleep(ms);
	await tracer.end();
}

/** It dies when the log goes to the disk: some have asked for COMMIT. */
async function dieInCommit({ natter, db, random: r }) {
	const knife = await attach(db, ['-o', '/dev/null', '-e', 'trace=fdatasync',
		'-e', `inject=fdatasync:signal=SIGKILL:when=${1 + r.below(20)}`]);
	await restarted(natter, db);
	await knife.end();
}

/**
 * strace: it takes one; unready: readyz has to name the database; logged: the
 * error that some worker has to meet.
 */
export const FAULTS = {
	'stopped': { unready: true, harm: async ({ natter, db, ms }) => {
		natter.signal(db, 'SIGSTOP');
		await sleep(ms + 3500);
		natter.signal(db, 'SIGCONT');
	} },
	'killed': { unready: true, harm: (scene) => end('SIGKILL', scene) },
	'restarted': { harm: (scene) => end('SIGTERM', scene) },
	'read-only': { unready: true, logged: 1290,
		harm: ({ root, ms }) => withVariable(root, 'read_only', 1, ms) },
	'too many connections': { unready: true, harm: takeAllPlaces },
	'deadlocks': { logged: 1213, harm: cross },
	'locks held': { logged: 1205, harm: lockAll },
	'sessions killed': { harm: ({ natter, random: r, ms }) =>
		again(natter, ms, () => 100 * r.next(), killing('CONNECTION')) },
	'statements killed': { logged: 1317, harm: killHalfWay },
	'slow disk': { strace: true, harm: (scene) => delay(0.1, scene) },
	'stuck disk': { strace: true, harm: (scene) => delay(9, { ...scene, ms: scene.ms + 2500 }) },
	'dies in a COMMIT': { strace: true, harm: dieInCommit },
};

class Scene {
	constructor(run, r) {
		Object.assign(this, { run, natter: run.natter, history: run.history, random: r });
		this.faults = 0;
		this.recovered_ms = 0;
		this.skipped = [];
	}

	async prepare() {
		this.socket = join(this.natter.var, 'run/db.sock');
		const talk = this.run.schedule.talks[0];
		[this.ann, this.bob] = talk.members.map((i) => this.run.people[i]);
		this.conversation = this.run.conversations[0];
		this.streams = [await tappedWebSocket(this.bob.api), await tappedEventSource(this.bob.api)];
		this.asking = new Asking(this.history, this.natter, this.ann, this.conversation);
		await this.asking.start();
		this.before = await this.processes();
	}

	async processes() {
		const all = await this.natter.ps();
		return all.filter(({ role }) => ROLES.includes(role)).map(({ role, pid }) => `${role} ${pid}`)
			.sort().join('\n');
	}

	met(number) {
		const log = readFileSync(join(this.natter.var, 'log/app.log'), 'utf8');
		return log.split(`database: ${number} `).length - 1;
	}

	async suffer(name, ms) {
		const { harm, strace, unready, logged } = FAULTS[name];
		const [db] = await this.natter.pids('db');
		const why = strace ? await whyNot(db) : null;
		if (why !== null) {
			this.skipped.push(`${name}: ${why}`);
			return;
		}
		const before = logged && this.met(logged);
		this.root = openSql(this.socket);
		this.history.fault(name, 'begins');
		this.asking.mark(name);
		this.faults++;
		await harm({ ...this, say: () => this.say(), db, ms });
		this.history.fault(name, 'is over');
		if (unready && this.asking.unready?.database !== false)
			this.history.violation('readyz', `${name}: readyz did not name the database`);
		await this.recover(name);
		await this.root.close();
		if (logged && this.met(logged) === before)
			this.history.violation('fault', `${name}: no worker met ${logged}`);
	}

	/** Until it is answered; its text. */
	async say() {
		const key = this.random.key();
		const text = textOf(key, 20);
		const operation = this.history.begin(this.ann.id, 'post',
			{ conversation: this.conversation, key, text });
		await this.history.surely(operation, (how) => this.ann.api.post(
			`/conversations/${this.conversation}/messages`, { text, client_id: key }, how));
		return text;
	}

	/** Everybody is served, and hears what is said. */
	async recover(name) {
		const began = now();
		const path = `/conversations/${this.conversation}`;
		const { last_seq } = (await this.history.surely(this.history.begin(this.bob.id, 'look', {}),
			(how) => this.bob.api.get(path, how))).body;
		const poll = this.history.surely(this.history.begin(this.bob.id, 'look', {}), (how) =>
			this.bob.api.get(`${path}/events?after=${last_seq}&wait=5`, how));
		const text = await this.say();
		await poll;
		const failed = (error) => this.history.violation('5 s', `${name}: ${error.message}`);
		for (const stream of this.streams)
			await stream.expectEvent('message.posted', (e) => e.message.text === text,
				{ timeout: BACK_MS }).catch(failed);
		await until('readyz', async () => (await this.ann.api.page('readyz')).status === 200,
			{ timeout: BACK_MS, every: 10 }).catch(failed);
		const took = Math.round(now() - began);
		this.recovered_ms = Math.max(this.recovered_ms, took);
		this.asking.count.back_ms = Math.max(this.asking.count.back_ms ?? 0, took);
		if (took > BACK_MS)
			this.history.violation('5 s', `${name}: works again after ${took} ms`);
	}

	async end() {
		await this.asking.stop();
		for (const stream of this.streams)
			await stream.close();
		assert.equal(await this.processes(), this.before, 'the same processes as before');
	}
}

/** What has to be true of every attempt of the load. */
function expectInTime(history) {
	let slowest = 0;
	for (const { op, attempts } of history.operations)
		for (const attempt of attempts) {
			const ms = attempt.ended - attempt.began;
			if (op === 'look')
				continue;	/* waits as long as it was told to */
			slowest = Math.max(slowest, ms);
			if (ms > ANSWER_MS || attempt.status === 0)
				history.violation('3 s', `${op}: ${attempt.error ?? attempt.status} after `
					+ `${Math.round(ms)} ms`);
		}
	return Math.round(slowest);
}

/** The private database, and every fault on it. */
async function ownDatabase({ seed, long }) {
	const r = random(seed ^ 0x510e527f);
	const chosen = process.env.TORTURE_FAULTS?.split(',').filter((name) => name in FAULTS);
	const names = chosen?.length > 0 ? chosen : Object.keys(FAULTS);
	const natter = await startInstance({ env: { NATTER_INSTANCE_WORKERS: String(WORKERS) } });
	try {
		let scene, slowest_answer_ms;
		const counts = await runLoad(natter, { seed, name: 'database', profile: { ...SHORT,
			seconds: long ? LONG_S : 24, drop: 0 } }, async (run) => {
			scene = new Scene(run, r);
			await scene.prepare();
			do {
				for (const name of [...names].sort(() => r.next() - 0.5))
					await scene.suffer(name, long ? 1000 + 4000 * r.next() : 1500);
			} while (long && now() - run.began < (LONG_S - 30) * 1000);
			await scene.end();
			await run.playing;
			await Promise.all(run.pending);
			slowest_answer_ms = expectInTime(run.history);
		});
		return { database_faults: scene.faults, recovered_ms: scene.recovered_ms,
			slowest_answer_ms,
			asked: scene.asking.counts, ...scene.skipped.length > 0 && { left_out: scene.skipped },
			...counts };
	} finally {
		await natter.stop();
	}
}

/** An existing server, and a road on which answers get lost. */
async function existingDatabase({ seed, long }) {
	const r = random(seed ^ 0x9b05688c);
	const server = await startMariaDB({ flags: ['--log-bin', '--sync-binlog=1', '--server-id=1'] });
	const root = openSql(server.socket);
	let proxy, natter;
	try {
		await root.ask(`CREATE DATABASE natter CHARACTER SET utf8mb4;
			CREATE USER natter@localhost; GRANT ALL ON natter.* TO natter@localhost`);
		proxy = await startProxy(server.socket, r);
		natter = await startInstance({ env: { NATTER_DATABASE_SOCKET: proxy.socket,
			NATTER_INSTANCE_WORKERS: String(WORKERS) } });
		const seconds = long ? 40 : 5;
		const counts = await runLoad(natter, { seed, name: 'answers-lost', profile: { ...SHORT,
			users: 6, many: 1, five: 1, direct: 2, rate: 60, seconds, drop: 0 } }, async (run) => {
			proxy.lose = 0.1;
			await sleep(seconds * 700);
			proxy.lose = 0;
			run.history.fault('database', 'is silent');
			proxy.silent = true;
			await sleep(1000);
			proxy.silent = false;
			await run.playing;
			await Promise.all(run.pending);
			expectInTime(run.history);
		});
		assert.ok(proxy.lost > 0, 'some answers were lost');
		return { answers_lost: proxy.lost, repeated: counts.repeated, messages: counts.messages };
	} finally {
		await natter?.stop();
		proxy?.stop();
		await root.close();
		await server.stop();
	}
}

export async function database({ seed, long = false }) {
	const own = await ownDatabase({ seed, long });
	const existing = await existingDatabase({ seed, long });
	return { ...own, existing, answers_lost: existing.answers_lost,
		messages: own.messages + existing.messages };
}
