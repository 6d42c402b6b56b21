/* live.js -- the session's life: load, follow the stream, notice what it lost. */

import { batch, signal } from '@preact/signals';
import * as api from '../api.js';
import { openEvents } from '../events.js';
import { ignoreUnreachable } from './apply.js';
import * as conversations from './conversations.js';
import * as drafts from './drafts.js';
import * as insisting from './insist.js';
import * as members from './members.js';
import * as notices from './notices.js';
import * as outbox from './outbox.js';
import * as people from './people.js';
import * as positions from './positions.js';
import * as reading from './reading.js';
import { loadMe, me, myId, status } from './session.js';
import * as sync from './sync.js';
import * as timelines from './timelines.js';
import * as typing from './typing.js';
import * as ui from './ui.js';

/** @typedef {import('../events.js').Rung} Rung */

/** @type {import('@preact/signals').Signal<Rung | 'connecting' | 'reconnecting'>} */
export const connection = signal('connecting');

/** Rises with every fresh start: what views hold from before is void. */
export const generation = signal(0);

/** A heartbeat that disagrees is believed if it still does after this. */
const disagreeMs = 2_000;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let disagreement;

/** @type {{ close: () => void } | null} */
let stream = null;

let openedBefore = false;

/** Is what is held here of another history, or another person's? */
let foreign = false;

/** Signed in: loads the list and opens the stream. */
export async function start() {
	const first = await loadMe();
	stop();
	sync.begin(first.epoch, first.last_seq);
	people.know([me.value]);
	drafts.loadDrafts();
	outbox.loadOutbox();
	generation.value++;
	status.value = 'signed_in';
	stream = openEvents({
		onEvents: receive,
		onOpen: opened,
		onClose() {
			connection.value = openedBefore ? 'reconnecting' : 'connecting';
			insisting.pause();
		},
		position: positions.position,
		onBehind: sync.catchUp,
	});
	await sync.catchUp();
}

/** Forgets everything that belongs to the session. */
export function stop() {
	stream?.close();
	stream = null;
	api.endSession();
	clearTimeout(disagreement);
	openedBefore = false;
	foreign = false;
	connection.value = 'connecting';
	batch(() => {
		for (const part of [insisting, sync, positions, conversations, timelines, members,
			people, typing, reading, drafts, outbox, notices, ui])
			part.reset();
	});
}

/** @param {Rung} rung */
async function opened(rung) {
	const again = openedBefore;
	openedBefore = true;
	connection.value = rung;
	await sync.catchUpAnew().catch(ignoreUnreachable);
	if (connection.value !== rung || foreign)
		return;
	insisting.goOn();
	if (again)
		notices.announce('Connected again.');
	outbox.flush();
	reading.tell();
}

/**
 * Everything that comes by the live stream.
 *
 * @param {StreamEvent[]} events
 */
function receive(events) {
	batch(() => {
		for (const event of events) {
			if (event.seq === undefined)
				ephemeral(event);
			else
				sync.receive(event);
		}
	});
}

/** @param {StreamEvent} event without a place in a stream */
function ephemeral(event) {
	if (sync.isOtherEpoch(event.epoch)) {
		startAfresh();
		return;
	}
	switch (event.type) {
	case 'hello':
		/* In another tab somebody else has signed in. */
		if (event.user_id !== undefined && event.user_id !== myId.value)
			startAfresh();
		break;
	case 'heartbeat':
		compare(event);
		break;
	case 'typing':
		typing.show(Number(event.conversation_id), Number(event.user_id));
		break;
	case 'presence':
		people.setPresence(Number(event.user_id), event.state ?? 'offline');
		break;
	case 'read':
		members.apply(Number(event.conversation_id), event);
		break;
	case 'session.ended':
		/* If it was this session, the answer says so. */
		api.getMe().catch(ignoreUnreachable);
		break;
	}
}

/**
 * A heartbeat tells what the server has. If that is not what is here, and
 * still isn't in a moment, something was lost on the way.
 *
 * @param {StreamEvent} beat
 */
function compare(beat) {
	const differs = () => beat.sum !== undefined && !sync.isBusy()
		&& (Number(beat.last_seq) > positions.position().after
			|| beat.sum !== positions.position().sum);
	clearTimeout(disagreement);
	if (!differs())
		return;
	const before = positions.position().sum;
	disagreement = setTimeout(() => {
		if (differs() && positions.position().sum === before)
			sync.catchUp().catch(ignoreUnreachable);
	}, disagreeMs);
}

/** Another history of the database, or another person: nothing held here may be kept. */
function startAfresh() {
	foreign = true;
	start().catch(ignoreUnreachable);
}

sync.onOtherEpoch(startAfresh);

outbox.onSent((message) => {
	sync.receivePosted(message);
	notices.announce('Sent.');
});
