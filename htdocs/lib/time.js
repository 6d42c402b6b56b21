/* Times as people read them, in the browser's language and zone. */

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const dayMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const fullDay = new Intl.DateTimeFormat(undefined,
	{ weekday: 'long', day: 'numeric', month: 'long' });
const fullDayYear = new Intl.DateTimeFormat(undefined,
	{ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

/** @param {string} at RFC 3339 */
export const clockTime = (at) => clock.format(new Date(at));

/** @param {string} at */
export const fullTime = (at) => full.format(new Date(at));

/** @param {string} at */
export const shortDate = (at) => date.format(new Date(at));

/**
 * The local day as a key that sorts, "2026-11-22".
 *
 * @param {string | Date} at
 */
export function dayKey(at) {
	const d = new Date(at);
	const two = (/** @type {number} */ n) => String(n).padStart(2, '0');
	return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

/**
 * How many local days ago it was; 0 is today.
 *
 * @param {string} at
 * @param {Date} now
 */
export function daysAgo(at, now) {
	const start = (/** @type {Date} */ d) =>
		Date.UTC(d.getFullYear(), d.getMonth(), d.getDate());
	return Math.round((start(now) - start(new Date(at))) / 86_400_000);
}

/**
 * The title of a day in the timeline.
 *
 * @param {string} at
 * @param {Date} now
 */
export function dayTitle(at, now) {
	const days = daysAgo(at, now);
	if (days === 0)
		return 'Today';
	if (days === 1)
		return 'Yesterday';
	const d = new Date(at);
	return (d.getFullYear() === now.getFullYear() ? fullDay : fullDayYear).format(d);
}

/**
 * The time in a row of the conversation list: as short as it is still clear.
 *
 * @param {string} at
 * @param {Date} now
 */
export function listTime(at, now) {
	const days = daysAgo(at, now);
	if (days <= 0)
		return clock.format(new Date(at));
	if (days < 7)
		return weekday.format(new Date(at));
	return dayMonth.format(new Date(at));
}

/**
 * "2 hours ago", "in 3 days".
 *
 * @param {string} at
 * @param {Date} now
 */
export function relativeTime(at, now = new Date()) {
	const seconds = (new Date(at).getTime() - now.getTime()) / 1000;
	const size = Math.abs(seconds);
	if (size < 60)
		return 'just now';
	if (size < 3_570)
		return relative.format(Math.round(seconds / 60), 'minute');
	if (size < 84_600)
		return relative.format(Math.round(seconds / 3600), 'hour');
	return relative.format(Math.round(seconds / 86_400), 'day');
}

/** Messages of one author within this time stand under one name. */
const groupMs = 5 * 60_000;

/**
 * Does b continue what a began?
 *
 * @param {Message | undefined} a
 * @param {Message} b
 */
export function continues(a, b) {
	return a !== undefined
		&& a.author.id === b.author.id
		&& !b.reply_to
		&& !a.deleted_at === !b.deleted_at
		&& Date.parse(b.created_at) - Date.parse(a.created_at) < groupMs
		&& dayKey(a.created_at) === dayKey(b.created_at);
}
