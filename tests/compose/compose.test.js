/*
 * What runs in the containers, from outside: run by tests/compose.sh, in the
 * network namespace where the port is published.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { before, test } from 'node:test';
import { promisify } from 'node:util';
import { Client } from '../support/http.js';
import { root, sleep, until } from '../support/instance.js';
import { expectMessage, signUp, startConversation } from '../support/people.js';
import { openWebSocket } from '../support/stream.js';

const execute = promisify(execFile);

async function compose(...args) {
	return (await execute('docker-compose', args, { cwd: root })).stdout;
}

/** Ids of the containers; `docker` is much faster than `docker-compose`. */
const ids = new Map();

async function docker(verb, service, before, after) {
	if (!ids.has(service))
		ids.set(service, (await compose('ps', '-q', service)).trim());
	return (await execute('docker', [verb, ...before, ids.get(service), ...after])).stdout.trim();
}

const inspect = (service, format) => docker('inspect', service, ['-f', format], []);
const inside = (service, ...words) => docker('exec', service, [], words);

/** The instance in the containers, for the verbs of tests/support/people.js. */
const natter = {
	port: Number(process.env.NATTER_PORT),
	path: '/',
	origin: `http://127.0.0.1:${process.env.NATTER_PORT}`,
	people: 0,
	cli: (args) => compose('exec', '-T', 'app', 'natter', ...args),
};

const probe = new Client(natter, { check: false });
const ready = (timeout = 60_000) => until('readyz says 200', async () => {
	try {
		return (await probe.page('readyz', { timeout: 3000 })).status === 200;
	} catch {
		return false;
	}
}, { timeout, every: 250 });

const RUNNING = ['web', 'push', 'app', 'pushd', 'db'];
let ann, bob, talk, stream, first;

before(() => ready());

async function say(text) {
	const answer = await ann.api.post(`/conversations/${talk}/messages`,
		{ text, client_id: text.replaceAll(' ', '-') });
	if (answer.status === 503)
		return null;
	assert.ok([200, 201].includes(answer.status), answer.text);
	return answer.body;
}

test('the migration is done, and everything else healthy', async () => {
	assert.equal(await inspect('migrate', '{{.State.Status}} {{.State.ExitCode}}'), 'exited 0');
	for (const service of RUNNING)
		await until(`${service} is healthy`, async () =>
			await inspect(service, '{{.State.Health.Status}}') === 'healthy', { timeout: 40_000, every: 500 });
});

test('nobody is root, may write to the image or has a capability', async () => {
	for (const service of RUNNING) {
		const status = await inside(service, 'cat', '/proc/self/status');
		assert.doesNotMatch(status, /^Uid:\t0/m, service);
		assert.match(status, /^CapEff:\t0+$/m, service);
		assert.match(status, /^CapBnd:\t0+$/m, service);
		assert.match(status, /^NoNewPrivs:\t1$/m, service);
		await assert.rejects(inside(service, 'touch', '/usr/x'), service);
	}
});

test('only web is published', async () => {
	for (const service of RUNNING) {
		const ports = await inspect(service, '{{json .NetworkSettings.Ports}}');
		assert.equal(/HostPort/.test(ports), service === 'web', `${service}: ${ports}`);
	}
});

test('two people sign up by invitation', async () => {
	const link = await natter.cli(['user', 'add', 'boss', '--admin']);
	assert.match(link, new RegExp(`${natter.origin}/#/`));
	for (const stem of ['ann', 'bob']) {
		const { browser, user } = await signUp(natter, { stem });
		const person = { api: browser, id: user.id };
		if (stem === 'ann')
			ann = person;
		else
			bob = person;
	}
	const page = await ann.api.page('');
	assert.match(page.text, /<!doctype html>/i);
	assert.match(page.headers['content-security-policy'], /sha256-/);
});

test('a message of one arrives at the other over WebSocket', async () => {
	talk = await startConversation(ann, bob);
	stream = await openWebSocket(bob.api);
	first = await say('across containers');
	const event = await stream.expectEvent('message.posted', (e) => e.message.id === first.id);
	assert.equal(event.message.text, 'across containers');
});

test('kill -9 of the database: it comes back, nothing is lost, people go on', async () => {
	const started = await inspect('db', '{{.State.StartedAt}}');
	/* The container ends, and with it the shell that asked for it. */
	await inside('db', 'sh', '-c', 'kill -9 $(cat /run/mysqld/mysqld.pid)').catch(() => {});
	await until('the database was started again', async () =>
		/^true /.test(await inspect('db', '{{.State.Running}} {{.State.StartedAt}}'))
		&& await inspect('db', '{{.State.StartedAt}}') !== started, { timeout: 20_000, every: 200 });
	await ready();
	await expectMessage(bob, talk, 'across containers');
	const second = await until('a message is taken', () => say('after the crash'),
		{ timeout: 20_000, every: 500 });
	assert.equal(second.number, first.number + 1);
	const event = await stream.expectEvent('message.posted', (e) => e.message.id === second.id);
	assert.equal(event.seq, first.seq + 1, 'the same socket hears the next event');
});

test('kill -9 of workers, pushd and push: each comes back, messages go on', async () => {
	for (const [service, what] of [['app', '/usr/lib/natter/natter-app'],
		['pushd', '/usr/lib/natter/natter-pushd'], ['push', 'nginx:']]) {
		await inside(service, 'sh', '-c', 'for p in /proc/[0-9]*; do '
			+ `case $(tr '\\0' ' ' <$p/cmdline) in ${what}*) kill -9 \${p#/proc/};; esac; done; true`);
		await sleep(200);
	}
	await ready();
	stream = await until('a new stream', () => openWebSocket(bob.api).catch(() => null),
		{ timeout: 20_000, every: 500 });
	const third = await until('a message is taken', () => say('all new'), { timeout: 20_000, every: 500 });
	await stream.expectEvent('message.posted', (e) => e.message.id === third.id);
	await stream.close();
});

test('down and up again: everything is still there', async () => {
	await compose('down', '-t', '20');
	await compose('up', '-d', '--no-build');
	await ready();
	await expectMessage(bob, talk, 'all new');
	assert.ok(await say('the next day'));
});
