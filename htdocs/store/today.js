/* today.js -- the local day, which changes while a page stays open. */

import { signal } from '@preact/signals';
import { dayKey } from '../lib/time.js';

/** Another value only on another day: what says "Today" says it anew. */
export const today = signal(new Date());

setInterval(() => {
	const now = new Date();
	if (dayKey(now) !== dayKey(today.value))
		today.value = now;
}, 30_000);
