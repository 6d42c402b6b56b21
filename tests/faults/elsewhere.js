/*
 * A part of a run in a process of its own: in another namespace, or against
 * other programs than those that this process was started with.
 *
 *	const counts = await elsewhere('unshare', ['-m', 'node', 'disk.js'], {});
 *
 * What it prints last is the JSON of what it counted.
 */

import { spawn } from 'node:child_process';
import { root } from '../support/instance.js';

/** { code, said } of a program at its end. */
export function run(command, args, env = {}) {
	return new Promise((done, fail) => {
		const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env },
			stdio: ['ignore', 'pipe', 'pipe'] });
		let said = '';
		const kill = () => child.kill('SIGTERM');
		process.on('exit', kill);
		child.stdout.on('data', (data) => said += data);
		child.stderr.on('data', (data) => said += data);
		child.on('error', fail);
		child.on('close', (code) => {
			process.off('exit', kill);
			done({ code, said });
		});
	});
}

export async function elsewhere(command, args, env) {
	const { code, said } = await run(command, args, env);
	if (code !== 0)
		throw new Error(said.slice(0, 6000));
	return JSON.parse(said.trim().split('\n').at(-1));
}
