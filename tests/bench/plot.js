/*
 * The figures as one picture, an SVG: how close each comes to its goal, and which
 * process spends what on one send.
 */

const LABEL = 370, BAR = 460, ROW = 26, TOP = 34;
const COLOURS = { nginx: '#2a78a0', app: '#0b8a83', db: '#8a6d1f', pushd: '#7a4fa3', push: '#b0532f' };

const escape = (text) => String(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const text = (x, y, words, more = '') => `<text x="${x}" y="${y}" ${more}>${escape(words)}</text>`;
const rect = (x, y, width, fill, title) => `<rect x="${x}" y="${y}" width="${width.toFixed(1)}" `
	+ `height="16" rx="2" fill="${fill}"><title>${escape(title)}</title></rect>`;

/** 1 is the goal; more is better, whichever way the ratio goes. */
function closeness({ ratio, goal }) {
	const [, word, bound] = /^(at \w+) ([\d.]+)$/.exec(goal);
	return word === 'at least' ? ratio / bound : bound / ratio;
}

function goalBars(goals, top) {
	const rows = goals.filter(({ goal, ratio }) => !/ 0$/.test(goal) && Number.isFinite(ratio));
	const scale = BAR / 2;
	const bars = rows.map((row, i) => {
		const y = top + TOP + i * ROW;
		const far = Math.min(closeness(row), 2);
		return text(LABEL - 8, y + 13, row.name, 'text-anchor="end"')
			+ rect(LABEL, y, far * scale, row.verdict === 'met' ? '#0b8a83' : '#b0532f',
				`ratio ${row.ratio.toFixed(2)}, goal ${row.goal}`)
			+ text(LABEL + far * scale + 6, y + 13, row.ratio.toFixed(2));
	});
	const bottom = top + TOP + rows.length * ROW;
	const goal = LABEL + scale;
	return { bottom, svg: text(0, top + 16, 'Ratio to the limit; the line is the goal', 'font-weight="600"')
		+ bars.join('') + `<path d="M${goal} ${top + TOP - 6}V${bottom}" stroke="currentColor"/>` };
}

function costBars(figures, top) {
	const rows = figures.filter(({ name }) => /^send-(1|8|spread|hot|100)$/.test(name));
	const total = ({ cpu_us }) => Object.values(cpu_us).reduce((sum, us) => sum + us, 0);
	const scale = BAR / Math.max(...rows.map(total), 1);
	const bars = rows.map((row, i) => {
		const y = top + TOP + i * ROW;
		let x = LABEL;
		const parts = Object.entries(row.cpu_us).map(([role, us]) => {
			const part = rect(x, y, us * scale, COLOURS[role] ?? '#777', `${role} ${Math.round(us)} us`);
			x += us * scale;
			return part;
		});
		return text(LABEL - 8, y + 13, row.title.replace('Natter: ', ''), 'text-anchor="end"')
			+ parts.join('') + text(x + 6, y + 13, `${Math.round(total(row))} us`);
	});
	const legend = Object.entries(COLOURS).map(([role, colour], i) =>
		rect(LABEL + i * 80, top + 4, 14, colour, role) + text(LABEL + i * 80 + 18, top + 17, role));
	return { bottom: top + TOP + rows.length * ROW,
		svg: text(0, top + 16, 'Processor time of one send', 'font-weight="600"')
			+ legend.join('') + bars.join('') };
}

export function plot({ goals, figures }) {
	const first = goalBars(goals, 8);
	const second = costBars(figures, first.bottom + 20);
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LABEL + BAR + 90} ${second.bottom + 10}" `
		+ 'font-family="system-ui, sans-serif" font-size="12" fill="currentColor" '
		+ 'style="color:#444;background:#fff">\n'
		+ `${first.svg}\n${second.svg}\n</svg>\n`;
}
