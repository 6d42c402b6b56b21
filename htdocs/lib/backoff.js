/**
 * How many milliseconds to wait before try number n (0 first): 200 to 500,
 * doubling to 30 s, with jitter so that a thousand clients don't come back
 * at once.
 *
 * @param {number} n
 * @param {() => number} random
 */
export function backoff(n, random = Math.random) {
	return Math.min(30_000, 500 * 2 ** n) * (0.4 + 0.6 * random());
}
