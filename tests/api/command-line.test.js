/*
 * natter: what `up` prints, and every command as somebody types it.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readlinkSync, statSync, symlinkSync,
	writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Client } from '../support/http.js';
import { binaries, prepareInstance, root, sleep, startInstance, until } from '../support/instance.js';

const run = promisify(execFile);
let natter;

before(async () => {
	natter = await startInstance();
	await until('up says that it is ready', () => natter.upText().includes('Ctrl-C'));
});
after(() => natter?.stop());

const refused = (args, input) => natter.refused(args, input);

const signIn = (username, password) => new Client(natter, { browser: true })
	.post('/session', { username, password });

test('the curl line that up prints says something', async () => {
	const text = natter.upText();
	assert.match(text, new RegExp(`is ready: ${natter.url}\n`));
	const line = /^ {2}(curl .*)$/m.exec(text)[1];
	const { stdout } = await run('/bin/sh', ['-c', `${line} -s`]);
	const message = JSON.parse(stdout);
	assert.equal(message.text, 'Hello');
	assert.equal(message.author.username, 'admin');
});

test('the link that up prints works once', async () => {
	const code = /#\/welcome\/([A-Za-z0-9]{43})/.exec(natter.upText())[1];
	const browser = new Client(natter, { browser: true });
	const body = { code, password: 'a long enough one' };
	assert.equal((await browser.post('/links/redeem', body)).status, 201);
	assert.equal((await browser.get('/me')).body.user.username, 'admin');
	assert.equal((await browser.post('/links/redeem', body)).status, 404);
});

test('secrets and sockets are for nobody else', () => {
	for (const folder of ['run', 'run/push-pub', 'secrets', 'db'])
		assert.equal(statSync(join(natter.var, folder)).mode & 0o77, 0, folder);
	for (const file of ['secrets/curl-header', 'secrets/db_password'])
		assert.equal(statSync(join(natter.var, file)).mode & 0o77, 0, file);
});

test('user add with a password from standard input', async () => {
	assert.equal(await natter.cli(['user', 'add', 'Paula', '--password-stdin'],
		'correct horse\n'), '');
	assert.equal((await signIn('paula', 'correct horse')).status, 201);
	for (const [easy, why] of [['short\n', /8 to 256/], ['\n', /8 to 256/], ['password1\n', /easy to guess/],
		['paulina7\n', /easy to guess/]])
		assert.match(await refused(['user', 'add', 'paulina', '--password-stdin'], easy), why);
	assert.match(await refused(['user', 'add', 'paula']), /the name is taken/);
	assert.match(await refused(['user', 'add', 'x']), /2 to 32/);
	assert.match(await refused(['user', 'add', 'two words']), /2 to 32/);
});

test('user list, reset, disable and enable', async () => {
	await natter.cli(['user', 'add', 'quentin', '--admin']);
	await natter.cli(['user', 'add', 'robot', '--bot', '--display-name', 'The Robot']);
	const list = await natter.cli(['user', 'list']);
	assert.match(list, /^\d+ +quentin +person +yes +active +none /m);
	assert.match(list, /^\d+ +robot +bot +no +active +none /m);
	assert.match(await natter.cli(['user', 'reset', 'QUENTIN']),
		new RegExp(`^${natter.url}#/welcome/[A-Za-z0-9]{43}\n$`));
	await natter.cli(['user', 'disable', 'quentin']);
	assert.match(await natter.cli(['user', 'list']), /quentin +person +yes +disabled/);
	assert.match(await refused(['user', 'reset', 'quentin']), /disabled/);
	await natter.cli(['user', 'enable', 'quentin']);
	assert.match(await refused(['user', 'reset', 'robot']), /bot/);
	assert.match(await refused(['user', 'disable', 'nobody']), /there is none/);
});

test('token add: scopes and expiry count', async () => {
	const add = async (...args) => (await natter.cli(['token', 'add', 'a script',
		'--user', 'paula', ...args])).trim();
	const reader = new Client(natter, { token: await add('--scopes', 'read') });
	assert.equal((await reader.get('/me')).status, 200);
	assert.equal((await reader.patch('/me', { display_name: 'P' })).status, 403);
	const writer = new Client(natter, { token: await add('--expires', '1d') });
	assert.equal((await writer.patch('/me', { display_name: 'P' })).status, 200);
	assert.match(await refused(['token', 'add', 'x']), /--user/);
	assert.match(await refused(['token', 'add', 'x', '--user', 'paula', '--scopes', 'read,admin']),
		/paula is no administrator/);
	for (const wrong of [['--scopes', 'rite'], ['--expires', 'soon'],
		['--expires', '2001-01-01T00:00:00Z'], ['--conversation', '999999']])
		await refused(['token', 'add', 'x', '--user', 'paula', ...wrong]);
});

test('people see words, and natter.log keeps the lines', async () => {
	const made = await natter.natter(['token', 'add', 'audited', '--user', 'paula']);
	assert.equal(made.code, 0);
	assert.equal(made.stderr, '');
	assert.match(readFileSync(join(natter.var, 'log/natter.log'), 'utf8'),
		/^\{"at":.*"level":"info",.*"text":"token \d+ of user \d+ made"\}$/m);
	const other = await prepareInstance();
	for (const args of [['user', 'list'], ['doctor']]) {
		const said = await other.refused(args);
		assert.match(said, /^natter: database: cannot connect/);
		assert.doesNotMatch(said, /[{}]/);
	}
	await other.stop();
});

test('invite add prints the link and its code', async () => {
	const [url, code] = (await natter.cli(['invite', 'add', '--uses', '2'])).split('\n');
	assert.equal(url, `${natter.url}#/join/${code}`);
	const body = { username: 'gustav', password: 'a long enough one', invite: code };
	assert.equal((await new Client(natter, { browser: true }).post('/users', body)).status, 201);
	assert.match(await refused(['invite', 'add', '--uses', '0']), /--uses/);
});

test('doctor finds nothing wrong with what is running', async () => {
	const table = await natter.cli(['doctor']);
	assert.doesNotMatch(table, /^BAD/m);
	for (const what of ['database', 'flush at commit', 'schema', 'pushd', 'readyz'])
		assert.match(table, new RegExp(`^ok +${what} `, 'm'));
});

test('config check and dump', async () => {
	assert.match(await natter.cli(['config', 'check']), /right/);
	assert.match(await natter.cli(['config', 'dump']),
		new RegExp(`^listen = 127.0.0.1:${natter.port}$`, 'm'));
	assert.match(await natter.cli(['migrate']), /nothing to do/);
	for (const PORT of ['0', '99999', '808x']) {
		const { code, stdout, stderr } = await natter.natter(['config', 'check'],
			{ below: ['env', `PORT=${PORT}`] });
		assert.equal(code, 1);
		assert.equal(stdout + stderr, `natter: PORT is not a port number: ${PORT}\n`);
	}
});

test('another shell needs only VAR: the rest it takes from the running instance', async () => {
	const { stdout } = await run(join(binaries, 'natter'), ['user', 'reset', 'paula'],
		{ cwd: root, env: { PATH: process.env.PATH, VAR: natter.var } });
	assert.ok(stdout.startsWith(natter.url));
});

test('what it does not understand is named, and answered with the usage', async () => {
	for (const [args, line] of [
		[['fly'], 'natter: no such command: fly'],
		[['user'], 'natter: a word is missing after user'],
		[['user', 'fly', 'high'], 'natter: no such command: user fly'],
		[['user', 'add'], 'natter: a word is missing after add'],
		[['run'], 'natter: a word is missing after run'],
		[['ps', 'now'], 'natter: one word too many: now'],
		[['config', 'all'], 'natter: one word too many: all'],
		[['user', 'add', 'some', 'one'], 'natter: one word too many: one'],
		[['user', 'add', 'someone', '--uses', '3'], 'natter: not for this command: --uses'],
	])
		assert.ok((await refused(args)).startsWith(`${line}\nusage: natter `), line);
	assert.match(await refused(['ps', '--fly']), /'--fly'\nusage: natter /);
});

test('files that were closed when it was started are held by /dev/null', async () => {
	const other = await prepareInstance();
	const running = other.natter(['run', 'push'],
		{ below: ['/bin/sh', '-c', 'exec "$@" <&- >&- 2>&-', 'sh'] });
	await until('it runs', () => existsSync(join(other.var, 'run/push.pid')));
	const [pid] = readFileSync(join(other.var, 'run/natter-push.lock'), 'utf8').split('\n');
	for (const fd of [0, 1, 2])
		assert.equal(readlinkSync(`/proc/${pid}/fd/${fd}`), '/dev/null');
	other.signal(Number(pid), 'SIGTERM');
	assert.equal((await running).code, 0);
	await other.stop();
});

test('told to stop while the database starts for the first time, it ends in order', async () => {
	const other = await prepareInstance();
	const running = other.natter(['up']);
	/* It listens, but does not serve yet. */
	await until('the database listens', () => existsSync(join(other.var, 'run/db.sock')),
		{ timeout: 40_000, every: 1 });
	const [pid] = readFileSync(join(other.var, 'run/natter.lock'), 'utf8').split('\n');
	other.signal(Number(pid), 'SIGTERM');
	assert.equal((await running).code, 0);
	assert.match(readFileSync(join(other.var, 'log/db.log'), 'utf8'), /mariadbd: Shutdown complete/);
	await other.stop();
});

/** What `make install` makes, without the libraries of the page; its bin/. */
function installedWithoutLibraries(folder) {
	for (const part of ['bin', 'lib', 'share/natter/htdocs'])
		mkdirSync(join(folder, part), { recursive: true });
	copyFileSync(join(binaries, 'natter'), join(folder, 'bin/natter'));
	symlinkSync(binaries, join(folder, 'lib/natter'));
	for (const part of ['sql', 'nginx', 'docs'])
		symlinkSync(join(root, part), join(folder, 'share/natter', part));
	return join(folder, 'bin');
}

test('up without the libraries of the page says so before it makes a database', async () => {
	const other = await prepareInstance();
	other.programs = installedWithoutLibraries(join(other.var, 'installed'));
	const end = await other.natter(['up']);
	assert.equal(end.code, 1);
	assert.equal(end.stderr, "natter: the page's libraries are missing: make vendor\n");
	assert.ok(!existsSync(join(other.var, 'db/data')));
	await other.stop();
});

test('a signal HUP takes new settings and loses no request', async () => {
	const pids = await natter.pids('app');
	writeFileSync(join(natter.var, 'natter.conf'), '[site]\nname = Chatter\n');
	let asked = 0;
	let done = false;
	const asking = (async () => {
		while (!done) {
			assert.equal((await natter.admin.get('/me', { fresh: true })).status, 200);
			asked++;
			await sleep(5);
		}
	})();
	natter.signal(natter.child.pid, 'SIGHUP');
	await until('all workers are new', async () =>
		(await natter.pids('app')).every((pid) => !pids.includes(pid)), { timeout: 30_000 });
	done = true;
	await asking;
	assert.ok(asked > 0);
	await until('the new name is shown', async () =>
		(await natter.admin.get('/site')).body.name === 'Chatter');
	assert.equal((await natter.pids('app')).length, pids.length);
	assert.doesNotMatch(readFileSync(join(natter.var, 'log/nginx.log'), 'utf8'), /emerg/);
});

test('reload says why it can not be, and leaves all as it was', async () => {
	const pids = async () => (await natter.ps()).map(({ role, pid }) => `${role} ${pid}`).sort();
	/* It begins when the one by signal is over. */
	await natter.cli(['reload']);
	await until('what was replaced is gone', async () =>
		(await natter.pids('nginx')).length === 2 && (await natter.pids('pushd')).length === 1,
	{ timeout: 40_000 });
	const before = await pids();
	const settings = join(natter.var, 'natter.conf');
	const kept = readFileSync(settings, 'utf8');
	writeFileSync(settings, '[site]\ncolour = red\n');
	assert.match(await refused(['reload']), /natter.conf:2: \[site\] colour is not a setting/);
	writeFileSync(settings, kept);

	const nginx = join(natter.var, 'nginx.d', 'mine.conf');
	writeFileSync(nginx, 'gzip perhaps;\n');
	assert.match(await refused(['reload']), /invalid value "perhaps" in "gzip" directive/);
	writeFileSync(nginx, '');

	await natter.sql('ALTER TABLE reactions RENAME COLUMN emoji TO emblem');
	assert.match(await refused(['reload']), /the new app does not become ready, so the old one stays/);
	await natter.sql('ALTER TABLE reactions RENAME COLUMN emblem TO emoji');
	assert.deepEqual(await pids(), before);

	assert.equal(await natter.cli(['reload']), '');
	const after = await pids();
	assert.equal(after.filter((one) => /^app/.test(one) && before.includes(one)).length, 0);
	assert.deepEqual(after.filter((one) => /^(push|db) /.test(one)),
		before.filter((one) => /^(push|db) /.test(one)));
});
