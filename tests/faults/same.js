/*
 * Does a page show what a fresh one shows, and what the server says?
 *
 *	differences(walked, fresh, truth)	[] if all is the same
 *	await truthOf(person, fresh)		what the API says of the same place
 */

import { allMessages } from '../support/people.js';

const WIDTH = 400;

async function get(person, path) {
	const answer = await person.api.get(path);
	if (answer.status !== 200)
		throw new Error(answer.text);
	return answer.body;
}

const activity = (c) => c.last_message?.created_at ?? c.active_at ?? '';

/** The rows in the order of the list: favourites, others, archived. */
function arranged(items, { favourites = [], hidden = {} }, open) {
	const sorted = [...items].sort((a, b) => (activity(b) < activity(a) ? -1
		: activity(b) > activity(a) ? 1 : b.id - a.id));
	const active = sorted.filter((c) => !c.archived
		&& (c.id === open || (hidden[c.id] ?? -1) < c.last_number));
	return [...active.filter((c) => favourites.includes(c.id)),
		...active.filter((c) => !favourites.includes(c.id)), ...sorted.filter((c) => c.archived)];
}

export async function truthOf(person, open) {
	const { user, settings } = await get(person, '/me');
	const { items } = await get(person, '/conversations');
	const title = (c) => (c.kind === 'group' ? c.name
		: c.peer.id === user.id ? 'Notes to myself' : c.peer.display_name);
	const truth = { me: user.display_name, messages: new Map(), members: null,
		rows: arranged(items, settings, open).map((c) => ({ id: c.id, name: title(c),
			unread: String(c.unread), mentioned: c.mentions > 0 && c.unread > 0 && c.kind === 'group',
			muted: c.notify === 'nothing' })) };
	if (!items.some((c) => c.id === open))
		return truth;
	truth.members = (await get(person, `/conversations/${open}/members`)).items;
	for (const message of await allMessages(person.api, open))
		truth.messages.set(message.number, message);
	return truth;
}

/** How somebody is called is told while they are members. */
function named(look, truth) {
	const known = new Set(truth.members?.map((m) => m.user.id));
	const stays = (user) => user && known.has(user.id);
	return look.articles.map((a) => {
		const { author, reply_to } = truth.messages.get(a.number) ?? {};
		return { ...a, name: stays(author) ? a.name : '',
			quote: a.quote && { ...a.quote, name: stays(reply_to?.author) ? a.quote.name : '' } };
	});
}

/** What the API says, in the words of a look. */
function articleTold({ number, id, deleted_at, edited_at, reply_to, reactions }) {
	return { number, id, deleted: deleted_at !== null,
		edited: deleted_at === null && edited_at !== null,
		quoted: reply_to?.number ?? 0, quoted_deleted: reply_to?.deleted ?? false,
		reactions: deleted_at === null ? reactions.map((r) => `${r.emoji} ${r.count}`).sort() : [] };
}

const articleShown = ({ number, id, html, edited, quote, reactions }) => ({ number, id,
	deleted: html === null, edited, quoted: Number(quote?.href.split('/').at(-1) ?? 0),
	quoted_deleted: quote?.text === 'Message deleted',
	reactions: reactions.map((r) => r.split(' ').slice(0, 2).join(' ')).sort() });

function compare(what, one, other, found) {
	const [a, b] = [one, other].map((value) => JSON.stringify(value) ?? 'undefined');
	if (a !== b)
		found.push(`${what}: ${a.slice(0, WIDTH)}, and not ${b.slice(0, WIDTH)}`);
}

function compareLists(what, key, one, other, found) {
	compare(`${what}, in order`, one.map((x) => x[key]), other.map((x) => x[key]), found);
	const others = new Map(other.map((x) => [x[key], x]));
	for (const x of one)
		if (others.has(x[key]))
			compare(`${what} ${x[key]}`, x, others.get(x[key]), found);
}

/** Typing is no state, and a draft is only in one browser. */
const rows = (look, other) => look.rows.map((row) => {
	const twin = other.rows.find((o) => o.id === row.id);
	return row.preview === null || twin?.preview === null ? { ...row, preview: null } : row;
});

export function differences(walked, fresh, truth) {
	const found = [];
	for (const what of ['title', 'me', 'open', 'missing', 'head', 'state'])
		compare(what, walked[what], fresh[what], found);
	compareLists('row', 'id', rows(walked, fresh), rows(fresh, walked), found);
	const first = Math.max(walked.articles[0]?.number ?? 0, fresh.articles[0]?.number ?? 0);
	const end = (look) => (look.atEnd ? Infinity : look.articles.at(-1)?.number);
	const last = Math.min(end(walked), end(fresh));
	const shared = (look) => named(look, truth).filter((a) => a.number >= first && a.number <= last);
	compareLists('message', 'number', shared(walked), shared(fresh), found);
	if (walked.panel && fresh.panel) {
		compare('panel', { ...walked.panel, members: 0 }, { ...fresh.panel, members: 0 }, found);
		compareLists('member', 'username', walked.panel.members, fresh.panel.members, found);
	}
	for (const [whose, look] of [['', walked], ['fresh ', fresh]])
		compareWithTruth(whose, look, truth, found);
	return found;
}

function compareWithTruth(whose, look, truth, found) {
	const shown = look.rows.map(({ preview, ...row }) => row);
	compareLists(`${whose}row by the API`, 'id', shown, truth.rows, found);
	compare(`${whose}me by the API`, look.me, truth.me, found);
	if (!look.open)
		return;
	const numbers = look.articles.map((a) => a.number);
	compareLists(`${whose}message by the API`, 'number', look.articles.map(articleShown),
		[...truth.messages.values()].filter((m) => m.number >= (numbers[0] ?? 0)
			&& (look.atEnd || m.number <= numbers.at(-1))).map(articleTold), found);
	for (const { number, name, html } of named(look, truth)) {
		const message = truth.messages.get(number);
		if (message && name)
			compare(`${whose}author of ${number}`, name, message.author.display_name, found);
		const key = message?.text.split(/\s/)[0] ?? '';
		if (message && html !== null && !html.includes(key))
			found.push(`${whose}message ${number} has not ${key}: ${html.slice(0, WIDTH)}`);
	}
	if (look.panel?.members.length > 0 && truth.members)
		compareLists(`${whose}member by the API`, 'username',
			[...look.panel.members].sort((a, b) => (a.username < b.username ? -1 : 1)),
			truth.members.map((m) => ({ username: m.user.username, name: m.user.display_name,
				role: m.role })).sort((a, b) => (a.username < b.username ? -1 : 1)), found);
}
