#include "model/users.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/utf8.h"
#include "events/board.h"
#include "model/events.h"
#include "model/members.h"

/* clang-format off */
static struct stmt by_id = {.sql =
	"SELECT " USER_COLUMNS " FROM users u WHERE u.id = ?"};

static struct stmt by_username = {.sql =
	"SELECT " USER_COLUMNS " FROM users u WHERE u.username = ?"};

static struct stmt self = {.sql =
	"SELECT " USER_COLUMNS ", u.last_seq, u.settings"
	" FROM users u WHERE u.id = ?"};

/* Arguments: what a name begins with, twice, then what it contains, twice.  A
 * column in ASCII can't be compared with other letters: hence CONVERT. */
#define EITHER \
	"(CONVERT(u.username USING utf8mb4) LIKE ? OR u.display_name LIKE ?)"

static struct stmt search = {.sql =
	"SELECT " USER_COLUMNS ", " EITHER " AS begins"
	" FROM users u WHERE u.disabled_at_ms IS NULL AND " EITHER
	" ORDER BY begins DESC, u.display_name, u.id LIMIT ?"};

static struct stmt all = {.sql =
	"SELECT " USER_COLUMNS ", u.created_at_ms, u.password IS NOT NULL"
	" FROM users u ORDER BY u.username"};

static struct stmt first_admin = {.sql =
	"SELECT " USER_COLUMNS " FROM users u"
	" WHERE u.is_admin = 1 AND u.disabled_at_ms IS NULL"
	" ORDER BY u.id LIMIT 1"};

static struct stmt lock_settings = {.sql =
	"SELECT settings FROM users WHERE id = ? FOR UPDATE"};

static struct stmt change = {.sql =
	"UPDATE users SET display_name = COALESCE(?, display_name),"
	" settings = COALESCE(?, settings) WHERE id = ?"};

struct stmt *const users_sql[] = {&by_id, &by_username, &self, &search, &all,
	&first_admin, &lock_settings, &change, NULL};
/* clang-format on */

static const struct board *presence;

void
users_start(const struct board *board)
{
	presence = board;
}

void
user_row(struct stmt *s, unsigned first, struct arena *arena, struct user *u)
{
	u->id = db_u64(s, first);
	u->username = db_text(s, first + 1, arena);
	u->display_name = db_text(s, first + 2, arena);
	u->is_bot = db_u64(s, first + 3) != 0;
	u->is_admin = db_u64(s, first + 4) != 0;
	u->disabled = db_u64(s, first + 5) != 0;
}

static void
shape_name(struct json *j, const struct user *u)
{
	json_u64(j, "id", u->id);
	json_text(j, "username", u->username);
	json_text(j, "display_name", u->display_name);
	json_text(j, "kind", u->is_bot ? "bot" : "person");
}

static void
shape_presence(struct json *j, const struct user *u)
{
	json_text(j, "presence",
	    board_online(presence, u->id) ? "online" : "offline");
}

void
shape_author(struct json *j, const char *key, const struct user *u)
{
	json_object(j, key);
	shape_name(j, u);
	json_end_object(j);
}

void
shape_user(struct json *j, const char *key, const struct user *u)
{
	json_object(j, key);
	shape_name(j, u);
	shape_presence(j, u);
	json_end_object(j);
}

void
shape_user_self(struct json *j, const char *key, const struct user *u)
{
	json_object(j, key);
	shape_name(j, u);
	shape_presence(j, u);
	json_bool(j, "is_admin", u->is_admin);
	json_end_object(j);
}

char *
username_fold(struct arena *arena, const char *s)
{
	char *folded = arena_text(arena, s);

	for (char *p = folded; *p != '\0'; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	}
	return folded;
}

bool
username_valid(const char *s)
{
	size_t length = strlen(s);

	if (length < 2 || length >= USERNAME_SIZE)
		return false;
	if (strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789._-") != length)
		return false;
	return strchr("._-", s[0]) == NULL;
}

/* What reads as the site itself, as a group of people, or as a path. */
bool
username_reserved(const char *s)
{
	static const char *const words[] = {"admin", "administrator", "all",
		"anyone", "api", "bot", "channel", "everybody", "everyone",
		"group", "guest", "help", "here", "hook", "hooks", "info", "me",
		"moderator", "natter", "nobody", "null", "official", "owner",
		"root", "security", "server", "staff", "support", "sysadmin",
		"system", "team", "undefined", "webmaster", NULL};

	for (size_t i = 0; words[i] != NULL; i++) {
		if (strcmp(s, words[i]) == 0)
			return true;
	}
	return false;
}

char *
display_name_clean(struct arena *arena, const char *s)
{
	char *clean = utf8_clean_name(arena, s);

	if (clean == NULL || utf8_count(clean) > DISPLAY_NAME_CHARACTERS)
		return NULL;
	return clean;
}

/* The one row of an opened query. */
static enum err
only_row(struct stmt *s, struct arena *arena, struct user *u)
{
	if (!db_next(s))
		return ERR_NOT_FOUND;
	user_row(s, 0, arena, u);
	db_done(s);
	return OK;
}

enum err
user_by_id(struct arena *arena, uint64_t id, struct user *u)
{
	enum err e;

	*u = (struct user){0};
	e = db_query(&by_id, U64(id));
	if (e != OK)
		return e;
	return only_row(&by_id, arena, u);
}

enum err
user_by_name(struct arena *arena, const char *username, struct user *u)
{
	enum err e;

	*u = (struct user){0};
	if (!username_valid(username))
		return ERR_NOT_FOUND;
	e = db_query(&by_username, TEXT(username));
	if (e != OK)
		return e;
	return only_row(&by_username, arena, u);
}

enum err
user_self(struct arena *arena, uint64_t id, struct user *u)
{
	enum err e;

	*u = (struct user){0};
	e = db_query(&self, U64(id));
	if (e != OK)
		return e;
	if (!db_next(&self))
		return ERR_NOT_FOUND;
	user_row(&self, 0, arena, u);
	u->last_seq = db_u64(&self, USER_COLUMNS_COUNT);
	u->settings = db_text(&self, USER_COLUMNS_COUNT + 1, arena);
	db_done(&self);
	return OK;
}

enum err
users_search(struct arena *arena, const char *q, size_t limit,
    struct user **items, size_t *count)
{
	const char *begins = arena_printf(arena, "%s%%", text_like(arena, q));
	const char *contains = arena_printf(arena, "%%%s", begins);
	enum err e;

	*count = 0;
	*items = arena_alloc(arena, limit * sizeof(**items));
	e = db_query(&search, TEXT(begins), TEXT(begins), TEXT(contains),
	    TEXT(contains), U64(limit));
	if (e != OK)
		return e;
	while (*count < limit && db_next(&search))
		user_row(&search, 0, arena, &(*items)[(*count)++]);
	db_done(&search);
	return OK;
}

enum err
users_list(struct arena *arena, struct user **items, size_t *count)
{
	size_t room = 64;
	enum err e;

	*count = 0;
	*items = arena_alloc(arena, room * sizeof(**items));
	e = db_query(&all);
	if (e != OK)
		return e;
	while (db_next(&all)) {
		struct user *u;

		if (*count == room) {
			struct user *more;

			more = arena_alloc(arena, 2 * room * sizeof(*more));
			memcpy(more, *items, room * sizeof(*more));
			*items = more;
			room *= 2;
		}
		u = &(*items)[(*count)++];
		user_row(&all, 0, arena, u);
		u->created_at_ms = db_i64(&all, USER_COLUMNS_COUNT);
		u->has_password = db_u64(&all, USER_COLUMNS_COUNT + 1) != 0;
	}
	return OK;
}

enum err
users_first_admin(struct arena *arena, struct user *u)
{
	enum err e;

	*u = (struct user){0};
	e = db_query(&first_admin);
	if (e != OK)
		return e;
	return only_row(&first_admin, arena, u);
}

struct alteration {
	struct arena *arena;
	uint64_t id;
	const char *display_name;
	const struct json_value *settings;
	struct event event;
	struct told *told;
};

struct merge {
	struct json j;
	struct arena *arena;
	const struct json_value *over;	/* keys in it are left out */
};

static void
merge_key(const char *key, const struct json_value *value, void *argument)
{
	struct merge *m = argument;

	if (m->over != NULL && json_get(m->over, key) != NULL)
		return;
	if (m->over == NULL && json_kind(value) == JSON_NULL)
		return;
	json_raw(&m->j, key, json_source(m->arena, value));
}

/* Settings are read back by the same strict reader, so what it would not take
 * is not stored. */
static enum err
merged(struct arena *arena, const char *old, const struct json_value *settings,
    const char **result)
{
	struct merge m = {.arena = arena, .over = settings};
	const struct json_value *before, *after;
	enum err e;

	e = json_parse(arena, old, strlen(old), &before);
	if (e != OK)
		before = NULL;
	json_start(&m.j, arena, SETTINGS_BYTES_MAX);
	json_object(&m.j, NULL);
	if (before != NULL)
		json_keys(before, merge_key, &m);
	m.over = NULL;
	json_keys(settings, merge_key, &m);
	json_end_object(&m.j);
	*result = json_text_of(&m.j);
	if (*result == NULL)
		return ERR_TOO_LARGE;
	e = json_parse(arena, *result, strlen(*result), &after);
	return e == OK ? OK : ERR_TOO_LARGE;
}

static enum err
alter(void *argument)
{
	struct alteration *a = argument;
	const char *settings = NULL;
	const char *old;
	enum err e;

	e = event_add(&a->event);
	if (e != OK)
		return e;
	if (a->settings != NULL) {
		e = db_query(&lock_settings, U64(a->id));
		if (e != OK)
			return e;
		if (!db_next(&lock_settings))
			return ERR_NOT_FOUND;
		old = db_text(&lock_settings, 0, a->arena);
		db_done(&lock_settings);
		e = merged(a->arena, old, a->settings, &settings);
		if (e != OK)
			return e;
	}
	e = db_exec(&change, TEXT(a->display_name), TEXT(settings),
	    U64(a->id));
	if (e != OK || a->display_name == NULL)
		return e;
	return members_tell(a->arena, a->id, &a->told);
}

enum err
user_change(struct arena *arena, uint64_t id, const char *display_name,
    const struct json_value *settings)
{
	struct alteration a = {
		.arena = arena,
		.id = id,
		.display_name = display_name,
		.settings = settings,
		.event = {
			.stream = 'u',
			.stream_id = id,
			.type = "user.updated",
			.at_ms = clock_now_ms(),
			.actor_id = id,
			.user_id = id,
		},
	};
	struct user u;
	enum err e;

	if (display_name == NULL && settings == NULL)
		return OK;
	e = db_transaction(alter, &a);
	if (e == OK)
		e = user_by_id(arena, id, &u);
	if (e != OK)
		return e;
	a.event.user = &u;
	event_publish(arena, &a.event);
	members_announce(arena, a.told);
	return OK;
}

enum err
display_name_store(uint64_t id, const char *display_name)
{
	return db_exec(&change, TEXT(display_name), NONE, U64(id));
}
