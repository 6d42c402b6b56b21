#include "model/invites.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"

#define LIST_MAX 1000
/* How long an expired one is still listed. */
#define FORGET_MS (INT64_C(30) * 24 * 60 * 60 * 1000)

/* clang-format off */
static struct stmt insert = {.sql =
	"INSERT INTO invites (code_hash, created_by, uses_left, created_at_ms,"
	" expires_at_ms) VALUES (?, ?, ?, ?, ?)"};

static struct stmt forget = {.sql =
	"DELETE FROM invites WHERE created_by = ? AND expires_at_ms < ?"};

static struct stmt count_by = {.sql =
	"SELECT COUNT(*) FROM invites WHERE created_by = ? AND uses_left > 0"};

#define ALIVE \
	" i.code_hash = ? AND i.uses_left > 0" \
	" AND (i.expires_at_ms IS NULL OR i.expires_at_ms > ?)" \
	" AND EXISTS (SELECT 1 FROM users u WHERE u.id = i.created_by" \
	" AND u.disabled_at_ms IS NULL)"

static struct stmt by_code = {.sql =
	"SELECT i.id, i.created_by, i.uses_left, i.created_at_ms,"
	" i.expires_at_ms FROM invites i WHERE" ALIVE};

static struct stmt take = {.sql =
	"UPDATE invites i SET i.uses_left = i.uses_left - 1 WHERE" ALIVE};

static struct stmt by_creator = {.sql =
	"SELECT id, created_by, uses_left, created_at_ms, expires_at_ms"
	" FROM invites WHERE created_by = ? ORDER BY id DESC LIMIT 1000"};

static struct stmt all = {.sql =
	"SELECT id, created_by, uses_left, created_at_ms, expires_at_ms"
	" FROM invites ORDER BY id DESC LIMIT 1000"};

static struct stmt remove_own = {.sql =
	"DELETE FROM invites WHERE id = ? AND created_by = ?"};

static struct stmt remove_any = {.sql =
	"DELETE FROM invites WHERE id = ?"};

struct stmt *const invites_sql[] = {&insert, &forget, &count_by, &by_code,
	&take, &by_creator, &all, &remove_own, &remove_any, NULL};
/* clang-format on */

static void
row(struct stmt *s, struct invite *i)
{
	i->id = db_u64(s, 0);
	i->created_by = db_u64(s, 1);
	i->uses_left = db_u64(s, 2);
	i->created_at_ms = db_i64(s, 3);
	i->expires_at_ms = db_i64(s, 4);
}

enum err
invite_create(struct invite *i, char code[static TOKEN_SIZE])
{
	uint8_t hash[TOKEN_HASH_SIZE];
	uint64_t count = 0;
	enum err e;

	i->created_at_ms = clock_now_ms();
	e = db_exec(&forget, U64(i->created_by),
	    I64(i->created_at_ms - FORGET_MS));
	if (e != OK)
		return e;
	e = db_query(&count_by, U64(i->created_by));
	if (e != OK)
		return e;
	if (db_next(&count_by)) {
		count = db_u64(&count_by, 0);
		db_done(&count_by);
	}
	if (count >= INVITES_MAX)
		return ERR_CONFLICT;
	token_make(code);
	token_hash(code, strlen(code), hash);
	e = db_exec(&insert, BYTES(hash, sizeof(hash)), U64(i->created_by),
	    U64(i->uses_left), I64(i->created_at_ms),
	    i->expires_at_ms == 0 ? NONE : I64(i->expires_at_ms));
	if (e != OK)
		return e;
	i->id = db_insert_id();
	return OK;
}

/* The code stands in the fragment, which no server and no log ever sees. */
const char *
invite_url(struct arena *arena, const struct config *config, const char *code)
{
	return arena_printf(arena, "%s#/join/%s", config->url, code);
}

enum err
invite_check(const char *code, struct invite *i)
{
	uint8_t hash[TOKEN_HASH_SIZE];
	enum err e;

	token_hash(code, strlen(code), hash);
	e = db_query(&by_code, BYTES(hash, sizeof(hash)), I64(clock_now_ms()));
	if (e != OK)
		return e;
	if (!db_next(&by_code))
		return ERR_LINK_INVALID;
	row(&by_code, i);
	db_done(&by_code);
	return OK;
}

enum err
invite_take(const char *code)
{
	uint8_t hash[TOKEN_HASH_SIZE];
	enum err e;

	token_hash(code, strlen(code), hash);
	e = db_exec(&take, BYTES(hash, sizeof(hash)), I64(clock_now_ms()));
	if (e != OK)
		return e;
	return db_changed() == 0 ? ERR_LINK_INVALID : OK;
}

enum err
invites_by(struct arena *arena, uint64_t user_id, struct invite **items,
    size_t *count)
{
	struct stmt *s = user_id == 0 ? &all : &by_creator;
	enum err e;

	*count = 0;
	*items = arena_alloc(arena, LIST_MAX * sizeof(**items));
	if (user_id == 0)
		e = db_query(s);
	else
		e = db_query(s, U64(user_id));
	if (e != OK)
		return e;
	while (*count < LIST_MAX && db_next(s))
		row(s, &(*items)[(*count)++]);
	db_done(s);
	return OK;
}

enum err
invite_delete(uint64_t user_id, uint64_t id)
{
	enum err e;

	if (user_id == 0)
		e = db_exec(&remove_any, U64(id));
	else
		e = db_exec(&remove_own, U64(id), U64(user_id));
	if (e != OK)
		return e;
	return db_changed() == 0 ? ERR_NOT_FOUND : OK;
}

void
shape_invite(struct json *j, const char *key, const struct invite *i,
    const char *code, const char *url)
{
	json_object(j, key);
	json_u64(j, "id", i->id);
	if (code != NULL) {
		json_text(j, "code", code);
		json_text(j, "url", url);
	}
	json_u64(j, "uses_left", i->uses_left);
	json_u64(j, "created_by", i->created_by);
	json_time(j, "created_at", i->created_at_ms);
	json_time(j, "expires_at", i->expires_at_ms);
	json_end_object(j);
}
