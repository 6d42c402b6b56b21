#include "model/events.h"

#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "events/notice.h"
#include "model/conversations.h"
#include "model/messages.h"
#include "model/site.h"

/* clang-format off */
#define COLUMNS \
	"e.stream, e.stream_id, e.seq, e.id, e.type, e.at_ms, e.actor_id," \
	" e.conversation_id, e.number, e.user_id, e.detail," \
	" u.id, u.username, u.display_name, u.kind = 'bot', " MESSAGE_COLUMNS
#define USER_COLUMN 11
#define MESSAGE_COLUMN 15
#define JOINS \
	" LEFT JOIN users u ON u.id = e.user_id" \
	" LEFT JOIN messages m ON e.stream = 'c'" \
	" AND m.conversation_id = e.stream_id AND m.number = e.number" \
	MESSAGE_JOINS

static struct stmt next_in_conversation = {.sql =
	"UPDATE conversations SET last_seq = LAST_INSERT_ID(last_seq + 1)"
	" WHERE id = ?"};

static struct stmt next_of_user = {.sql =
	"UPDATE users SET last_seq = LAST_INSERT_ID(last_seq + 1)"
	" WHERE id = ?"};

static struct stmt insert = {.sql =
	"INSERT INTO events (stream, stream_id, seq, type, at_ms, actor_id,"
	" conversation_id, number, user_id, detail)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};

static struct stmt after = {.sql =
	"SELECT " COLUMNS " FROM events e" JOINS
	" WHERE e.stream = ? AND e.stream_id = ? AND e.seq > ?"
	" ORDER BY e.seq LIMIT ?"};

static struct stmt first_since_id = {.sql =
	"SELECT MIN(seq) FROM events"
	" WHERE stream = ? AND stream_id = ? AND id > ?"};

static struct stmt last_in_conversation = {.sql =
	"SELECT last_seq FROM conversations WHERE id = ?"};

static struct stmt last_of_user = {.sql =
	"SELECT last_seq FROM users WHERE id = ?"};

/* Old rows are the ones with low ids; the bound on at_ms ends the scan. */
static struct stmt expire = {.sql =
	"DELETE FROM events WHERE id <= ? AND at_ms < ? ORDER BY id LIMIT ?"};
/* clang-format on */

struct stmt *const events_sql[] = {&next_in_conversation, &next_of_user,
    &insert, &after, &first_since_id, &last_in_conversation, &last_of_user,
    &expire, NULL};

static struct value
u64_or_none(uint64_t value)
{
	return value != 0 ? U64(value) : NONE;
}

enum err
event_add(struct event *ev)
{
	struct stmt *next;
	const char stream[] = {ev->stream, '\0'};
	enum err e;

	next = ev->stream == 'c' ? &next_in_conversation : &next_of_user;
	e = db_exec(next, U64(ev->stream_id));
	if (e != OK)
		return e;
	if (db_changed() == 0)
		return ERR_NOT_FOUND;
	ev->seq = db_insert_id();
	e = db_exec(&insert, TEXT(stream), U64(ev->stream_id), U64(ev->seq),
	    TEXT(ev->type), I64(ev->at_ms), u64_or_none(ev->actor_id),
	    u64_or_none(ev->conversation_id), u64_or_none(ev->number),
	    u64_or_none(ev->user_id), TEXT(ev->detail));
	if (e == OK)
		ev->id = db_insert_id();
	return e;
}

void
event_publish(struct arena *arena, const struct event *ev)
{
	struct notice n = {.kind = NOTICE_EVENT, .stream = ev->stream,
	    .stream_id = ev->stream_id, .seq = ev->seq, .event_id = ev->id,
	    .user_id = ev->user_id};
	size_t length;

	length = strlen(ev->type);
	if (length >= sizeof(n.type))
		return;
	memcpy(n.type, ev->type, length + 1);
	n.json = event_json(arena, ev);
	if (n.json != NULL)
		n.json_length = strlen(n.json);
	if (n.json_length > NOTICE_JSON_MAX) {
		n.json = NULL;
		n.json_length = 0;
	}
	notice_send(&n);
}

static void
read_row(struct stmt *s, struct arena *arena, struct event *ev)
{
	struct message *m;
	struct user *u;

	ev->stream = *db_text(s, 0, arena);
	ev->stream_id = db_u64(s, 1);
	ev->seq = db_u64(s, 2);
	ev->id = db_u64(s, 3);
	ev->type = db_text(s, 4, arena);
	ev->at_ms = db_i64(s, 5);
	ev->actor_id = db_u64(s, 6);
	ev->conversation_id = db_u64(s, 7);
	ev->number = db_u64(s, 8);
	ev->user_id = db_u64(s, 9);
	ev->detail = db_text(s, 10, arena);
	if (!db_is_null(s, USER_COLUMN)) {
		u = arena_alloc(arena, sizeof(*u));
		u->id = db_u64(s, USER_COLUMN);
		u->username = db_text(s, USER_COLUMN + 1, arena);
		u->display_name = db_text(s, USER_COLUMN + 2, arena);
		u->is_bot = db_u64(s, USER_COLUMN + 3) != 0;
		ev->user = u;
	}
	m = arena_alloc(arena, sizeof(*m));
	if (message_row(s, MESSAGE_COLUMN, arena, m))
		ev->message = m;
}

static size_t
read_rows(struct stmt *s, struct arena *arena, size_t limit,
    struct event **items)
{
	size_t count = 0, bytes = 0;

	*items = arena_alloc(arena, limit * sizeof(**items));
	while (count < limit && bytes < MESSAGES_PAGE_BYTES && db_next(s)) {
		struct event *ev = &(*items)[count++];

		read_row(s, arena, ev);
		if (ev->message != NULL)
			bytes += message_weight(ev->message);
	}
	db_done(s);
	return count;
}

enum err
event_last_seq(char stream, uint64_t stream_id, uint64_t *last_seq)
{
	struct stmt *s = stream == 'c' ? &last_in_conversation : &last_of_user;
	bool found;
	enum err e;

	e = db_query(s, U64(stream_id));
	if (e != OK)
		return e;
	found = db_next(s);
	if (found)
		*last_seq = db_u64(s, 0);
	db_done(s);
	return found ? OK : ERR_NOT_FOUND;
}

enum err
events_after(struct arena *arena, char stream, uint64_t stream_id,
    uint64_t after_seq, size_t limit, struct event_page *page)
{
	const char name[] = {stream, '\0'};
	uint64_t newest;
	enum err e;

	*page = (struct event_page){0};
	/* The end first: rows up to it are then surely there to be read, so
	 * a missing one was dropped from the log. */
	e = event_last_seq(stream, stream_id, &page->last_seq);
	if (e != OK)
		return e;
	e = db_query(&after, TEXT(name), U64(stream_id), U64(after_seq),
	    U64(limit));
	if (e != OK)
		return e;
	page->count = read_rows(&after, arena, limit, &page->items);
	if (page->count == 0)
		return page->last_seq == after_seq ? OK : ERR_RESYNC;
	if (page->items[0].seq != after_seq + 1)
		return ERR_RESYNC;
	newest = page->items[page->count - 1].seq;
	if (page->last_seq < newest)
		page->last_seq = newest;
	return OK;
}

enum err
event_first_seq_since(char stream, uint64_t stream_id, uint64_t id,
    uint64_t *seq)
{
	const char name[] = {stream, '\0'};
	enum err e;

	*seq = 0;
	e = db_query(&first_since_id, TEXT(name), U64(stream_id), U64(id));
	if (e != OK)
		return e;
	if (db_next(&first_since_id))
		*seq = db_u64(&first_since_id, 0);
	db_done(&first_since_id);
	return OK;
}

enum err
events_expire(int64_t before_ms, uint64_t up_to_id, uint64_t limit,
    uint64_t *deleted)
{
	enum err e;

	*deleted = 0;
	e = db_exec(&expire, U64(up_to_id), I64(before_ms), U64(limit));
	if (e == OK)
		*deleted = db_changed();
	return e;
}

static bool
is(const struct event *ev, const char *type)
{
	return strcmp(ev->type, type) == 0;
}

/* The conversation as it is now: for its own stream what all members see, for
 * a user's stream what that user sees, which may be nothing by now. */
static enum err
shape_its_conversation(struct arena *arena, struct json *j,
    const struct event *ev)
{
	struct conversation c;
	enum err e;

	if (ev->conversation != NULL) {
		shape_conversation_shared(j, "conversation", ev->conversation);
		return OK;
	}
	if (ev->stream == 'c')
		e = conversation_shared(arena, ev->stream_id, &c);
	else
		e = conversation_read(arena, ev->conversation_id,
		    ev->stream_id, &c);
	if (e == ERR_NOT_FOUND)
		return OK;
	if (e != OK)
		return e;
	if (ev->stream == 'c')
		shape_conversation_shared(j, "conversation", &c);
	else
		shape_conversation(j, "conversation", &c);
	return OK;
}

/* What follows the common fields, by type. */
static enum err
shape_rest(struct arena *arena, struct json *j, const struct event *ev)
{
	if (is(ev, "message.posted") || is(ev, "message.edited")) {
		if (ev->message != NULL)
			shape_message(j, "message", ev->message, 0);
		return OK;
	}
	if (is(ev, "message.deleted") || is(ev, "reaction.added") ||
	    is(ev, "reaction.removed")) {
		if (ev->message != NULL)
			json_u64(j, "message_id", ev->message->id);
		json_u64(j, "number", ev->number);
		if (is(ev, "message.deleted"))
			return OK;
		json_text(j, "emoji", ev->detail);
		json_u64(j, "user_id", ev->user_id);
		return OK;
	}
	if (is(ev, "member.added")) {
		if (ev->user != NULL)
			shape_author(j, "user", ev->user);
		json_u64(j, "user_id", ev->user_id);
		json_text(j, "role", ev->detail);
		return OK;
	}
	if (is(ev, "member.removed") || is(ev, "member.changed")) {
		json_u64(j, "user_id", ev->user_id);
		if (is(ev, "member.changed"))
			json_text(j, "role", ev->detail);
		return OK;
	}
	if (is(ev, "conversation.updated"))
		return shape_its_conversation(arena, j, ev);
	if (is(ev, "session.ended")) {
		json_text(j, "reason", ev->detail);
		return OK;
	}
	if (is(ev, "user.updated")) {
		if (ev->user != NULL)
			shape_author(j, "user", ev->user);
		return OK;
	}
	/* What is left is about a conversation in a user's stream. */
	if (ev->conversation_id != 0)
		json_u64(j, "conversation_id", ev->conversation_id);
	if (is(ev, "conversation.joined"))
		return shape_its_conversation(arena, j, ev);
	if (is(ev, "read.moved")) {
		json_u64(j, "read_number", ev->number);
		json_raw(j, "last_number", ev->detail);
	}
	if (is(ev, "notify.changed"))
		json_text(j, "notify", ev->detail);
	return OK;
}

static enum err
shape_event(struct arena *arena, struct json *j, const struct event *ev)
{
	enum err e;

	json_object(j, NULL);
	json_text(j, "type", ev->type);
	json_text(j, "stream", arena_printf(arena, "%c:%llu", ev->stream,
	    (unsigned long long)ev->stream_id));
	json_u64(j, "seq", ev->seq);
	json_time(j, "at", ev->at_ms);
	if (ev->actor_id != 0)
		json_u64(j, "actor_id", ev->actor_id);
	e = shape_rest(arena, j, ev);
	json_end_object(j);
	return e;
}

enum err
shape_events(struct arena *arena, struct json *j, const char *key,
    const struct event *items, size_t count)
{
	enum err e = OK;
	size_t i;

	json_array(j, key);
	for (i = 0; i < count && e == OK; i++)
		e = shape_event(arena, j, &items[i]);
	json_end_array(j);
	return e;
}

/* As a hint it is fetched when it can be read again. */
static bool
lacks_its_message(const struct event *ev)
{
	return ev->message == NULL &&
	    (is(ev, "message.posted") || is(ev, "message.edited"));
}

const char *
event_json(struct arena *arena, const struct event *ev)
{
	struct json j;
	enum err e;

	if (lacks_its_message(ev))
		return NULL;
	json_start(&j, arena, EVENT_JSON_MAX);
	e = shape_event(arena, &j, ev);
	return e == OK ? json_text_of(&j) : NULL;
}
