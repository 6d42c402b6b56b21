/*
 * reduce.js -- what an event changes, as pure functions: the state before and
 * the event give the state after. Applying an event twice changes nothing
 * more, so a page that was loaded a moment too late or too early is put right
 * by applying the events that came meanwhile.
 */

import { mentions, sameEmoji, shorten } from '../lib/text.js';

/**
 * A conversation's own entry. Counts are exact only if every event comes once
 * and in order, which the caller sees to.
 *
 * @param {Conversation} c
 * @param {StreamEvent} event
 * @param {User} me
 * @returns {Conversation}
 */
export function reduceConversation(c, event, me) {
	switch (event.type) {
	case 'message.posted': {
		const message = /** @type {Message} */ (event.message);
		if (message.number <= c.last_number)
			return c;
		const mine = message.author.id === me.id;
		const told = { ...c, last_message: message, last_number: message.number };
		return mine || message.number <= c.read_number
			? moveRead(told, Math.max(message.number, c.read_number)) : {
				...told,
				unread: message.number - c.read_number,
				mentions: c.mentions + (mentions(message.html, me.username) ? 1 : 0),
			};
	}
	case 'message.edited':
		return c.last_message && c.last_message.id === event.message?.id
			? { ...c, last_message: event.message } : c;
	case 'message.deleted':
		return c.last_message && c.last_message.id === event.message_id
			? { ...c, last_message: emptied(c.last_message, event.at) } : c;
	case 'member.added':
		return { ...withName(c, event.user), member_count: c.member_count + 1 };
	case 'member.removed':
		return { ...c, member_count: Math.max(0, c.member_count - 1) };
	case 'member.changed':
		return event.user_id === me.id && event.role ? { ...c, role: event.role } : c;
	case 'conversation.updated':
		return event.conversation ? shared(c, event.conversation) : c;
	case 'user.updated':
		return withName(c, event.user);
	default:
		return c;
	}
}

/**
 * @param {User} old
 * @param {User} user
 * @returns {User}
 */
const renamed = (old, user) => (old.id === user.id ? { ...old, ...user } : old);

/**
 * An event has a user as they are called now.
 *
 * @param {Conversation} c
 * @param {User | undefined} user
 * @returns {Conversation}
 */
function withName(c, user) {
	const { peer, last_message } = c;
	return user ? {
		...c,
		peer: peer && renamed(peer, user),
		last_message: last_message && { ...last_message, author: renamed(last_message.author, user) },
	} : c;
}

/**
 * Takes over what all members see alike. It is told as it is now: whoever came
 * or went since is yet to be counted, by events of their own.
 *
 * @param {Conversation} c
 * @param {Conversation} update
 */
function shared(c, update) {
	const { name, topic, visibility, archived } = update;
	return { ...c, name, topic, visibility, archived: archived ?? c.archived };
}

/**
 * The mark may be ahead of the entry: a page of messages can be here before
 * their events are.
 *
 * @param {Conversation} c
 * @param {number} number
 * @returns {Conversation} the same entry if nothing changes
 */
export function reduceRead(c, number) {
	return number <= c.read_number ? c : moveRead(c, number);
}

/**
 * Forward or back; mentions above a mark in the middle are not known here.
 *
 * @param {Conversation} c
 * @param {number} read_number
 * @returns {Conversation}
 */
export function moveRead(c, read_number) {
	const unread = Math.max(0, c.last_number - read_number);
	return { ...c, read_number, unread, mentions: unread === 0 ? 0 : c.mentions };
}

/**
 * The loaded messages.
 *
 * @param {Message[]} items in order of number, without gaps
 * @param {StreamEvent} event
 * @param {number} my_id
 * @param {boolean} open do they reach to the newest message?
 * @returns {Message[]} the same array if nothing changes
 */
export function reduceMessages(items, event, my_id, open) {
	switch (event.type) {
	case 'message.posted': {
		const message = /** @type {Message} */ (event.message);
		const last = items.at(-1);
		if (!open || (last ? message.number !== last.number + 1 : message.number !== 1))
			return items;
		return [...items, withMine(message, my_id)];
	}
	case 'message.edited': {
		const message = /** @type {Message} */ (event.message);
		return change(requote(items, message.id, (quote) =>
			({ ...quote, text: shorten(message.text, 200) })), message.id, (old) =>
			({ ...old, ...message, reactions: old.reactions }));
	}
	case 'message.deleted': {
		const id = event.message_id;
		return change(requote(items, id, (quote) =>
			({ id: quote.id, number: quote.number, deleted: true })), id, (old) =>
			emptied(old, event.at));
	}
	case 'reaction.added':
	case 'reaction.removed':
		return change(items, event.message_id, (old) => {
			const reactions = reduceReactions(old.reactions, event, my_id);
			return reactions === old.reactions ? old : { ...old, reactions };
		});
	case 'member.added':
	case 'user.updated': {
		const { user } = event;
		return !user ? items : items.map((m) => (m.author.id === user.id || m.reply_to?.author?.id === user.id ? {
			...m,
			author: renamed(m.author, user),
			reply_to: m.reply_to?.author
				? { ...m.reply_to, author: renamed(m.reply_to.author, user) } : m.reply_to,
		} : m));
	}
	default:
		return items;
	}
}

/**
 * A copy with another item at that place.
 *
 * @template T
 * @param {T[]} list
 * @param {number} at
 * @param {T} item
 */
const replaced = (list, at, item) => list.map((old, i) => (i === at ? item : old));

/**
 * @param {Message[]} items
 * @param {number | undefined} id
 * @param {(old: Message) => Message} with_
 */
function change(items, id, with_) {
	const at = items.findIndex((m) => m.id === id);
	if (at < 0)
		return items;
	const message = with_(items[at]);
	return message === items[at] ? items : replaced(items, at, message);
}

/**
 * @param {Message[]} items
 * @param {number | undefined} id
 * @param {(old: Quote) => Quote} with_
 */
function requote(items, id, with_) {
	if (!items.some((m) => m.reply_to?.id === id))
		return items;
	return items.map((m) => (m.reply_to && m.reply_to.id === id
		? { ...m, reply_to: with_(m.reply_to) } : m));
}

/**
 * @param {Message} message
 * @param {string | undefined} at
 * @returns {Message}
 */
function emptied(message, at) {
	return {
		...message, text: '', html: '', reactions: [],
		deleted_at: message.deleted_at ?? at ?? new Date().toISOString(),
	};
}

/**
 * This one's own, whatever its form, as the server has it; else the same form, else another one.
 *
 * @param {Reaction[]} reactions
 * @param {string} emoji
 * @param {number} user_id
 */
export const findReaction = (reactions, emoji, user_id) =>
	reactions.find((r) => sameEmoji(r.emoji, emoji) && r.user_ids.includes(user_id))
	?? reactions.find((r) => r.emoji === emoji)
	?? reactions.find((r) => sameEmoji(r.emoji, emoji));

/**
 * @param {Reaction[]} reactions
 * @param {StreamEvent} event
 * @param {number} my_id
 */
function reduceReactions(reactions, event, my_id) {
	const { emoji, user_id } = event;
	if (!emoji || !user_id)
		return reactions;
	const old = findReaction(reactions, emoji, user_id);
	const has = old?.user_ids.includes(user_id) ?? false;
	if (has === (event.type === 'reaction.added'))
		return old?.hoped && !event.hoped ? placed(reactions, old) : reactions;
	const user_ids = has ? (old?.user_ids ?? []).filter((id) => id !== user_id)
		: [...old?.user_ids ?? [], user_id];
	const next = { emoji: old?.emoji ?? emoji, count: user_ids.length, user_ids, mine: user_ids.includes(my_id) };
	if (!old)
		return [...reactions, event.hoped ? { ...next, hoped: true } : next];
	if (old.hoped && !has)
		return placed(reactions, next, old);
	return user_ids.length ? reactions.map((r) => (r === old ? next : r))
		: reactions.filter((r) => r !== old);
}

/**
 * Shown before the server had it, a reaction gets its place when it is told.
 *
 * @param {Reaction[]} reactions
 * @param {Reaction} reaction
 * @param {Reaction} old
 */
function placed(reactions, reaction, old = reaction) {
	const { hoped: _, ...told } = reaction;
	return [...reactions.filter((r) => r !== old), told];
}

/**
 * Events don't say which reactions are one's own; everybody gets the same.
 *
 * @param {Message} message
 * @param {number} my_id
 * @returns {Message}
 */
export function withMine(message, my_id) {
	const reactions = (message.reactions ?? []).map((r) =>
		({ ...r, user_ids: r.user_ids ?? [], mine: (r.user_ids ?? []).includes(my_id) || !!r.mine }));
	return { ...message, reactions };
}

/**
 * The members of a conversation.
 *
 * @param {Member[]} members
 * @param {StreamEvent} event
 * @returns {Member[]}
 */
export function reduceMembers(members, event) {
	switch (event.type) {
	case 'member.added': {
		const { user, role = 'member' } = event;
		if (!user || members.some((m) => m.user.id === user.id))
			return members;
		return [...members, { user, role, read_number: 0, joined_at: event.at }];
	}
	case 'member.removed':
		return members.filter((m) => m.user.id !== event.user_id);
	case 'member.changed':
		return members.map((m) => (m.user.id === event.user_id && event.role
			? { ...m, role: event.role } : m));
	case 'user.updated':
		return members.map((m) => ({ ...m, user: renamed(m.user, /** @type {User} */ (event.user)) }));
	case 'message.posted':
		return reduceMemberRead(members, event.message?.author.id, event.message?.number);
	case 'read':
		return reduceMemberRead(members, event.user_id, event.read_number);
	default:
		return members;
	}
}

/**
 * @param {Member[]} members
 * @param {number} [user_id]
 * @param {number} [number]
 */
function reduceMemberRead(members, user_id, number = 0) {
	const at = members.findIndex((m) => m.user.id === user_id);
	if (at < 0 || members[at].read_number >= number)
		return members;
	return replaced(members, at, { ...members[at], read_number: number });
}
