/* How much memory processes take, as the kernel counts it. */

import { readFileSync } from 'node:fs';

/** For an instance whose memory is looked at: a sanitizer does not keep what was
 * given back, nor remember from where it was taken. */
export const FRUGAL = { ASAN_OPTIONS: 'quarantine_size_mb=0:thread_local_quarantine_size_kb=0:'
	+ 'malloc_context_size=0' };

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
