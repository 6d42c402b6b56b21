#include "model/conversations.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "model/events.h"

/* clang-format off */
static struct stmt direct_of = {.sql =
	"SELECT id FROM conversations"
	" WHERE direct_low = ? AND direct_high = ?"};

static struct stmt insert = {.sql =
	"INSERT INTO conversations (kind, direct_low, direct_high, name,"
	" topic, visibility, active_at_ms, created_at_ms)"
	" VALUES (?, ?, ?, ?, ?, ?, ?, ?)"};

static struct stmt change = {.sql =
	"UPDATE conversations SET name = COALESCE(?, name),"
	" topic = COALESCE(?, topic), visibility = COALESCE(?, visibility)"
	" WHERE id = ?"};

static struct stmt archive = {.sql =
	"UPDATE conversations SET archived_at_ms = ? WHERE id = ?"};

static struct stmt delete = {.sql =
	"UPDATE conversations SET deleted_at_ms = ? WHERE id = ?"};

static struct stmt member_ids = {.sql =
	"SELECT user_id FROM members WHERE conversation_id = ?"
	" ORDER BY user_id"};
/* clang-format on */

struct stmt *const conversation_changes_sql[] = {&direct_of, &insert,
    &change, &archive, &delete, &member_ids, NULL};

/* A conversation in the making. */
struct creation {
	struct arena *arena;
	enum conversation_kind kind;
	uint64_t low, high;
	const char *name;
	const char *topic;
	enum visibility visibility;
	uint64_t maker_id;
	uint64_t *user_ids;		/* of all, the maker too, ascending */
	size_t user_count;
	uint64_t id;
	int64_t now_ms;
	struct event *events;
	size_t event_count;
};

/*
 * The user's row is locked by his own event first: the foreign key of members
 * would only share it, and two that share it then wait for each other.  Users
 * come in ascending order for the same reason.
 */
static enum err
create_member(struct creation *g, size_t i)
{
	struct event *added = &g->events[g->event_count++];
	struct event *joined = &g->events[g->event_count++];
	struct user *user;
	enum role role;
	enum err e;

	*joined = (struct event){.stream = 'u', .stream_id = g->user_ids[i],
	    .type = "conversation.joined", .at_ms = g->now_ms,
	    .actor_id = g->maker_id, .conversation_id = g->id};
	e = event_add(joined);
	if (e != OK)
		return e;
	user = arena_alloc(g->arena, sizeof(*user));
	e = user_by_id(g->arena, g->user_ids[i], user);
	if (e != OK || user->disabled)
		return e != OK ? e : ERR_NOT_FOUND;
	role = user->id == g->maker_id && g->kind == GROUP ?
	    ROLE_OWNER : ROLE_MEMBER;
	*added = (struct event){.stream = 'c', .stream_id = g->id,
	    .type = "member.added", .at_ms = g->now_ms,
	    .actor_id = g->maker_id, .user_id = user->id, .user = user,
	    .detail = role_words[role]};
	e = member_insert(g->id, user->id, role, 0, g->now_ms);
	return e == OK ? event_add(added) : e;
}

static enum err
create(void *argument)
{
	struct creation *g = argument;
	bool group = g->kind == GROUP;
	enum err e;
	size_t i;

	g->event_count = 0;
	e = db_exec(&insert, TEXT(group ? "group" : "direct"),
	    group ? NONE : U64(g->low), group ? NONE : U64(g->high),
	    TEXT(g->name), TEXT(g->topic),
	    TEXT(visibility_words[g->visibility]), I64(g->now_ms),
	    I64(g->now_ms));
	if (e != OK)
		return e;
	g->id = db_insert_id();
	for (i = 0; i < g->user_count; i++) {
		e = create_member(g, i);
		if (e != OK)
			return e;
	}
	return OK;
}

static enum err
run_creation(struct creation *g)
{
	enum err e;
	size_t i;

	g->now_ms = clock_now_ms();
	g->events = arena_alloc(g->arena,
	    2 * g->user_count * sizeof(*g->events));
	e = db_transaction(create, g);
	if (e != OK)
		return e;
	for (i = 0; i < g->event_count; i++)
		event_publish(g->arena, &g->events[i]);
	return OK;
}

static enum err
find_direct(uint64_t low, uint64_t high, uint64_t *id)
{
	enum err e;

	*id = 0;
	e = db_query(&direct_of, U64(low), U64(high));
	if (e != OK)
		return e;
	if (db_next(&direct_of))
		*id = db_u64(&direct_of, 0);
	db_done(&direct_of);
	return *id != 0 ? OK : ERR_NOT_FOUND;
}

enum err
conversation_open_direct(struct arena *arena, uint64_t user_id,
    uint64_t other_id, uint64_t *id, bool *created)
{
	uint64_t both[2];
	struct creation g = {.arena = arena, .kind = DIRECT,
	    .low = user_id < other_id ? user_id : other_id,
	    .high = user_id < other_id ? other_id : user_id,
	    .maker_id = user_id, .user_ids = both};
	enum err e;

	*created = false;
	e = find_direct(g.low, g.high, id);
	if (e != ERR_NOT_FOUND)
		return e;
	both[g.user_count++] = g.low;
	if (g.high != g.low)
		both[g.user_count++] = g.high;
	e = run_creation(&g);
	if (e == ERR_CONFLICT)	/* somebody was faster: theirs is the one */
		return find_direct(g.low, g.high, id);
	*id = g.id;
	*created = e == OK;
	return e;
}

/* Once, at his place in the order. */
static void
take_user(struct creation *g, uint64_t user_id)
{
	size_t i;

	for (i = 0; i < g->user_count && g->user_ids[i] < user_id; i++)
		;
	if (i < g->user_count && g->user_ids[i] == user_id)
		return;
	memmove(g->user_ids + i + 1, g->user_ids + i,
	    (g->user_count - i) * sizeof(*g->user_ids));
	g->user_ids[i] = user_id;
	g->user_count++;
}

enum err
conversation_create_group(struct arena *arena, uint64_t owner_id,
    const char *name, const char *topic, enum visibility visibility,
    const uint64_t *user_ids, size_t user_count, uint64_t *id)
{
	struct creation g = {.arena = arena, .kind = GROUP, .name = name,
	    .topic = topic, .visibility = visibility, .maker_id = owner_id};
	enum err e;
	size_t i;

	g.user_ids = arena_alloc(arena,
	    (user_count + 1) * sizeof(*g.user_ids));
	take_user(&g, owner_id);
	for (i = 0; i < user_count; i++)
		take_user(&g, user_ids[i]);
	e = run_creation(&g);
	*id = g.id;
	return e;
}

struct changing {
	struct arena *arena;
	uint64_t id;
	uint64_t actor_id;
	const struct conversation_change *change;
	struct event events[2];
	size_t count;
};

static enum err
write_change(const struct changing *g)
{
	const struct conversation_change *to = g->change;
	enum err e;

	e = db_exec(&change, TEXT(to->name), TEXT(to->topic),
	    TEXT(to->visibility < 0 ? NULL : visibility_words[to->visibility]),
	    U64(g->id));
	if (e != OK || to->archived < 0)
		return e;
	return db_exec(&archive,
	    to->archived != 0 ? I64(clock_now_ms()) : NONE, U64(g->id));
}

static enum err
change_for_all(struct changing *g)
{
	struct event *ev = &g->events[g->count++];
	struct conversation *changed;
	struct lock lock;
	enum err e;

	e = conversation_lock(g->id, g->actor_id, &lock);
	if (e != OK)
		return e;
	if (lock.kind != GROUP || lock.role < ROLE_ADMIN)
		return ERR_FORBIDDEN;
	e = write_change(g);
	if (e != OK)
		return e;
	changed = arena_alloc(g->arena, sizeof(*changed));
	*ev = (struct event){.stream = 'c', .stream_id = g->id,
	    .type = "conversation.updated", .at_ms = clock_now_ms(),
	    .actor_id = g->actor_id, .conversation = changed};
	e = event_add(ev);
	return e == OK ? conversation_shared(g->arena, g->id, changed) : e;
}

static enum err
change_it(void *argument)
{
	struct changing *g = argument;
	const struct conversation_change *to = g->change;
	enum err e = OK;

	g->count = 0;
	if (to->name != NULL || to->topic != NULL || to->visibility >= 0 ||
	    to->archived >= 0)
		e = change_for_all(g);
	if (e == OK && to->notify >= 0)
		e = member_notify(g->id, g->actor_id, (enum notify)to->notify,
		    &g->events[g->count++]);
	return e;
}

enum err
conversation_change(struct arena *arena, uint64_t id, uint64_t actor_id,
    const struct conversation_change *to)
{
	struct changing g = {.arena = arena, .id = id, .actor_id = actor_id,
	    .change = to};
	enum err e;

	e = db_transaction(change_it, &g);
	if (e != OK)
		return e;
	for (size_t i = 0; i < g.count; i++)
		event_publish(arena, &g.events[i]);
	return OK;
}

struct deletion {
	struct arena *arena;
	uint64_t id;
	uint64_t actor_id;
	struct event *events;	/* the group's, then one for each member */
	size_t count;
};

static enum err
tell_members(struct deletion *g, uint64_t member_count, int64_t now_ms)
{
	struct event *ev;
	enum err e;
	size_t i;

	g->events = arena_alloc(g->arena,
	    (member_count + 1) * sizeof(*g->events));
	ev = &g->events[g->count++];
	*ev = (struct event){.stream = 'c', .stream_id = g->id,
	    .type = "conversation.deleted", .at_ms = now_ms,
	    .actor_id = g->actor_id};
	e = db_query(&member_ids, U64(g->id));
	if (e != OK)
		return e;
	while (g->count <= member_count && db_next(&member_ids)) {
		ev = &g->events[g->count++];
		*ev = (struct event){.stream = 'u',
		    .stream_id = db_u64(&member_ids, 0),
		    .type = "conversation.left", .at_ms = now_ms,
		    .actor_id = g->actor_id, .conversation_id = g->id};
	}
	db_done(&member_ids);
	for (i = 0; i < g->count; i++) {
		e = event_add(&g->events[i]);
		if (e != OK)
			return e;
	}
	return OK;
}

static enum err
delete_it(void *argument)
{
	struct deletion *g = argument;
	struct lock lock;
	int64_t now_ms = clock_now_ms();
	enum err e;

	g->count = 0;
	e = conversation_lock(g->id, g->actor_id, &lock);
	if (e != OK)
		return e;
	if (lock.kind != GROUP || lock.role != ROLE_OWNER)
		return ERR_FORBIDDEN;
	e = tell_members(g, lock.member_count, now_ms);
	if (e != OK)
		return e;
	return db_exec(&delete, I64(now_ms), U64(g->id));
}

enum err
conversation_delete(struct arena *arena, uint64_t id, uint64_t actor_id)
{
	struct deletion g = {.arena = arena, .id = id, .actor_id = actor_id};
	enum err e;
	size_t i;

	e = db_transaction(delete_it, &g);
	if (e != OK)
		return e;
	for (i = 0; i < g.count; i++)
		event_publish(arena, &g.events[i]);
	return OK;
}
