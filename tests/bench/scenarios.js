/*
 * Everything that is measured, in the order in which it is measured: each of
 * Natter's figures beside the limits that it is held against.
 *
 * A figure is {name, title, run}; run() answers what load or transaction
 * printed.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build, end, heard, run } from './instance.js';
import { MANY_STREAMS } from './people.js';

const SPAN = Array.from({ length: 100 }, (_, i) => i + 1);

export class Bench {
	constructor(natter, limits, files, people, times) {
		Object.assign(this, { natter, limits, files, people });
		this.times = ['--warm', String(times.warm), '--window', String(times.window)];
		this.runs = 0;
	}

	async load(to, ...args) {
		const figure = JSON.parse(await run(join(build, 'bench/load'),
			['--to', to, ...this.times, ...args.map(String)]));
		assert.equal(figure.errors, 0, 'every request is answered with 2xx');
		return figure;
	}

	/** Requests to the instance itself, and what the database did for each. */
	async send(senders, requests, ...args) {
		const before = await this.statements();
		const figure = await this.load(this.natter.address, '--senders', senders,
			'--requests', requests, ...this.natter.usage(), ...args);
		figure.statements = (await this.statements() - before) / figure.sent;
		return figure;
	}

	async statements() {
		const text = await this.natter.sql(
			"SHOW GLOBAL STATUS WHERE Variable_name = 'Com_stmt_execute'");
		return Number(text.trim().split('\t')[1]);
	}

	followed(users, copies) {
		return ['--followers', this.files.followers(this.natter, users),
			'--copies', copies];
	}

	/** The same beside many streams that nobody says anything on. */
	async sendBeside(streams, ...args) {
		const { users } = this.people;
		const held = Array.from({ length: streams }, (_, i) => users[users.length - 1 - i % 800]);
		const child = spawn(join(build, 'bench/load'),
			['--hold', '--followers', this.files.followers(this.natter, held)],
			{ stdio: ['pipe', 'pipe', 'inherit'] });
		try {
			await heard(child, 'open');
			return await this.send(...args);
		} finally {
			await end(child);
		}
	}

	/** The same request as a send, answered without a look. */
	hello(senders, method = 'sends') {
		const requests = method === 'sends'
			? this.files.sends([this.people.pair])
			: this.files.gets('/api/v1/hello', this.people.pair.members[0].token);
		return this.load(this.limits.address, '--senders', senders, '--requests',
			requests, ...this.limits.usage('nginx', 'app'));
	}

	fixed(senders) {
		return this.load(this.limits.address, '--senders', senders, '--requests',
			this.files.gets('/static', ''), ...this.limits.usage('nginx'));
	}

	async transaction(connections, conversations) {
		return JSON.parse(await run(join(build, 'bench/transaction'),
			['--socket', this.limits.database, '--user', 'natter',
				'--database', 'natter', '--connections', String(connections),
				'--plan', this.files.places(conversations), ...this.times,
				'--run', String(++this.runs), ...this.limits.usage('db')],
			{ env: { MYSQL_PWD: this.natter.password } }));
	}

	publish(senders, channels, sets, copies) {
		return this.load(this.limits.publish, '--senders', senders, '--requests',
			this.files.publications(sets), '--followers',
			this.files.channels(this.limits.subscribe, channels),
			'--copies', copies, ...this.limits.usage('push'));
	}

	/** Sets of four of fifty, as in the conversations of `spread`. */
	fours() {
		return this.people.spread.map((conversation) =>
			conversation.members.map((user) => this.people.talkers.indexOf(user) + 1));
	}

	figures() {
		const { pair, room, hot, history, spread, talkers, lister } = this.people;
		const fifty = SPAN.slice(0, 50);
		return [
			['static-1', 'nginx alone, 1 connection', () => this.fixed(1)],
			['hello-1', 'nginx + FastCGI hello, 1 connection', () => this.hello(1)],
			['transaction-1', 'transaction alone, 1 connection',
				() => this.transaction(1, [pair])],
			['nchan-1', 'Nchan alone, 1 publisher, 1 subscriber',
				() => this.publish(1, [1], [[1]], 1)],
			['send-1', 'Natter: 1 sender, 1 subscriber',
				() => this.send(1, this.files.sends([pair]),
					...this.followed([pair.members[1]], 1))],
			['nchan-100', 'Nchan alone, 8 publishers, 100 subscribers of one channel',
				() => this.publish(8, SPAN.map(() => 1), [[1]], 100)],
			['nchan-100-named', 'Nchan alone, 1 publisher, 100 channels a publication',
				() => this.publish(1, SPAN, [SPAN], 100)],
			['send-100', 'Natter: 8 senders, 100 subscribers',
				() => this.send(8, this.files.sends([room], 8),
					...this.followed(room.members, 100))],
			['send-8', 'Natter: 8 senders, 50 conversations of 4',
				() => this.send(8, this.files.sends(spread))],
			['send-8-streams', `Natter: the same beside ${MANY_STREAMS} idle streams`,
				() => this.sendBeside(MANY_STREAMS, 8, this.files.sends(spread))],
			['static-32', 'nginx alone, 32 connections', () => this.fixed(32)],
			['hello-32', 'nginx + FastCGI hello, 32 connections', () => this.hello(32)],
			['transaction-8', 'transaction alone, 8 connections, 50 conversations',
				() => this.transaction(8, spread)],
			['transaction-32', 'transaction alone, 32 connections, 50 conversations',
				() => this.transaction(32, spread)],
			['nchan-4', 'Nchan alone, 1 publisher, 4 of 50 channels a publication',
				() => this.publish(1, fifty, this.fours(), 4)],
			['send-spread', 'Natter: 32 senders, 50 conversations of 4',
				() => this.send(32, this.files.sends(spread),
					...this.followed(talkers, 4))],
			['transaction-hot-8', 'transaction alone, 8 connections, 1 conversation',
				() => this.transaction(8, [hot])],
			['transaction-hot-32', 'transaction alone, 32 connections, 1 conversation',
				() => this.transaction(32, [hot])],
			['send-hot', 'Natter: 32 senders, 1 conversation of 4',
				() => this.send(32, this.files.sends([hot], 4),
					...this.followed(hot.members, 4))],
			['hello-16', 'nginx + FastCGI hello, 16 connections, GET',
				() => this.hello(16, 'gets')],
			['history', 'Natter: page of 50 of 10,000 messages, 16 connections',
				() => this.send(16, this.files.gets(
					`/api/v1/conversations/${history.id}/messages`,
					history.members[0].token))],
			['list', 'Natter: list of 200 conversations, 4 connections',
				() => this.send(4, this.files.gets('/api/v1/conversations',
					lister.token))],
		].map(([name, title, measure]) => ({ name, title, run: measure }));
	}
}
