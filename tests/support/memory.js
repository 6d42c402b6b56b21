/* How much memory processes take, as the kernel counts it. */

import { readFileSync } from 'node:fs';

/** Proportional set size of processes, in KiB; NaN where that is a secret. */
export function memory(pids) {
	let sum = 0;
	for (const pid of pids) {
		try {
			const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
			sum += Number(/^Pss:\s+(\d+)/m.exec(text)[1]);
		} catch {
			return NaN;
		}
	}
	return sum;
}
