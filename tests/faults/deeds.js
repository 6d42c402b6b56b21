/*
 * What the people of a walk (page.js) do: at their page, by the API as anybody
 * or another device would, and to the processes.  Each deed has its weight and
 * takes numbers from r only; its answer is what came of it, false for nothing.
 */

import { createGroup, startConversation } from '../support/people.js';
import { harm } from './kit.js';

const MOST_TALKS = 9;
const EMOJI = ['👍', '❤️', '🎉', '👀'];

/** The first word of a text. */
export const keyOf = (text) => text.split(/\s/)[0];

async function offline(reader, yes) {
	reader.trouble.offline = yes;
	await reader.page.context().setOffline(yes);
	return yes ? 'offline' : 'online';
}

async function send(walk, reader, deed, args, more) {
	const text = walk.textOf(reader.person, more);
	if (!await reader.ask(deed, ...args, text))
		return false;
	walk.sent.add(keyOf(text));
	return keyOf(text);
}

/** [weight, (walk, r, reader) => ...] */
export const byPage = {
	open: [14, (walk, r, reader) => reader.ask('open', r.next())],
	link: [8, (walk, r, reader) => reader.ask('follow', r.next(), `/m/${1 + r.below(90)}`)],
	panel: [6, (walk, r, reader) => reader.ask('follow', r.next(), '/info')],
	elsewhere: [2, (walk, r, reader) => reader.ask('go', `#/c/${r.pick(walk.talks).id}`)],
	home: [2, (walk, r, reader) => reader.ask('go', '#/')],
	scroll: [14, (walk, r, reader) => reader.ask('scroll', r.pick([-5, -2, -0.7, 0.7, 2, 5]))],
	'to the end': [4, (walk, r, reader) => reader.ask('toEnd')],
	earlier: [2, (walk, r, reader) => reader.ask('earlier')],
	again: [2, (walk, r, reader) => reader.ask('again')],
	write: [16, (walk, r, reader) => send(walk, reader, 'send', [], 'at the page')],
	edit: [6, (walk, r, reader) => reader.ask('edit', r.next(),
		` by ${reader.person.username} `, `by ${reader.person.username} edited ${r.below(1e6)}`)],
	reply: [4, (walk, r, reader) => send(walk, reader, 'reply', [r.next()], 'in reply')],
	react: [5, (walk, r, reader) => reader.ask('react', r.next(), r.below(4))],
	counter: [8, (walk, r, reader) => reader.ask('counter', r.next())],
	remove: [3, async (walk, r, reader) => {
		const key = await reader.ask('remove', r.next(), ` by ${reader.person.username} `);
		walk.deleted.add(key);
		return key;
	}],
	cancel: [2, (walk, r, reader) => reader.ask('cancel')],
	unread: [3, (walk, r, reader) => reader.ask('unread', r.next())],
	retry: [1, (walk, r, reader) => reader.ask('retry')],
	mine: [2, (walk, r, reader) => reader.ask('mine', r.next())],
	back: [4, (walk, r, reader) => reader.ask('back')],
	forward: [2, (walk, r, reader) => reader.ask('forward')],
	reload: [3, (walk, r, reader) => !reader.trouble.offline && reader.reload()],
	line: [5, (walk, r, reader) => offline(reader, !reader.trouble.offline)],
};

/** One of the newest messages of a conversation that pleases. */
async function choose(r, person, { id }, pleases = () => true) {
	const page = await ask(person, 'GET', `/conversations/${id}/messages?limit=20`);
	const list = page.body?.items?.filter((m) => m.deleted_at === null && pleases(m)) ?? [];
	return r.pick(list);
}

/** Refused or not: the page has to show what came of it. */
const ask = (person, method, path, body) =>
	person.api.request(method, path, body, { check: false });

const told = (what, { status }) => `${what}: ${status}`;

/** [weight, (walk, r, person, talk) => ...] */
export const byApi = {
	burst: [30, async (walk, r, person, talk) => {
		const n = 1 + r.below(6);
		for (let i = 0; i < n; i++)
			await walk.post(person, talk.id, r.chance(0.2) ? `look, @${r.pick(walk.people).username}`
				: `one of ${n}\n\n- with\n- a list`);
		return `${n} messages`;
	}],
	edit: [10, async (walk, r, person, talk) => {
		const message = await choose(r, person, talk, (m) => m.author.id === person.id);
		return message && told(message.number, await ask(person, 'PATCH', `/messages/${message.id}`,
			{ text: `${keyOf(message.text)} by ${person.username} changed to **${r.below(1e6)}**`
				+ (r.chance(0.3) ? ` for @${r.pick(walk.people).username}` : '') }));
	}],
	erase: [5, async (walk, r, person, talk) => {
		const message = await choose(r, person, talk, (m) => m.author.id === person.id);
		if (!message)
			return false;
		walk.deleted.add(keyOf(message.text));
		return told(message.number, await ask(person, 'DELETE', `/messages/${message.id}`));
	}],
	react: [12, async (walk, r, person, talk) => {
		const message = await choose(r, person, talk);
		return message && told(message.number, await ask(person, r.chance(0.6) ? 'PUT' : 'DELETE',
			`/messages/${message.id}/reactions/${encodeURIComponent(r.pick(EMOJI))}`));
	}],
	read: [10, async (walk, r, person, talk) => {
		const { body } = await ask(person, 'GET', `/conversations/${talk.id}`);
		const number = Math.floor(r.next() * ((body?.last_number ?? 0) + 1));
		return told(number, await ask(person, 'PUT', `/conversations/${talk.id}/read`,
			r.chance(0.4) ? { number, back: true } : { number }));
	}],
	member: [14, async (walk, r, person, { owner, id }) => {
		const who = r.pick(walk.people.filter((p) => p !== owner));
		return r.chance(0.55) ? told(`${who.username} in`, await ask(owner, 'POST',
			`/conversations/${id}/members`, { user_id: who.id }))
			: told(`${who.username} out`, await ask(owner, 'DELETE',
				`/conversations/${id}/members/${who.id}`));
	}],
	role: [3, async (walk, r, person, { owner, id }) => {
		const who = r.pick(walk.people.filter((p) => p !== owner));
		return told(who.username, await ask(owner, 'PATCH', `/conversations/${id}/members/${who.id}`,
			{ role: r.pick(['admin', 'member']) }));
	}],
	rename: [6, async (walk, r, person, { owner, id }) => told('', await ask(owner, 'PATCH',
		`/conversations/${id}`, r.chance(0.6) ? { name: `Group ${r.below(1e6)}` }
			: { topic: `Topic ${r.below(1e6)}` }))],
	archive: [3, async (walk, r, person, { owner, id }) => {
		const archived = r.chance(0.4);
		return told(archived, await ask(owner, 'PATCH', `/conversations/${id}`, { archived }));
	}],
	found: [3, async (walk, r, person) => {
		if (walk.talks.length >= MOST_TALKS)
			return false;
		const others = walk.people.filter((p) => p !== person && r.chance(0.7));
		const id = r.chance(0.7) ? await createGroup(person, others)
			: await startConversation(person, r.pick(walk.people));
		if (!walk.talks.some((talk) => talk.id === id))
			walk.talks.push({ owner: person, id });
		return id;
	}],
	call: [7, async (walk, r, person) => told('', await ask(person, 'PATCH', '/me',
		{ display_name: `${person.username} ${r.below(1e6)}` }))],
};

/** [weight, (walk) => ...], while the others go on */
export const byFault = {
	pushd: [2, (walk) => harm['kill pushd'](walk)],
	reload: [1, (walk) => walk.natter.cli(['reload'])],
};

/** Names by their weights. */
export const weighed = (table) =>
	Object.entries(table).flatMap(([name, [weight]]) => Array(weight).fill(name));
