#include "model/reactions.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "model/conversations.h"
#include "model/events.h"

/* clang-format off */
static struct stmt insert = {.sql =
	"INSERT INTO reactions (conversation_id, number, emoji, user_id,"
	" created_at_ms)"
	" SELECT m.conversation_id, m.number, ?, ?, ? FROM messages m"
	" WHERE m.conversation_id = ? AND m.number = ?"
	" AND m.deleted_at_ms IS NULL"};

static struct stmt kinds = {.sql =
	"SELECT COUNT(DISTINCT emoji), COALESCE(MAX(emoji = ?), 0)"
	" FROM reactions WHERE conversation_id = ? AND number = ?"};

static struct stmt delete = {.sql =
	"DELETE FROM reactions WHERE conversation_id = ? AND number = ?"
	" AND emoji = ? AND user_id = ?"};
/* clang-format on */

struct stmt *const reactions_sql[] = {&insert, &kinds, &delete, NULL};

struct reacting {
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

	e = db_query(&kinds, TEXT(g->emoji), U64(g->m->conversation_id),
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

static enum err
write_row(struct reacting *g)
{
	enum err e;

	if (!g->put)
		return db_exec(&delete, U64(g->m->conversation_id),
		    U64(g->m->number), TEXT(g->emoji), U64(g->user_id));
	e = room_for(g);
	if (e != OK)
		return e;
	return db_exec(&insert, TEXT(g->emoji), U64(g->user_id),
	    I64(clock_now_ms()), U64(g->m->conversation_id),
	    U64(g->m->number));
}

static enum err
react(void *argument)
{
	struct reacting *g = argument;
	struct lock lock;
	enum err e;

	g->changed = false;
	e = conversation_lock(g->m->conversation_id, g->user_id, &lock);
	if (e != OK)
		return e;
	if (lock.archived)
		return ERR_ARCHIVED;
	e = write_row(g);
	if (e == ERR_CONFLICT && db_duplicate())
		return OK;
	if (e != OK)
		return e;
	/* Nothing written: of a put the message is deleted, of a take there
	 * was no reaction. */
	if (db_changed() == 0)
		return g->put ? ERR_CONFLICT : OK;
	g->changed = true;
	g->event = (struct event){.stream = 'c',
	    .stream_id = g->m->conversation_id,
	    .type = g->put ? "reaction.added" : "reaction.removed",
	    .at_ms = clock_now_ms(), .actor_id = g->user_id,
	    .number = g->m->number, .user_id = g->user_id,
	    .detail = g->emoji, .message = g->m};
	return event_add(&g->event);
}

static enum err
run(struct arena *arena, struct reacting *g)
{
	enum err e;

	e = db_transaction(react, g);
	if (e == OK && g->changed)
		event_publish(arena, &g->event);
	return e;
}

enum err
reaction_put(struct arena *arena, const struct message *m, uint64_t user_id,
    const char *emoji)
{
	struct reacting g = {.m = m, .user_id = user_id, .emoji = emoji,
	    .put = true};

	return run(arena, &g);
}

enum err
reaction_take(struct arena *arena, const struct message *m, uint64_t user_id,
    const char *emoji)
{
	struct reacting g = {.m = m, .user_id = user_id, .emoji = emoji};

	return run(arena, &g);
}

static bool
is_name(const char *s)
{
	size_t length = strlen(s);

	return length > 2 && length <= EMOJI_BYTES_MAX && s[0] == ':' &&
	    s[length - 1] == ':' &&
	    strspn(s + 1, "abcdefghijklmnopqrstuvwxyz0123456789_+-") ==
	    length - 2;
}

/* Code points that emoji are made of (Unicode emoji-data, by block). */
static const struct {
	uint32_t first, last;
} emoji_points[] = {
	{0xA9, 0xA9}, {0xAE, 0xAE}, {0x200D, 0x200D}, {0x203C, 0x203C},
	{0x2049, 0x2049}, {0x20E3, 0x20E3}, {0x2122, 0x2122},
	{0x2139, 0x2139}, {0x2194, 0x21AA}, {0x231A, 0x23FF},
	{0x24C2, 0x24C2}, {0x25AA, 0x27BF}, {0x2934, 0x2935},
	{0x2B05, 0x2B55}, {0x3030, 0x303D}, {0x3297, 0x3299},
	{0xFE0F, 0xFE0F}, {0x1F000, 0x1FAFF}, {0xE0020, 0xE007F},
};

static bool
is_emoji_point(uint32_t point)
{
	size_t i;

	for (i = 0; i < sizeof(emoji_points) / sizeof(*emoji_points); i++)
		if (point >= emoji_points[i].first &&
		    point <= emoji_points[i].last)
			return true;
	return false;
}

/* Joins, selects or encloses what is before it, and is nothing by itself. */
static bool
is_addition(uint32_t point)
{
	return point == 0x200D || point == 0x20E3 || point == 0xFE0F ||
	    point >= 0xE0020;
}

bool
emoji_valid(const char *s)
{
	const char *all = s;
	size_t points = 0;
	uint32_t point;

	if (is_name(s))
		return true;
	if (strlen(s) > EMOJI_BYTES_MAX)
		return false;
	/* Keycaps are the only ones that begin in ASCII. */
	if (strchr("0123456789#*", *s) != NULL && *s != '\0') {
		s++;
		return strcmp(s, "\xE2\x83\xA3") == 0 ||
		    strcmp(s, "\xEF\xB8\x8F\xE2\x83\xA3") == 0;
	}
	for (; *s != '\0'; points++) {
		s += utf8_decode(s, &point);
		if (!is_emoji_point(point) ||
		    (points == 0 && is_addition(point)))
			return false;
	}
	return points <= 16 && utf8_is_one(all);
}
