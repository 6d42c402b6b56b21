/*
 * make bench: measures Natter beside the parts that it is made of, on this
 * machine and in one run, prints tables and writes build/bench.json. With DOC=1
 * the tables go into docs/performance.md, too, and a picture beside it.
 *
 * BENCH_WINDOW_MS, BENCH_WARM_MS   one figure's times (3000, 1000)
 * BENCH_ROUNDS                     repetitions; the median one counts (1)
 * BENCH_ONLY                       figures to measure, names with commas
 */

import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { Files } from './files.js';
import { compare } from './goals.js';
import { build, end, heard, newInstance, root, run, sleep } from './instance.js';
import { Limits } from './limits.js';
import { makeConversations, makeUsers, STREAMS } from './people.js';
import { Bench } from './scenarios.js';
import { plot } from './plot.js';
import { measured, memory as memoryTable, ratios } from './table.js';

const HISTORY = 10_000;
const setting = (name, other) => Number(process.env[name] ?? other);
const times = { warm: setting('BENCH_WARM_MS', 1000), window: setting('BENCH_WINDOW_MS', 3000) };
const rounds = setting('BENCH_ROUNDS', 1);
const only = process.env.BENCH_ONLY?.split(',');
const say = (text) => process.stderr.write(`${text}\n`);

async function writeHistory(natter, files, { history }) {
	await run(join(build, 'bench/load'), ['--to', natter.address, '--senders', '8',
		'--requests', files.sends([history], 2), '--most', String(HISTORY),
		'--warm', '60000', '--window', '1']);
}

const minus = (a, b) => Object.fromEntries(Object.keys(b).map((key) => [key, a[key] - b[key]]));
const without = (memory) => Object.entries(memory)
	.filter(([role]) => role !== 'db').reduce((sum, [, kb]) => sum + kb, 0);

/** Proportional set sizes at rest, and with many streams that say nothing. */
async function weigh(natter, files, users) {
	await sleep(1500);
	const rest = natter.memory();
	const child = spawn(join(build, 'bench/load'), ['--hold', '--followers',
		files.followers(natter, users.slice(0, STREAMS))],
	{ stdio: ['pipe', 'pipe', 'inherit'] });
	const begun = performance.now();
	await heard(child, 'open');
	const opened_per_s = STREAMS / ((performance.now() - begun) / 1000);
	await sleep(1500);
	const idle = natter.memory();
	await end(child);
	return { rest, idle, streams: STREAMS, opened_per_s, rest_kb: without(rest),
		stream_kb: without(minus(idle, rest)) / STREAMS };
}

function median(runs) {
	return runs.sort((a, b) => a.rate - b.rate)[Math.floor(runs.length / 2)];
}

async function measure(bench) {
	const figures = bench.figures().filter(({ name }) => !only || only.includes(name));
	const runs = new Map(figures.map(({ name }) => [name, []]));
	for (let round = 0; round < rounds; round++)
		for (const { name, title, run: once } of figures) {
			const figure = await once();
			say(`  ${title}: ${Math.round(figure.rate)}/s, p50 ${figure.p50_ms} ms`);
			runs.get(name).push(figure);
		}
	return figures.map(({ name, title }) => ({ name, title, ...median(runs.get(name)) }));
}

function machine() {
	const version = (file, words, pattern) => run(file, words).then((text) =>
		pattern.exec(text)?.[0] ?? '', () => '');
	return Promise.all([version('mariadbd', ['--version'], /[\d.]+-MariaDB/),
		version('git', ['rev-parse', '--short', 'HEAD'], /\w+/)])
		.then(([database, commit]) => ({ processors: cpus().length, model: cpus()[0].model,
			memory_gb: Math.round(totalmem() / 2 ** 30), kernel: release(), database,
			commit, at: new Date().toISOString(), load_before: loadavg()[0], rounds, ...times }));
}

function report(result) {
	const { machine: m, starts, memory, figures, goals } = result;
	const foreign = figures.map((figure) => figure.foreign_cores ?? 0);
	return `Measured ${m.at.slice(0, 10)}${m.commit && ` at ${m.commit}`} on ${m.processors} x ${m.model}, `
		+ `${m.memory_gb} GB, Linux ${m.kernel}, ${m.database}; windows of ${m.window} ms after `
		+ `${m.warm} ms, ${m.rounds} round(s). Load average ${m.load_before.toFixed(1)} before, `
		+ `${m.load_after.toFixed(1)} after; `
		+ `others used ${number2(Math.min(...foreign))} to ${number2(Math.max(...foreign))} cores `
		+ `during a window (kernel threads included).${m.load_before > m.processors
			? ' The machine was busy with other work: rates are low and ratios rough.' : ''}\n\n`
		+ (goals ? `${ratios(goals)}\n\n![The figures as bars](performance.svg)\n\n` : '')
		+ `${measured(figures)}\n\n`
		+ `${memoryTable(memory)}\n\n`
		+ `At rest without the database: ${number2(memory.rest_kb / 1024)} MB. An idle stream, all `
		+ `processes together: ${number2(memory.stream_kb)} KB. Streams opened one after the other: `
		+ `${Math.round(memory.opened_per_s)}/s. First start: ${Math.round(starts.first)} ms; `
		+ `second start: ${Math.round(starts.second)} ms.\n`;
}

function number2(value) {
	return value.toFixed(2);
}

function document(result, text) {
	writeFileSync(join(root, 'docs/performance.svg'), plot(result));
	const file = join(root, 'docs/performance.md');
	const page = readFileSync(file, 'utf8');
	const [head, tail] = [page.indexOf('<!-- figures -->'), page.indexOf('<!-- end -->')];
	writeFileSync(file, `${page.slice(0, head)}<!-- figures -->\n\n${text}\n${page.slice(tail)}`);
}

async function main() {
	const result = { machine: await machine(), starts: {} };
	const natter = await newInstance();
	let limits = null;
	try {
		result.starts.first = await natter.up();
		const files = new Files(join(natter.var, 'tmp'));
		const users = await makeUsers(natter, STREAMS);
		const people = await makeConversations(natter, users);
		await writeHistory(natter, files, people);
		await natter.down();
		limits = new Limits(natter, join(natter.var, 'limits'));
		result.starts.second = await natter.up();
		result.memory = await weigh(natter, files, users);
		await limits.start();
		result.figures = await measure(new Bench(natter, limits, files, people, times));
	} finally {
		await limits?.stop();
		await natter.down();
		natter.remove();
	}
	if (only === undefined)
		result.goals = compare(Object.fromEntries(result.figures.map((figure) =>
			[figure.name, figure])), result.memory);
	result.machine.load_after = loadavg()[0];
	writeFileSync(join(build, 'bench.json'), JSON.stringify(result, null, '\t') + '\n');
	const text = report(result);
	process.stdout.write(text);
	if (process.env.DOC === '1')
		document(result, text);
}

await main();
