#include "model/reactions.h"

#include "base/clock.h"
#include "model/conversations.h"
#include "model/events.h"

/* clang-format off */
/* Without U+FE0F, which is all that two forms of one emoji differ in. */
#define BARE(emoji) "REPLACE(" emoji ", X'EFB88F', '')"

static struct stmt insert = {.sql =
	"INSERT INTO reactions (conversation_id, number, emoji, user_id,"
	" created_at_ms)"
	" SELECT m.conversation_id, m.number, ?, ?, ? FROM messages m"
	" WHERE m.conversation_id = ? AND m.number = ?"
	" AND m.deleted_at_ms IS NULL"};

static struct stmt kinds = {.sql =
	"SELECT COUNT(DISTINCT emoji), COALESCE(MAX(emoji = ?), 0)"
	" FROM reactions WHERE conversation_id = ? AND number = ?"};

/* The form of it that is under the message: one's own, the one asked for. */
static struct stmt form = {.sql =
	"SELECT emoji, user_id = ? FROM reactions"
	" WHERE conversation_id = ? AND number = ?"
	" AND " BARE("emoji") " = " BARE("?")
	" ORDER BY user_id = ? DESC, emoji = ? DESC, emoji LIMIT 1"};

static struct stmt delete = {.sql =
	"DELETE FROM reactions WHERE conversation_id = ? AND number = ?"
	" AND emoji = ? AND user_id = ?"};
/* clang-format on */

struct stmt *const reactions_sql[] = {&insert, &kinds, &form, &delete, NULL};

struct reacting {
	struct arena *arena;
	const struct message *m;
	uint64_t user_id;
	const char *emoji;
	bool put;
	bool changed;
	struct event event;
};

/* Too many different ones would make a message unreadable. */
static enum err
room_for(const struct reacting *g)
{
	uint64_t count = 0, there = 0;
	enum err e;

	e = db_query(&kinds, TEXT(g->event.detail), U64(g->m->conversation_id),
	    U64(g->m->number));
	if (e != OK)
		return e;
	if (db_next(&kinds)) {
		count = db_u64(&kinds, 0);
		there = db_u64(&kinds, 1);
	}
	db_done(&kinds);
	return there != 0 || count < REACTION_KINDS_MAX ? OK : ERR_CONFLICT;
}

/* Two forms of one emoji would be two counters, so the one that is there is
 * kept.  ${*mine}: it is there, and one's own. */
static enum err
find_form(struct reacting *g, bool *mine)
{
	enum err e;

	*mine = false;
	e = db_query(&form, U64(g->user_id), U64(g->m->conversation_id),
	    U64(g->m->number), TEXT(g->emoji), U64(g->user_id),
	    TEXT(g->emoji));
	if (e != OK)
		return e;
	if (db_next(&form)) {
		g->event.detail = db_text(&form, 0, g->arena);
		*mine = db_u64(&form, 1) != 0;
	}
	db_done(&form);
	return OK;
}

static enum err
put(const struct reacting *g)
{
	enum err e;

	e = room_for(g);
	if (e != OK)
		return e;
	e = db_exec(&insert, TEXT(g->event.detail), U64(g->user_id),
	    I64(clock_now_ms()), U64(g->m->conversation_id),
	    U64(g->m->number));
	if (e != OK)
		return e;
	/* Nothing written: the message is deleted. */
	return db_changed() == 0 ? ERR_CONFLICT : OK;
}

static enum err
take(const struct reacting *g)
{
	return db_exec(&delete, U64(g->m->conversation_id),
	    U64(g->m->number), TEXT(g->event.detail), U64(g->user_id));
}

static enum err
react(void *argument)
{
	struct reacting *g = argument;
	struct lock lock;
	bool mine;
	enum err e;

	g->changed = false;
	e = conversation_lock(g->m->conversation_id, g->user_id, &lock);
	if (e != OK)
		return e;
	if (lock.archived)
		return ERR_ARCHIVED;
	g->event = (struct event){.stream = 'c',
	    .stream_id = g->m->conversation_id,
	    .type = g->put ? "reaction.added" : "reaction.removed",
	    .at_ms = clock_now_ms(), .actor_id = g->user_id,
	    .number = g->m->number, .user_id = g->user_id,
	    .detail = g->emoji, .message = g->m};
	e = find_form(g, &mine);
	if (e != OK || g->put == mine)
		return e;
	e = g->put ? put(g) : take(g);
	if (e != OK)
		return e;
	g->changed = true;
	return event_add(&g->event);
}

static enum err
run(struct reacting *g)
{
	enum err e;

	e = db_transaction(react, g);
	if (e == OK && g->changed)
		event_publish(g->arena, &g->event);
	return e;
}

enum err
reaction_put(struct arena *arena, const struct message *m, uint64_t user_id,
    const char *emoji)
{
	struct reacting g = {.arena = arena, .m = m, .user_id = user_id,
	    .emoji = emoji, .put = true};

	return run(&g);
}

enum err
reaction_take(struct arena *arena, const struct message *m, uint64_t user_id,
    const char *emoji)
{
	struct reacting g = {.arena = arena, .m = m, .user_id = user_id,
	    .emoji = emoji};

	return run(&g);
}
