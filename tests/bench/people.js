/*
 * Who talks in the scenarios, and where. Users and tokens are put into the
 * database at once (a sign-up costs a password hash); conversations are made
 * by the API.
 */

import { createHash, randomBytes } from 'node:crypto';

export const STREAMS = 1000;
/** Held while somebody sends; five of each user. */
export const MANY_STREAMS = 5000;
const TALKERS = 50;
const ROOM = 100;

const secretOf = () => 'natter_' + randomBytes(32).toString('hex').slice(0, 43);

export async function makeUsers(natter, count) {
	const users = [];
	const now = Date.now();
	let sql = '';
	for (let i = 0; i < count; i++) {
		const token = secretOf();
		const id = 1000 + i;
		const hash = createHash('sha256').update(token).digest('hex');
		users.push({ id, token, hash, name: `Bench ${i}` });
		sql += 'INSERT INTO users (id, username, display_name, settings, created_at_ms) '
			+ `VALUES (${id}, 'bench${i}', 'Bench ${i}', '{}', ${now});\n`
			+ 'INSERT INTO tokens (token_hash, user_id, name, scopes, created_at_ms) '
			+ `VALUES (UNHEX('${hash}'), ${id}, 'bench', 3, ${now});\n`;
	}
	await natter.sql(`START TRANSACTION;\n${sql}COMMIT;\n`);
	return users;
}

async function group(natter, name, members) {
	const made = await natter.call('POST', '/conversations', members[0].token,
		{ kind: 'group', name, visibility: 'private',
			user_ids: members.slice(1).map((user) => user.id) });
	return { id: made.id, members };
}

/** All conversations of the scenarios. */
export async function makeConversations(natter, users) {
	const talkers = users.slice(0, TALKERS);
	const pair = await group(natter, 'pair', users.slice(0, 2));
	const room = await group(natter, 'room', users.slice(100, 100 + ROOM));
	const hot = await group(natter, 'hot', users.slice(60, 64));
	const history = await group(natter, 'history', users.slice(70, 72));
	const spread = [];
	for (let i = 0; i < TALKERS; i++)
		spread.push(await group(natter, `spread ${i}`,
			[0, 1, 7, 19].map((step) => talkers[(i + step) % TALKERS])));
	const lister = users[80];
	for (let i = 0; i < 200; i++) {
		const { id } = await group(natter, `list ${i}`, [lister, users[81]]);
		await natter.call('POST', `/conversations/${id}/messages`, users[81].token,
			{ text: `The last words in conversation ${i}.` });
	}
	return { users, pair, room, hot, history, spread, talkers, lister };
}
