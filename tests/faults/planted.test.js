/*
 * The oracle proves itself: each patch of planted/ puts a bug into a copy of
 * this tree, and the part of the short run that the patch names has to find
 * it.  Only what the patch touches is built again.
 */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { binaries, root } from '../support/instance.js';
import { run } from './elsewhere.js';

const folder = fileURLToPath(new URL('planted', import.meta.url));
const torture = fileURLToPath(new URL('torture.js', import.meta.url));
const FOLDERS = ['Makefile', 'cli', 'docs', 'fcgi-app', 'htdocs', 'lib', 'nginx', 'pushd', 'sql'];
/** build, build-asan: as it is called, so it was made. */
const B = basename(dirname(binaries));

let tree;

before(() => {
	tree = mkdtempSync(join(tmpdir(), 'nf-planted-'));
	for (const name of FOLDERS)
		cpSync(join(root, name), join(tree, name), { recursive: true, preserveTimestamps: true });
	mkdirSync(join(tree, B));
	/* -p: what is older than its source would be built again. */
	execFileSync('cp', ['-Rp', `${dirname(binaries)}/.`, join(tree, B)]);
});
after(() => rmSync(tree, { recursive: true, force: true }));

function patch(name, ...args) {
	const done = spawnSync('patch', ['-p1', '-F3', '--no-backup-if-mismatch', '-s', ...args,
		'-i', join(folder, name)], { cwd: tree, encoding: 'utf8' });
	assert.equal(done.status, 0, `${name} does not fit the source any more: `
		+ done.stdout + done.stderr);
}

async function build() {
	const made = await run('make', ['-s', '-C', tree, `B=${B}`,
		...B.includes('asan') ? ['SANITIZE=1'] : [], 'all']);
	assert.equal(made.code, 0, made.said);
}

for (const name of readdirSync(folder).filter((file) => file.endsWith('.patch')).sort()) {
	const text = readFileSync(join(folder, name), 'utf8');
	const [, part] = text.match(/^Found by: (\S+)$/m);

	test(`${basename(name, '.patch')}: ${text.split('\n')[0]}`, async (t) => {
		patch(name);
		try {
			await build();
			const { code, said } = await run(process.execPath, [torture, part],
				{ NATTER_BIN: join(tree, B, 'bin'), TORTURE_SEED: '1' });
			if (/^\S+ +seed 1 +skipped/m.test(said)) {
				t.skip(said.split('\n')[0]);
				return;
			}
			assert.equal(code, 1, `the oracle did not find it: ${said}`);
			assert.match(said, /^\S+ +seed 1 +FAILED .*\d+ violations/m, said);
			t.diagnostic(said.match(/^rule .*$/m)[0].slice(0, 200));
		} finally {
			patch(name, '-R');
		}
	});
}
