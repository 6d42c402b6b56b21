/*
 * model/events.h -- the log of everything that changed.
 *
 * Owns the table events.  A model that changes something calls event_add()
 * inside its transaction, and event_publish() after COMMIT, never before.
 *
 * Shapes  event: {type, stream: "c:12" | "u:3", seq, at, actor_id?, ...}; what
 *         follows depends on the type (docs/asyncapi.json).  An event of a
 *         conversation is the same for all its members; so its messages carry
 *         reactions without `mine`, and it tells of the conversation only the
 *         shared fields.  In a user's stream a conversation is as that user
 *         sees it.
 * Memory  In the caller's arena.
 */
#ifndef MODEL_EVENTS_H
#define MODEL_EVENTS_H

#include "base/db.h"
#include "base/err.h"
#include "base/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct conversation;
struct message;
struct user;

struct event {
	char stream;			/* 'c' conversation, 'u' user */
	uint64_t stream_id;
	uint64_t seq;			/* set by event_add */
	uint64_t id;			/* row id, set by event_add */
	const char *type;		/* "member.added" */
	int64_t at_ms;
	uint64_t actor_id;		/* 0: the system */
	uint64_t conversation_id;	/* user streams; 0: none */
	uint64_t number;		/* message number or read mark; 0: none */
	uint64_t user_id;		/* whom it is about; 0: nobody */
	const char *detail;		/* role, emoji, reason; NULL: none */

	/* What it refers to, when the caller or the statement has it: */
	const struct conversation *conversation;	/* what all see of it */
	const struct message *message;	/* the one with that number */
	const struct user *user;	/* that of user_id */
};

struct event_page {
	struct event *items;
	size_t count;
	uint64_t last_seq;		/* of the stream */
};

#define EVENT_JSON_MAX (512u * 1024)	/* one event with the longest message */

extern struct stmt *const events_sql[];

/**
 * event_add(e): take the next seq of e's stream under its row lock and write
 * the row.  Call inside a transaction.  ERR_NOT_FOUND: no such stream.
 */
enum err event_add(struct event *e);

/**
 * event_publish(arena, e): tell pushd, after COMMIT.  Cannot fail: what does
 * not arrive is found by pushd's tail.  pushd tells it to the members of that
 * seq, so what is of a conversation's stream has to be read inside the
 * transaction: afterwards it may have words that somebody who was removed
 * meanwhile must not see.  What is missing goes out as a hint.
 */
void event_publish(struct arena *arena, const struct event *e);

/**
 * events_after(arena, stream, stream_id, after, limit, page):
 * Events with a seq over after, in order; fewer than limit, too, when their
 * messages are long (MESSAGES_PAGE_BYTES).  ERR_RESYNC: the log no longer
 * reaches back that far, or after is ahead of the stream.  ERR_NOT_FOUND: no
 * such stream.  Who may see the stream is the caller's matter.
 */
enum err events_after(struct arena *arena, char stream, uint64_t stream_id,
    uint64_t after, size_t limit, struct event_page *page);

/** event_last_seq(stream, stream_id, last_seq): ERR_NOT_FOUND: no such stream. */
enum err event_last_seq(char stream, uint64_t stream_id, uint64_t *last_seq);

/** event_first_seq_since(stream, stream_id, id, seq): the lowest seq of a stream's rows
 * whose row id is over id; *seq is 0 when there is none. */
enum err event_first_seq_since(char stream, uint64_t stream_id, uint64_t id,
    uint64_t *seq);

/** events_expire: drop rows up to a row id that are older than before_ms, the
 * oldest first, at most limit; *deleted says how many went. */
enum err events_expire(int64_t before_ms, uint64_t up_to_id, uint64_t limit,
    uint64_t *deleted);

/** shape_events(arena, j, key, events, count): the array; reads what they
 * refer to has come with their rows, but for conversations. */
enum err shape_events(struct arena *arena, struct json *j, const char *key,
    const struct event *events, size_t count);

/** event_json(arena, e): one event as JSON source; NULL when something of it
 * could not be read, or is not known: its message. */
const char *event_json(struct arena *arena, const struct event *e);

#endif
