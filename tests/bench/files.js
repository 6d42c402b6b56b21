/* What the programs in C are told: files of requests, followers and places. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const TEXT = 'n=%n a message of ordinary length, as people write them';

export class Files {
	constructor(folder) {
		this.folder = folder;
		this.count = 0;
	}

	write(lines) {
		const path = join(this.folder, `bench-${++this.count}`);
		writeFileSync(path, lines.map((line) => line.join('\t') + '\n').join(''));
		return path;
	}

	/** Sends into conversations, by their members in turn. */
	sends(conversations, authors = 1) {
		const lines = [];
		for (let author = 0; author < authors; author++)
			for (const { id, members } of conversations) {
				const key = `b${++this.count}-%n`;
				lines.push(['POST', `/api/v1/conversations/${id}/messages`,
					members[author].token, JSON.stringify({ text: TEXT, client_id: key })]);
			}
		return this.write(lines);
	}

	gets(path, token) {
		return this.write([['GET', path, token]]);
	}

	/** Streams of users. */
	followers(natter, users) {
		return this.write(users.map((user) =>
			[natter.address, '/api/v1/events', user.token]));
	}

	places(conversations) {
		return this.write(conversations.map(({ id, members: [author] }) =>
			[id, author.id, author.hash, author.name]));
	}

	/** Channels of the bare push nginx. */
	channels(socket, numbers) {
		return this.write(numbers.map((n) => [socket, `/s/u_${n}`]));
	}

	/** Publications of what pushd would publish for a send. */
	publications(sets) {
		return this.write(sets.map((numbers) => ['POST',
			`/pub?id=${numbers.map((n) => `u_${n}`).join(',')}`, '', this.event()]));
	}

	event() {
		const author = { id: 1000, username: 'bench0', display_name: 'Bench 0', kind: 'person' };
		return JSON.stringify({ type: 'message.posted', stream: 'u:1', seq: 1,
			at: '2026-01-01T00:00:00.000Z', actor_id: 1000, message: { id: 1,
				conversation_id: 1, number: 1, seq: 1, author, text: TEXT,
				html: `<p>${TEXT}</p>`, created_at: '2026-01-01T00:00:00.000Z',
				edited_at: null, deleted_at: null, reactions: [], files: [],
				client_id: 'bench-%n' } });
	}
}
