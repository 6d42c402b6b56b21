#include "model/members.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "events/notice.h"
#include "model/events.h"

/* clang-format off */
static struct stmt set_notify = {.sql =
	"UPDATE members SET notify = ?"
	" WHERE conversation_id = ? AND user_id = ?"};

static struct stmt read_state = {.sql =
	"SELECT c.last_seq, c.last_number, m.read_number"
	" FROM members m JOIN conversations c ON c.id = m.conversation_id"
	" WHERE m.conversation_id = ? AND m.user_id = ?"
	" AND c.deleted_at_ms IS NULL"};

/* The author's own mark may move at the same time by message_post, so the
 * comparison is made here. */
static struct stmt read_on = {.sql =
	"UPDATE members SET read_number = ?"
	" WHERE conversation_id = ? AND user_id = ? AND read_number < ?"};

static struct stmt read_back = {.sql =
	"UPDATE members SET read_number = ?"
	" WHERE conversation_id = ? AND user_id = ? AND read_number <> ?"};
/* clang-format on */

struct stmt *const member_marks_sql[] = {&set_notify, &read_state, &read_on,
    &read_back, NULL};

struct reading {
	uint64_t conversation_id;
	uint64_t user_id;
	uint64_t number;
	bool back;
	bool moved;
	uint64_t last_seq;
	uint64_t last_number;
	uint64_t read_number;
	char last_text[24];	/* last_number, for the event */
	struct event event;
};

static enum err
read_marks(struct reading *g)
{
	bool found;
	enum err e;

	e = db_query(&read_state, U64(g->conversation_id), U64(g->user_id));
	if (e != OK)
		return e;
	found = db_next(&read_state);
	if (found) {
		g->last_seq = db_u64(&read_state, 0);
		g->last_number = db_u64(&read_state, 1);
		g->read_number = db_u64(&read_state, 2);
	}
	db_done(&read_state);
	return found ? OK : ERR_NOT_FOUND;
}

static enum err
move_mark(void *argument)
{
	struct reading *g = argument;
	enum err e;

	g->moved = false;
	e = read_marks(g);
	if (e != OK)
		return e;
	if (g->number > g->last_number)
		return ERR_BAD_INPUT;
	e = db_exec(g->back ? &read_back : &read_on, U64(g->number),
	    U64(g->conversation_id), U64(g->user_id), U64(g->number));
	if (e != OK || db_changed() == 0)
		return e;
	/* Again, now that the member's row is locked: a message of one's own
	 * with a higher number than this moves the mark after us. */
	e = read_marks(g);
	if (e != OK)
		return e;
	g->moved = true;
	snprintf(g->last_text, sizeof(g->last_text), "%" PRIu64,
	    g->last_number);
	g->event = (struct event){.stream = 'u', .stream_id = g->user_id,
	    .type = "read.moved", .at_ms = clock_now_ms(),
	    .actor_id = g->user_id, .conversation_id = g->conversation_id,
	    .number = g->number, .detail = g->last_text};
	return event_add(&g->event);
}

enum err
member_read(struct arena *arena, uint64_t conversation_id, uint64_t user_id,
    uint64_t number, bool back, uint64_t *read_number, uint64_t *unread)
{
	struct reading g = {.conversation_id = conversation_id,
	    .user_id = user_id, .number = number, .back = back};
	struct notice seen = {.kind = NOTICE_READ,
	    .conversation_id = conversation_id, .user_id = user_id,
	    .number = number};
	enum err e;

	e = db_transaction(move_mark, &g);
	if (e != OK)
		return e;
	if (g.moved) {
		event_publish(arena, &g.event);
		seen.seq = g.last_seq;
		notice_send(&seen);
	}
	*read_number = g.read_number;
	*unread = g.last_number - g.read_number;
	return OK;
}

enum err
member_notify(uint64_t conversation_id, uint64_t user_id, enum notify notify,
    struct event *ev)
{
	enum err e;

	e = db_exec(&set_notify, TEXT(notify_words[notify]),
	    U64(conversation_id), U64(user_id));
	if (e != OK)
		return e;
	if (db_changed() == 0)
		return ERR_NOT_FOUND;
	*ev = (struct event){.stream = 'u', .stream_id = user_id,
	    .type = "notify.changed", .at_ms = clock_now_ms(),
	    .actor_id = user_id, .conversation_id = conversation_id,
	    .detail = notify_words[notify]};
	return event_add(ev);
}
