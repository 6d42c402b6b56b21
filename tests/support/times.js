/*
 * How long requests take, compared so that a busy machine does not matter.
 */

const ROUNDS = 8;
const DISTURBED = 1;

/** Medians of two requests in turns, so that both meet the same machine. */
async function medians(one, other, pairs) {
	const all = [[], []];
	for (let i = 0; i < pairs; i++)
		for (const n of i % 2 ? [0, 1] : [1, 0])
			all[n].push((await [one, other][n]()).ms);
	return all.map((list) => list.sort((a, b) => a - b)[pairs >> 1]);
}

/**
 * Whether two requests can be told apart by how long they take: by a fifth, in
 * the same direction, in the first and all but one of eight rounds, of which all
 * after the first look twice as long.  A busy machine disturbs some rounds,
 * either way; a difference shows in nearly all.
 */
export async function compareTimes(one, other, { pairs = 100 } = {}) {
	const rounds = [];
	for (;;) {
		const [a, b] = await medians(one, other, rounds.length > 0 ? 2 * pairs : pairs);
		rounds.push({ a, b });
		const others = [1, -1].map((side) => rounds.filter((round) =>
			side * (round.a - round.b) <= 0.2 * Math.min(round.a, round.b) + 0.05).length);
		const far = Math.min(...others) <= (rounds.length > 1 ? DISTURBED : 0);
		if (!far || rounds.length === ROUNDS)
			return { far, said: rounds.map((round) =>
				`${round.a.toFixed(2)} and ${round.b.toFixed(2)} ms`).join(', ') };
	}
}
