/*
 * Clients and streams that note every byte in the history, by whom and on
 * which road it came.
 */

import { Client } from '../support/http.js';
import { openEventSource, openWebSocket } from '../support/stream.js';
import { now } from './history.js';

export class TappedClient extends Client {
	constructor(site, { history, user, ...options }) {
		super(site, { check: false, ...options });
		this.history = history;
		this.user = user;
	}

	async send(method, path, body, options) {
		const began = now();
		const answer = await super.send(method, path, body, options);
		/* What one has just said oneself is no news. */
		if (method === 'GET')
			this.history.bytes(this.user, `${method} ${path.split('?')[0]}`, answer.text, began);
		const about = /\/conversations\/(\d+)/.exec(path);
		if (about !== null || /\/conversations$/.test(path))
			this.history.answers.push({ user: this.user, began, ended: now(), method, path,
				status: answer.status,
				about: about !== null ? [Number(about[1])]
					: answer.body?.items?.map((item) => item.id) ?? [] });
		return answer;
	}
}

/** Give a person a tapped client in place of the plain one. */
export function tap(history, person) {
	person.api = new TappedClient(person.natter, { history, user: person.id,
		token: person.token });
	return person;
}

const tapped = (open, kind) => async (client, path = '/events', options = {}) => {
	const { history, user } = client;
	const road = `stream ${kind} ${path}`;
	const stream = await open(client, path, options);
	const heard = stream.heard.bind(stream);
	for (const frame of stream.frames)
		history.bytes(user, road, frame);
	stream.heard = (text) => {
		history.bytes(user, road, text);
		heard(text);
	};
	return stream;
};

export const tappedWebSocket = tapped(openWebSocket, 'ws');
export const tappedEventSource = tapped(openEventSource, 'sse');
