/*
 * What Natter's figures are held against: the composite limits that follow
 * from the parts, and the goals as ratios.
 */

/** Parts that one after the other use the same processors. */
const together = (...rates) => 1 / rates.reduce((sum, rate) => sum + 1 / rate, 0);

const best = (...figures) => Math.max(...figures.map((figure) => figure.rate));

/**
 * [{name, value, limit, unit, ratio, goal, verdict}]. Where the system does not
 * tell (memory of others' processes), there is no verdict.
 */
export function compare(figure, memory) {
	const rows = [];
	const row = (name, value, limit, unit, word, goal, ratio = value / limit) => {
		const met = word === 'at least' ? ratio >= goal : ratio <= goal;
		rows.push({ name, value, limit, unit, ratio, goal: `${word} ${goal}`,
			verdict: Number.isNaN(ratio) ? '' : met ? 'met' : 'missed' });
	};

	const spread = together(figure['hello-32'].rate,
		best(figure['transaction-8'], figure['transaction-32']), figure['nchan-4'].rate);
	row('50 conversations x 4 members, 32 senders', figure['send-spread'].rate, spread,
		'sends/s', 'at least', 0.9);
	const hot = together(figure['hello-32'].rate,
		best(figure['transaction-hot-8'], figure['transaction-hot-32']), figure['nchan-4'].rate);
	row('one hot conversation, 32 senders', figure['send-hot'].rate, hot,
		'sends/s', 'at least', 0.85);
	row('one sender: POST to 201, p50', figure['send-1'].p50_ms,
		figure['hello-1'].p50_ms + figure['transaction-1'].p50_ms, 'ms', 'at most', 1.2);
	row('one sender: on the socket after the 201, p50', figure['send-1'].behind_p50_ms, 0.1,
		'ms', 'at most', 1);
	row('100 subscribers, 8 senders', figure['send-100'].deliveries,
		figure['nchan-100'].deliveries, 'deliveries/s', 'at least', 0.55);
	row('100 subscribers: deliveries out of order', figure['send-100'].disordered, 0,
		'', 'at most', 0, figure['send-100'].disordered);
	row('history page of 50', figure.history.rate, figure['hello-16'].rate, 'requests/s',
		'at least', 0.5);
	row('conversation list of 200: statements', figure.list.statements, 3, '',
		'at most', 1);
	row('8 senders beside 5,000 idle streams: POST to 201, p99',
		figure['send-8-streams'].p99_ms, figure['send-8'].p99_ms, 'ms', 'at most', 1.5);
	row('idle stream, all processes', memory.stream_kb, 20, 'KB', 'at most', 1);
	row('at rest, without the database', memory.rest_kb / 1024, 40, 'MB', 'at most', 1);
	return rows;
}
