/* apply.js -- what an event means for every part of the store. */

import { batch } from '@preact/signals';
import * as api from '../api.js';
import { mentions } from '../lib/text.js';
import * as conversations from './conversations.js';
import { insist } from './insist.js';
import * as members from './members.js';
import * as outbox from './outbox.js';
import * as people from './people.js';
import { dropPosition, idOf, streamOf } from './positions.js';
import * as reading from './reading.js';
import { reduceConversation, reduceRead } from './reduce.js';
import { loadMe, me } from './session.js';
import * as timelines from './timelines.js';
import * as typing from './typing.js';

/** @type {(message: Message) => void} */
let arrived = () => {};

/**
 * @param {(message: Message) => void} handler gets each new message once
 * @returns {() => void} ends it
 */
export function onArrived(handler) {
	arrived = handler;
	return () => {
		arrived = () => {};
	};
}

/** @param {StreamEvent} event the next of its stream */
export function apply(event) {
	const stream = String(event.stream);
	if (stream.startsWith('u:'))
		applyMine(event);
	else
		applyShared(idOf(stream), event);
}

/**
 * A change the server has confirmed, before its event is here.
 *
 * @param {number} conversation_id
 * @param {StreamEvent} event without seq
 */
export function applyNow(conversation_id, event) {
	const user = me.value;
	const timeline = timelines.timelineOf(conversation_id);
	const known = timeline?.items.value.find((m) => m.id === event.message?.id);
	if (!user || (known && event.message && isLater(known, event.message)))
		return;
	batch(() => {
		timeline?.apply(event);
		conversations.change(conversation_id, (c) => reduceConversation(c, event, user));
	});
}

/**
 * Is what is here newer than an answer that came late?
 *
 * @param {Message} known
 * @param {Message} answer
 */
const isLater = (known, answer) => !!known.deleted_at
	|| Date.parse(known.edited_at ?? known.created_at) > Date.parse(answer.edited_at ?? answer.created_at);

/** @param {number} id a conversation I am no longer in */
export function gone(id) {
	dropPosition(streamOf(id));
	conversations.remove(id);
	timelines.drop(id);
	members.drop(id);
	reading.forget(id);
}

/**
 * @param {number} id
 * @param {StreamEvent} event
 */
function applyShared(id, event) {
	const user = me.value;
	if (!user)
		return;
	if (event.type === 'member.removed' && event.user_id === user.id) {
		gone(id);
		return;
	}
	people.know([event.user, event.message?.author]);
	conversations.change(id, (c) => reduceConversation(c, event, user));
	timelines.timelineOf(id)?.apply(event);
	members.apply(id, event);
	if (event.type === 'message.posted' && event.message) {
		typing.hide(id, event.message.author.id);
		outbox.settle(event.message);
		arrived(event.message);
	}
	if (event.type === 'message.edited' || event.type === 'message.deleted')
		changedUnread(id, event, user);
}

/**
 * An unread message changed: only the server knows whether it mentioned me.
 *
 * @param {number} id
 * @param {StreamEvent} event
 * @param {User} user
 */
function changedUnread(id, event, user) {
	const c = conversations.conversationById(id);
	if (c && Number(event.message?.number ?? event.number) > c.read_number
		&& (c.mentions > 0 || mentions(event.message?.html ?? '', user.username)))
		reading.recountLater(id);
}

/** @param {StreamEvent} event */
function applyMine(event) {
	switch (event.type) {
	case 'conversation.left':
		gone(Number(event.conversation_id));
		break;
	case 'read.moved': {
		const id = Number(event.conversation_id);
		const number = Number(event.read_number);
		conversations.change(id, (c) => reduceRead(c, number));
		const c = conversations.conversationById(id);
		if (c && (c.mentions > 0 || number < c.read_number))
			reading.recountLater(id);
		break;
	}
	case 'notify.changed': {
		const { notify } = event;
		if (notify)
			conversations.change(Number(event.conversation_id), (c) => ({ ...c, notify }));
		break;
	}
	case 'user.updated':
		insist('me', loadMe);
		break;
	case 'session.ended':
		/* If it was this session, the answer says so. */
		api.getMe().catch(ignoreUnreachable);
		break;
	}
}

/** @param {unknown} error of a request that the next connect makes again */
export function ignoreUnreachable(error) {
	if (!(error instanceof api.ApiError))
		throw error;
}
