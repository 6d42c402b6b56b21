#include "model/members.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "model/conversations.h"
#include "model/events.h"

/* clang-format off */
static struct stmt of_conversation = {.sql =
	"SELECT u.id, u.username, u.display_name, u.kind = 'bot',"
	" m.role, m.read_number, m.notify, m.joined_at_ms"
	" FROM members m JOIN users u ON u.id = m.user_id"
	" WHERE m.conversation_id = ?"
	" ORDER BY u.display_name, u.id"};

static struct stmt one = {.sql =
	"SELECT u.id, u.username, u.display_name, u.kind = 'bot',"
	" m.role, m.read_number, m.notify, m.joined_at_ms"
	" FROM members m JOIN users u ON u.id = m.user_id"
	" WHERE m.conversation_id = ? AND m.user_id = ?"};

static struct stmt insert = {.sql =
	"INSERT INTO members (conversation_id, user_id, role, read_number,"
	" joined_at_ms) VALUES (?, ?, ?, ?, ?)"};

static struct stmt count_up = {.sql =
	"UPDATE conversations SET member_count = member_count + 1"
	" WHERE id = ?"};

static struct stmt delete = {.sql =
	"DELETE FROM members WHERE conversation_id = ? AND user_id = ?"};

static struct stmt count_down = {.sql =
	"UPDATE conversations SET member_count = member_count - 1"
	" WHERE id = ?"};

/* A group without anybody is gone: there is nobody left to let others in. */
static struct stmt close_empty = {.sql =
	"UPDATE conversations SET deleted_at_ms = ?"
	" WHERE id = ? AND member_count = 0"};

static struct stmt set_role = {.sql =
	"UPDATE members SET role = ?"
	" WHERE conversation_id = ? AND user_id = ?"};

static struct stmt places_of = {.sql =
	"SELECT m.conversation_id"
	" FROM members m JOIN conversations c ON c.id = m.conversation_id"
	" WHERE m.user_id = ? AND c.deleted_at_ms IS NULL"
	" ORDER BY m.conversation_id"};
/* clang-format on */

struct stmt *const members_sql[] = {&of_conversation, &one, &insert,
    &count_up, &delete, &count_down, &close_empty, &set_role, &places_of,
    NULL};

const char *const role_words[] = {"none", "member", "admin", "owner", NULL};
const char *const notify_words[] = {"all", "mentions", "nothing", NULL};

enum role
role_of(const char *word)
{
	enum role r;

	for (r = ROLE_OWNER; r > ROLE_NONE; r--)
		if (word != NULL && strcmp(word, role_words[r]) == 0)
			return r;
	return ROLE_NONE;
}

enum notify
notify_of(const char *word)
{
	enum notify n;

	for (n = NOTIFY_NOTHING; n > NOTIFY_ALL; n--)
		if (word != NULL && strcmp(word, notify_words[n]) == 0)
			return n;
	return NOTIFY_ALL;
}

static void
read_row(struct stmt *s, struct arena *arena, struct member *m)
{
	m->user.id = db_u64(s, 0);
	m->user.username = db_text(s, 1, arena);
	m->user.display_name = db_text(s, 2, arena);
	m->user.is_bot = db_u64(s, 3) != 0;
	m->role = role_of(db_text(s, 4, arena));
	m->read_number = db_u64(s, 5);
	m->notify = notify_of(db_text(s, 6, arena));
	m->joined_at_ms = db_i64(s, 7);
}

enum err
members_of(struct arena *arena, uint64_t conversation_id, uint64_t reader_id,
    struct member_list *list)
{
	size_t room = 16;
	struct member *more;
	enum err e;

	*list = (struct member_list){0};
	e = conversation_admit(conversation_id, reader_id, NULL);
	if (e != OK)
		return e;
	e = db_query(&of_conversation, U64(conversation_id));
	if (e != OK)
		return e;
	list->items = arena_alloc(arena, room * sizeof(*list->items));
	while (db_next(&of_conversation)) {
		if (list->count == room) {
			more = arena_alloc(arena, 2 * room * sizeof(*more));
			memcpy(more, list->items, room * sizeof(*more));
			list->items = more;
			room *= 2;
		}
		read_row(&of_conversation, arena,
		    &list->items[list->count++]);
	}
	/* Again, so that nobody sees who came after their own leaving. */
	return conversation_admit(conversation_id, reader_id, NULL);
}

/* ERR_NOT_FOUND: not a member. */
static enum err
member_read_row(struct arena *arena, uint64_t conversation_id,
    uint64_t user_id, struct member *m)
{
	bool found;
	enum err e;

	e = db_query(&one, U64(conversation_id), U64(user_id));
	if (e != OK)
		return e;
	found = db_next(&one);
	if (found)
		read_row(&one, arena, m);
	db_done(&one);
	return found ? OK : ERR_NOT_FOUND;
}

enum err
member_insert(uint64_t conversation_id, uint64_t user_id, enum role role,
    uint64_t read_number, int64_t now_ms)
{
	enum err e;

	e = db_exec(&insert, U64(conversation_id), U64(user_id),
	    TEXT(role_words[role]), U64(read_number), I64(now_ms));
	if (e != OK)
		return e;
	return db_exec(&count_up, U64(conversation_id));
}

/* One change of who is in: its arguments, and the events it made. */
struct change {
	struct arena *arena;
	uint64_t conversation_id;
	uint64_t actor_id;
	uint64_t user_id;
	uint64_t members_max;
	enum role role;
	int64_t now_ms;
	struct member *result;		/* of adding and changing */
	struct event events[3];
	size_t count;
};

static struct event *
in_conversation(struct change *g, const char *type, uint64_t user_id)
{
	struct event *ev = &g->events[g->count++];

	*ev = (struct event){.stream = 'c', .stream_id = g->conversation_id,
	    .type = type, .at_ms = g->now_ms, .actor_id = g->actor_id,
	    .user_id = user_id};
	return ev;
}

static struct event *
for_user(struct change *g, const char *type, uint64_t user_id)
{
	struct event *ev = &g->events[g->count++];

	*ev = (struct event){.stream = 'u', .stream_id = user_id,
	    .type = type, .at_ms = g->now_ms, .actor_id = g->actor_id,
	    .conversation_id = g->conversation_id};
	return ev;
}

static enum err
run(struct change *g, enum err (*body)(void *))
{
	enum err e;
	size_t i;

	g->now_ms = clock_now_ms();
	e = db_transaction(body, g);
	if (e != OK)
		return e;
	for (i = 0; i < g->count; i++)
		event_publish(g->arena, &g->events[i]);
	return OK;
}

static enum err
may_add(const struct lock *lock, bool oneself)
{
	bool public = lock->kind == GROUP && lock->visibility == PUBLIC;

	/* Only a public group is there for somebody who is not in it. */
	if (lock->role == ROLE_NONE)
		return public && oneself && !lock->archived ? OK :
		    ERR_NOT_FOUND;
	if (lock->kind != GROUP || (!public && lock->role < ROLE_ADMIN))
		return ERR_FORBIDDEN;
	return lock->archived ? ERR_ARCHIVED : OK;
}

static enum err
add(void *argument)
{
	struct change *g = argument;
	struct lock lock;
	struct user *user;
	struct event *ev;
	enum err e;

	g->count = 0;
	e = conversation_lock_for(g->conversation_id, g->actor_id, &lock);
	if (e != OK)
		return e;
	e = may_add(&lock, g->actor_id == g->user_id);
	if (e != OK)
		return e;
	/* First the user's row, which the foreign key of members would only
	 * share: two that share it then wait for each other.  The name is read
	 * under that lock: a change of it is told by an event after this one. */
	ev = in_conversation(g, "member.added", g->user_id);
	e = event_add(for_user(g, "conversation.joined", g->user_id));
	if (e != OK)
		return e;
	user = arena_alloc(g->arena, sizeof(*user));
	e = user_by_id(g->arena, g->user_id, user);
	if (e != OK || user->disabled)
		return e != OK ? e : ERR_NOT_FOUND;
	if (lock.member_count >= g->members_max)
		return ERR_CONFLICT;
	ev->detail = role_words[ROLE_MEMBER];
	ev->user = user;
	e = member_insert(g->conversation_id, g->user_id, ROLE_MEMBER,
	    lock.last_number, g->now_ms);
	if (e == OK)
		e = event_add(ev);
	return e == OK ? member_read_row(g->arena, g->conversation_id,
	    g->user_id, g->result) : e;
}

enum err
member_add(struct arena *arena, uint64_t conversation_id, uint64_t actor_id,
    uint64_t user_id, uint64_t members_max, struct member *added)
{
	struct change g = {.arena = arena, .conversation_id = conversation_id,
	    .actor_id = actor_id, .user_id = user_id,
	    .members_max = members_max, .result = added};

	return run(&g, add);
}

static enum err
remove_member(void *argument)
{
	struct change *g = argument;
	struct member target = {0};
	struct lock lock;
	enum err e;

	g->count = 0;
	e = conversation_lock(g->conversation_id, g->actor_id, &lock);
	if (e != OK)
		return e;
	if (lock.kind != GROUP)
		return ERR_FORBIDDEN;
	e = member_read_row(g->arena, g->conversation_id, g->user_id,
	    &target);
	if (e != OK)
		return e;
	if (g->actor_id == g->user_id) {
		if (target.role == ROLE_OWNER && lock.member_count > 1)
			return ERR_OWNER_MUST_STAY;
	} else if (lock.role < ROLE_ADMIN || lock.role <= target.role) {
		return ERR_FORBIDDEN;
	}
	e = db_exec(&delete, U64(g->conversation_id), U64(g->user_id));
	if (e != OK)
		return e;
	e = mentions_forget(g->conversation_id, g->user_id);
	if (e != OK)
		return e;
	e = db_exec(&count_down, U64(g->conversation_id));
	if (e != OK)
		return e;
	e = db_exec(&close_empty, I64(g->now_ms), U64(g->conversation_id));
	if (e != OK)
		return e;
	e = event_add(in_conversation(g, "member.removed", g->user_id));
	if (e != OK)
		return e;
	return event_add(for_user(g, "conversation.left", g->user_id));
}

enum err
member_remove(struct arena *arena, uint64_t conversation_id,
    uint64_t actor_id, uint64_t user_id)
{
	struct change g = {.arena = arena, .conversation_id = conversation_id,
	    .actor_id = actor_id, .user_id = user_id};

	return run(&g, remove_member);
}

static enum err
give_role(struct change *g, uint64_t user_id, enum role role)
{
	struct event *ev;
	enum err e;

	e = db_exec(&set_role, TEXT(role_words[role]), U64(g->conversation_id),
	    U64(user_id));
	if (e != OK)
		return e;
	ev = in_conversation(g, "member.changed", user_id);
	ev->detail = role_words[role];
	return event_add(ev);
}

static enum err
change_role(void *argument)
{
	struct change *g = argument;
	struct member target = {0};
	struct lock lock;
	enum err e;

	g->count = 0;
	e = conversation_lock(g->conversation_id, g->actor_id, &lock);
	if (e != OK)
		return e;
	if (lock.kind != GROUP || lock.role != ROLE_OWNER)
		return ERR_FORBIDDEN;
	e = member_read_row(g->arena, g->conversation_id, g->user_id,
	    &target);
	if (e != OK)
		return e;
	*g->result = target;
	if (target.role == g->role)
		return OK;
	if (target.role == ROLE_OWNER)
		return ERR_OWNER_MUST_STAY;
	g->result->role = g->role;
	if (g->role == ROLE_OWNER) {
		e = give_role(g, g->actor_id, ROLE_ADMIN);
		if (e != OK)
			return e;
	}
	return give_role(g, g->user_id, g->role);
}

enum err
member_change(struct arena *arena, uint64_t conversation_id,
    uint64_t actor_id, uint64_t user_id, enum role role,
    struct member *changed)
{
	struct change g = {.arena = arena, .conversation_id = conversation_id,
	    .actor_id = actor_id, .user_id = user_id, .role = role,
	    .result = changed};

	return run(&g, change_role);
}

struct told {
	struct event event;
	struct told *before;
};

/*
 * Who joins or leaves meanwhile waits for the user's row, so that no
 * conversation is left out.  They have locked a conversation before; the
 * deadlock that may come of it is found, and the transaction done again.
 */
enum err
members_tell(struct arena *arena, uint64_t user_id, struct told **last)
{
	struct user *user = arena_alloc(arena, sizeof(*user));
	enum err e;

	*last = NULL;
	e = user_by_id(arena, user_id, user);
	if (e == OK)
		e = db_query(&places_of, U64(user_id));
	while (e == OK && db_next(&places_of)) {
		struct told *told = arena_alloc(arena, sizeof(*told));

		told->event = (struct event){.stream = 'c',
		    .stream_id = db_u64(&places_of, 0),
		    .type = "user.updated", .at_ms = clock_now_ms(),
		    .actor_id = user_id, .user_id = user_id, .user = user};
		told->before = *last;
		*last = told;
		e = event_add(&told->event);
	}
	db_done(&places_of);
	return e;
}

void
members_announce(struct arena *arena, const struct told *last)
{
	for (; last != NULL; last = last->before)
		event_publish(arena, &last->event);
}

void
shape_member(struct json *j, const char *key, const struct member *m)
{
	json_object(j, key);
	shape_user(j, "user", &m->user);
	json_text(j, "role", role_words[m->role]);
	json_u64(j, "read_number", m->read_number);
	json_time(j, "joined_at", m->joined_at_ms);
	json_end_object(j);
}
