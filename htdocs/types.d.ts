/* The shapes of the API and of the store, known to every file. */

type User = {
	id: number;
	username: string;
	display_name: string;
	avatar_url?: string | null;
	kind: 'person' | 'bot';
	presence?: 'online' | 'offline';
	is_admin?: boolean;
};

type Role = 'owner' | 'admin' | 'member';
type Notify = 'all' | 'mentions' | 'nothing';

type Conversation = {
	id: number;
	kind: 'direct' | 'group';
	name?: string | null;
	topic?: string | null;
	visibility?: 'private' | 'public';
	role: Role;
	last_seq: number;
	last_number: number;
	read_number: number;
	unread: number;
	mentions: number;
	member_count: number;
	last_message?: Message | null;
	peer?: User | null;
	archived: boolean;
	notify: Notify;
	active_at?: string;
};

type PublicGroup = {
	id: number;
	name: string;
	topic?: string | null;
	member_count: number;
};

type Reaction = {
	emoji: string;
	count: number;
	user_ids: number[];
	mine: boolean;
	/** shown, and not told by an event yet */
	hoped?: boolean;
};

type Quote = {
	id: number;
	number: number;
	author?: User;
	text?: string;
	deleted?: boolean;
};

type Message = {
	id: number;
	conversation_id: number;
	number: number;
	seq: number;
	author: User;
	text: string;
	html: string;
	created_at: string;
	edited_at?: string | null;
	deleted_at?: string | null;
	reply_to?: Quote | null;
	reactions: Reaction[];
	client_id?: string | null;
};

type Member = {
	user: User;
	role: Role;
	read_number: number;
	joined_at?: string;
};

/** A message on its way to the server. */
type Pending = {
	client_id: string;
	conversation_id: number;
	text: string;
	reply_to?: Quote | null;
	created_at: string;
	state: 'sending' | 'waiting' | 'failed' | 'sent';
	/** Why it failed, in words. */
	error?: string;
	/** Set once the server has taken it. */
	message_id?: number;
	seq?: number;
};

type Draft = { text: string; reply_to?: Quote | null };

type Settings = {
	theme?: 'system' | 'light' | 'dark';
	enter_sends?: boolean;
	favourites?: number[];
	/** Conversation -> its last message when it was hidden. */
	hidden?: Record<number, number>;
};

type Limits = { text_characters: number };

type Site = {
	name: string;
	registration: 'invite' | 'open' | 'closed';
	epoch: string;
	signed_in: boolean;
	limits: Limits;
};

type Session = {
	id: number;
	current?: boolean;
	user_agent?: string | null;
	address?: string | null;
	created_at: string;
	seen_at?: string;
};

type Token = {
	id: number;
	name: string;
	scopes: string[];
	conversation_id?: number | null;
	created_at?: string;
	expires_at?: string | null;
	used_at?: string | null;
	token?: string;
};

type Invite = {
	id: number;
	code?: string;
	url?: string;
	uses_left?: number;
	expires_at?: string | null;
	created_at?: string;
};

type Link = {
	kind: 'sign_in' | 'invite';
	username?: string;
	display_name?: string;
	expires_at?: string | null;
};

/** An event of a stream, or an ephemeral one (then without seq). */
type StreamEvent = {
	type: string;
	stream?: string;
	seq?: number;
	at?: string;
	actor_id?: number;
	message?: Message;
	message_id?: number;
	number?: number;
	emoji?: string;
	/** mine, and not told yet */
	hoped?: boolean;
	user_id?: number;
	user?: User;
	role?: Role;
	conversation?: Conversation;
	conversation_id?: number;
	read_number?: number;
	notify?: Notify;
	state?: 'online' | 'offline';
	epoch?: string;
	last_seq?: number;
	sum?: number;
};

type EventPage = { epoch: string; items: StreamEvent[]; last_seq: number };

declare module 'highlight' {
	const highlight: {
		getLanguage(name: string): object | undefined;
		highlight(code: string, options: { language: string, ignoreIllegals: boolean }): { value: string };
	};
	export default highlight;
}

declare module 'lucide' {
	export const icons: Record<string, [string, Record<string, string>][]>;
}

declare module 'emojibase' {
	/** emoji, label, words, shortcode */
	export const groups: { title: string; rows: [string, string, string, string][] }[];
}
