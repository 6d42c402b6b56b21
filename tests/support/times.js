/*
 * How long requests take, compared so that a busy machine does not matter.
 */

const ROUNDS = 8;

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
 * the same direction, in each of eight rounds.  A busy machine disturbs some
 * rounds, either way; a difference is there in all.
 */
export async function compareTimes(one, other, { pairs = 100 } = {}) {
	const rounds = [];
	for (;;) {
		const [a, b] = await medians(one, other, pairs);
		rounds.push({ a, b });
		const side = Math.sign(rounds[0].a - rounds[0].b);
		const far = side * (a - b) > 0.2 * Math.min(a, b) + 0.05;
		if (!far || rounds.length === ROUNDS)
			return { far, said: rounds.map((round) =>
				`${round.a.toFixed(2)} and ${round.b.toFixed(2)} ms`).join(', ') };
	}
}
