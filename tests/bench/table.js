/* The figures as Markdown tables, for the terminal and for docs/. */

function number(value) {
	if (value === undefined || Number.isNaN(value))
		return '';
	if (value >= 100 || Number.isInteger(value))
		return Math.round(value).toLocaleString('en');
	return value.toFixed(value >= 10 ? 1 : 2);
}

function table(head, align, rows) {
	const all = [head, ...rows];
	const widths = head.map((_, i) => Math.max(3, ...all.map((row) => String(row[i]).length)));
	const line = (row) => '| ' + row.map((cell, i) => align[i] === 'l'
		? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i])).join(' | ') + ' |';
	const rule = '| ' + widths.map((width, i) => align[i] === 'l'
		? '-'.repeat(width) : '-'.repeat(width - 1) + ':').join(' | ') + ' |';
	return [line(head), rule, ...rows.map(line)].join('\n');
}

const pair = (figure, prefix) => figure[`${prefix}p50_ms`] === undefined ? ''
	: `${number(figure[`${prefix}p50_ms`])} / ${number(figure[`${prefix}p99_ms`])}`;

const cpu = (figure) => Object.entries(figure.cpu_us)
	.map(([role, us]) => `${role} ${Math.round(us)}`).join(', ');

export function ratios(rows) {
	return table(['what', 'Natter', 'limit', 'unit', 'ratio', 'goal', ''], 'lrrlrll',
		rows.map((row) => [row.name, number(row.value), number(row.limit), row.unit,
			number(row.ratio), row.goal, row.verdict]));
}

export function measured(figures) {
	return table(['what', 'per second', 'p50 / p99 ms', 'deliveries/s',
		'delivery p50 / p99 ms', 'CPU us each'], 'lrrrrl',
	figures.map((figure) => [figure.title, number(figure.rate), pair(figure, ''),
		number(figure.deliveries), pair(figure, 'delivery_'), cpu(figure)]));
}

export function memory({ rest, idle, streams }) {
	const roles = Object.keys(rest);
	return table(['process', 'at rest, MB', `per idle stream of ${streams}, KB`], 'lrr',
		roles.map((role) => [role, number(rest[role] / 1024),
			number((idle[role] - rest[role]) / streams)]));
}
