import { joinNames } from '../lib/text.js';
import { conversationById, isNotes } from '../store/conversations.js';
import { members } from '../store/members.js';
import { myId } from '../store/session.js';

/**
 * Who has read up to my message, in words; the names follow on a second line.
 *
 * @param {number} id of the conversation
 * @param {number} number of my last message
 */
export function seenBy(id, number) {
	const c = conversationById(id);
	if (!c || isNotes(c))
		return '';
	const readers = (members.value.get(id) ?? [])
		.filter((m) => m.user.id !== myId.value && m.read_number >= number);
	if (readers.length === 0)
		return '';
	if (c.kind === 'direct')
		return 'Seen';
	return `Seen by ${readers.length}\n${joinNames(readers.map((m) => m.user.display_name), 20)}`;
}
