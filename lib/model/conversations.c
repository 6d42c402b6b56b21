#include "model/conversations.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"

/* clang-format off */
static struct stmt lock_row = {.sql =
	"SELECT c.kind = 'group', c.visibility = 'public', m.role,"
	" c.archived_at_ms, c.last_number, c.member_count,"
	" c.direct_low, c.direct_high"
	" FROM conversations c LEFT JOIN members m"
	" ON m.conversation_id = c.id AND m.user_id = ?"
	" WHERE c.id = ? AND c.deleted_at_ms IS NULL FOR UPDATE"};

static struct stmt admit = {.sql =
	"SELECT m.role, c.last_seq, c.last_number"
	" FROM members m JOIN conversations c ON c.id = m.conversation_id"
	" WHERE m.conversation_id = ? AND m.user_id = ?"
	" AND c.deleted_at_ms IS NULL"};

/* All that the list shows, in one statement: the conversation, the member's
 * own row, the other one of two, and the last message. */
#define SEEN_COLUMNS \
	"c.id, c.kind = 'group', c.name, c.topic," \
	" c.visibility = 'public', c.last_seq, c.last_number," \
	" c.member_count, c.active_at_ms, c.archived_at_ms," \
	" me.role, me.read_number, me.notify, me.joined_at_ms," \
	" (SELECT COUNT(*) FROM mentions n WHERE n.user_id = me.user_id" \
	"   AND n.conversation_id = c.id AND n.number > me.read_number)," \
	" p.id, p.username, p.display_name, p.kind = 'bot'," \
	MESSAGE_PREVIEW_COLUMNS
#define SEEN_MESSAGE 19
#define SEEN_FROM \
	" FROM members me JOIN conversations c ON c.id = me.conversation_id" \
	" LEFT JOIN users p ON p.id = IF(c.direct_low = me.user_id," \
	" c.direct_high, c.direct_low)" \
	" LEFT JOIN messages m ON m.conversation_id = c.id" \
	" AND m.number = c.last_number" MESSAGE_JOINS

static struct stmt of_user = {.sql =
	"SELECT " SEEN_COLUMNS SEEN_FROM
	" WHERE me.user_id = ? AND c.deleted_at_ms IS NULL"
	" ORDER BY c.active_at_ms DESC, c.id DESC"};

static struct stmt one_of_user = {.sql =
	"SELECT " SEEN_COLUMNS SEEN_FROM
	" WHERE me.user_id = ? AND me.conversation_id = ?"
	" AND c.deleted_at_ms IS NULL"};

#define SHARED_COLUMNS \
	"c.id, c.kind = 'group', c.name, c.topic," \
	" c.visibility = 'public', c.last_seq, c.last_number," \
	" c.member_count, c.active_at_ms, c.archived_at_ms"

static struct stmt shared = {.sql =
	"SELECT " SHARED_COLUMNS " FROM conversations c"
	" WHERE c.id = ? AND c.deleted_at_ms IS NULL"};

static struct stmt public = {.sql =
	"SELECT " SHARED_COLUMNS " FROM conversations c"
	" LEFT JOIN members me ON me.conversation_id = c.id AND me.user_id = ?"
	" WHERE c.visibility = 'public' AND c.kind = 'group'"
	" AND c.deleted_at_ms IS NULL AND c.archived_at_ms IS NULL"
	" AND me.user_id IS NULL AND c.name LIKE CONCAT('%', ?, '%')"
	" ORDER BY c.name, c.id LIMIT ?"};

static struct stmt sum = {.sql =
	"SELECT u.last_seq, COALESCE((SELECT SUM(c.last_seq)"
	" FROM members m JOIN conversations c ON c.id = m.conversation_id"
	" WHERE m.user_id = u.id AND c.deleted_at_ms IS NULL), 0)"
	" FROM users u WHERE u.id = ? AND u.disabled_at_ms IS NULL"
	" AND (EXISTS (SELECT 1 FROM tokens t WHERE t.user_id = u.id"
	" AND COALESCE(t.expires_at_ms > ?, TRUE))"
	" OR EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = u.id"
	" AND s.expires_at_ms > ?))"};
/* clang-format on */

struct stmt *const conversations_sql[] = {&lock_row, &admit, &of_user,
    &one_of_user, &shared, &public, &sum, NULL};

const char *const visibility_words[] = {"private", "public", NULL};

enum err
conversation_lock_for(uint64_t id, uint64_t user_id, struct lock *lock)
{
	char role[16];
	bool found;
	enum err e;

	*lock = (struct lock){0};
	e = db_query(&lock_row, U64(user_id), U64(id));
	if (e != OK)
		return e;
	found = db_next(&lock_row);
	if (found) {
		lock->kind = db_u64(&lock_row, 0) != 0 ? GROUP : DIRECT;
		lock->visibility = db_u64(&lock_row, 1) != 0 ? PUBLIC : PRIVATE;
		role[db_bytes(&lock_row, 2, role, sizeof(role) - 1)] = '\0';
		lock->role = role_of(role);
		lock->archived = !db_is_null(&lock_row, 3);
		lock->last_number = db_u64(&lock_row, 4);
		lock->member_count = db_u64(&lock_row, 5);
		lock->direct_low = db_u64(&lock_row, 6);
		lock->direct_high = db_u64(&lock_row, 7);
	}
	db_done(&lock_row);
	return found ? OK : ERR_NOT_FOUND;
}

enum err
conversation_lock(uint64_t id, uint64_t member_id, struct lock *lock)
{
	enum err e = conversation_lock_for(id, member_id, lock);

	return e == OK && lock->role == ROLE_NONE ? ERR_NOT_FOUND : e;
}

enum err
conversation_admit(uint64_t id, uint64_t user_id, struct admission *a)
{
	char role[16];
	bool found;
	enum err e;

	e = db_query(&admit, U64(id), U64(user_id));
	if (e != OK)
		return e;
	found = db_next(&admit);
	if (found && a != NULL) {
		role[db_bytes(&admit, 0, role, sizeof(role) - 1)] = '\0';
		a->role = role_of(role);
		a->last_seq = db_u64(&admit, 1);
		a->last_number = db_u64(&admit, 2);
	}
	db_done(&admit);
	return found ? OK : ERR_NOT_FOUND;
}

static void
read_shared(struct stmt *s, struct arena *arena, struct conversation *c)
{
	c->id = db_u64(s, 0);
	c->kind = db_u64(s, 1) != 0 ? GROUP : DIRECT;
	c->name = db_text(s, 2, arena);
	c->topic = db_text(s, 3, arena);
	c->visibility = db_u64(s, 4) != 0 ? PUBLIC : PRIVATE;
	c->last_seq = db_u64(s, 5);
	c->last_number = db_u64(s, 6);
	c->member_count = db_u64(s, 7);
	c->active_at_ms = db_i64(s, 8);
	c->archived_at_ms = db_i64(s, 9);
}

static void
read_seen(struct stmt *s, struct arena *arena, struct conversation *c)
{
	struct message *m;

	read_shared(s, arena, c);
	c->me.role = role_of(db_text(s, 10, arena));
	c->me.read_number = db_u64(s, 11);
	c->me.notify = notify_of(db_text(s, 12, arena));
	c->me.joined_at_ms = db_i64(s, 13);
	c->mentions = db_u64(s, 14);
	if (!db_is_null(s, 15)) {
		c->peer.id = db_u64(s, 15);
		c->peer.username = db_text(s, 16, arena);
		c->peer.display_name = db_text(s, 17, arena);
		c->peer.is_bot = db_u64(s, 18) != 0;
	}
	m = arena_alloc(arena, sizeof(*m));
	if (message_row(s, SEEN_MESSAGE, arena, m))
		c->last_message = m;
}

static void
read_list(struct stmt *s, struct arena *arena, struct conversation_list *list,
    void (*read_row)(struct stmt *, struct arena *, struct conversation *))
{
	size_t room = 32;
	struct conversation *more;

	list->items = arena_alloc(arena, room * sizeof(*list->items));
	while (db_next(s)) {
		if (list->count == room) {
			more = arena_alloc(arena, 2 * room * sizeof(*more));
			memcpy(more, list->items, room * sizeof(*more));
			list->items = more;
			room *= 2;
		}
		read_row(s, arena, &list->items[list->count++]);
	}
}

enum err
conversations_of(struct arena *arena, uint64_t viewer_id, uint64_t only_id,
    struct conversation_list *list)
{
	struct stmt *s = only_id != 0 ? &one_of_user : &of_user;
	enum err e;
	size_t i;

	*list = (struct conversation_list){0};
	if (only_id != 0)
		e = db_query(&one_of_user, U64(viewer_id), U64(only_id));
	else
		e = db_query(&of_user, U64(viewer_id));
	if (e != OK)
		return e;
	read_list(s, arena, list, read_seen);
	for (i = 0; i < list->count; i++)
		list->items[i].me.user.id = viewer_id;
	return OK;
}

enum err
conversation_read(struct arena *arena, uint64_t id, uint64_t viewer_id,
    struct conversation *c)
{
	struct conversation_list list;
	enum err e;

	e = conversations_of(arena, viewer_id, id, &list);
	if (e != OK)
		return e;
	if (list.count == 0)
		return ERR_NOT_FOUND;
	*c = list.items[0];
	return OK;
}

enum err
conversation_shared(struct arena *arena, uint64_t id, struct conversation *c)
{
	bool found;
	enum err e;

	*c = (struct conversation){0};
	e = db_query(&shared, U64(id));
	if (e != OK)
		return e;
	found = db_next(&shared);
	if (found)
		read_shared(&shared, arena, c);
	db_done(&shared);
	return found ? OK : ERR_NOT_FOUND;
}

enum err
conversations_public(struct arena *arena, uint64_t viewer_id, const char *q,
    size_t limit, struct conversation_list *list)
{
	enum err e;

	*list = (struct conversation_list){0};
	e = db_query(&public, U64(viewer_id), TEXT(text_like(arena, q)),
	    U64(limit));
	if (e == OK)
		read_list(&public, arena, list, read_shared);
	return e;
}

enum err
conversations_sum(uint64_t user_id, uint64_t *total, uint64_t *last_seq)
{
	int64_t now_ms = clock_now_ms();
	bool found;
	enum err e;

	*total = 0;
	*last_seq = 0;
	e = db_query(&sum, U64(user_id), I64(now_ms), I64(now_ms));
	if (e != OK)
		return e;
	found = db_next(&sum);
	if (found) {
		*last_seq = db_u64(&sum, 0);
		*total = db_u64(&sum, 1);
	}
	db_done(&sum);
	return found ? OK : ERR_NOT_FOUND;
}

static void
shape_common(struct json *j, const struct conversation *c)
{
	json_u64(j, "id", c->id);
	json_text(j, "kind", c->kind == GROUP ? "group" : "direct");
	if (c->kind == GROUP) {
		json_text(j, "name", c->name);
		json_text(j, "topic", c->topic);
		json_text(j, "visibility", visibility_words[c->visibility]);
	}
	json_u64(j, "member_count", c->member_count);
	json_bool(j, "archived", c->archived_at_ms != 0);
}

void
shape_conversation_shared(struct json *j, const char *key,
    const struct conversation *c)
{
	json_object(j, key);
	shape_common(j, c);
	json_end_object(j);
}

void
shape_conversation(struct json *j, const char *key,
    const struct conversation *c)
{
	json_object(j, key);
	shape_common(j, c);
	json_text(j, "role", role_words[c->me.role]);
	json_u64(j, "last_seq", c->last_seq);
	json_u64(j, "last_number", c->last_number);
	json_u64(j, "read_number", c->me.read_number);
	json_u64(j, "unread", c->last_number - c->me.read_number);
	json_u64(j, "mentions", c->mentions);
	json_text(j, "notify", notify_words[c->me.notify]);
	json_time(j, "active_at", c->active_at_ms);
	if (c->last_message != NULL)
		shape_message(j, "last_message", c->last_message,
		    c->me.user.id);
	if (c->peer.id != 0)
		shape_user(j, "peer", &c->peer);
	json_end_object(j);
}
