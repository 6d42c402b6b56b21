#include "model/links.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/password.h"
#include "model/credentials.h"
#include "model/events.h"
#include "model/members.h"
#include "model/sessions.h"

/* clang-format off */

/* Who may have a link: a bot has no password. */
static struct stmt lock_person = {.sql =
	"SELECT id FROM users WHERE id = ? AND kind = 'person'"
	" AND disabled_at_ms IS NULL FOR UPDATE"};

static struct stmt insert = {.sql =
	"INSERT INTO links (code_hash, user_id, expires_at_ms)"
	" VALUES (?, ?, ?)"};

static struct stmt by_code = {.sql =
	"SELECT l.expires_at_ms, " USER_COLUMNS
	" FROM links l JOIN users u ON u.id = l.user_id"
	" WHERE l.code_hash = ? AND l.expires_at_ms > ?"
	" AND u.disabled_at_ms IS NULL"};

static struct stmt take = {.sql =
	"DELETE FROM links WHERE code_hash = ? AND expires_at_ms > ?"};

static struct stmt drop = {.sql =
	"DELETE FROM links WHERE user_id = ?"};

static struct stmt expire = {.sql =
	"DELETE FROM links WHERE expires_at_ms <= ? LIMIT ?"};

struct stmt *const links_sql[] = {&lock_person, &insert, &by_code,
	&take, &drop, &expire, NULL};
/* clang-format on */

struct making {
	uint64_t user_id;
	int64_t expires_at_ms;
	const uint8_t *hash;
};

static enum err
make(void *argument)
{
	struct making *m = argument;
	enum err e;

	e = db_query(&lock_person, U64(m->user_id));
	if (e != OK)
		return e;
	if (!db_next(&lock_person))
		return ERR_NOT_FOUND;
	db_done(&lock_person);
	e = links_drop(m->user_id);
	if (e != OK)
		return e;
	return db_exec(&insert, BYTES(m->hash, TOKEN_HASH_SIZE),
	    U64(m->user_id), I64(m->expires_at_ms));
}

enum err
link_create(uint64_t user_id, int64_t valid_ms, char code[static TOKEN_SIZE])
{
	uint8_t hash[TOKEN_HASH_SIZE];
	struct making m = {
		.user_id = user_id,
		.expires_at_ms = clock_now_ms() + valid_ms,
		.hash = hash,
	};

	token_make(code);
	token_hash(code, strlen(code), hash);
	return db_transaction(make, &m);
}

/* The code stands in the fragment, which no server and no log ever sees. */
const char *
link_url(struct arena *arena, const struct config *config, const char *code)
{
	return arena_printf(arena, "%s#/welcome/%s", config->url, code);
}

static enum err
find(struct arena *arena, const uint8_t *hash, int64_t *expires_at_ms,
    struct user *u)
{
	enum err e;

	*u = (struct user){0};
	e = db_query(&by_code, BYTES(hash, TOKEN_HASH_SIZE),
	    I64(clock_now_ms()));
	if (e != OK)
		return e;
	if (!db_next(&by_code))
		return ERR_LINK_INVALID;
	*expires_at_ms = db_i64(&by_code, 0);
	user_row(&by_code, 1, arena, u);
	db_done(&by_code);
	return OK;
}

enum err
link_check(struct arena *arena, const char *code, struct link *l)
{
	uint8_t hash[TOKEN_HASH_SIZE];
	struct user u;
	enum err e;

	token_hash(code, strlen(code), hash);
	e = find(arena, hash, &l->expires_at_ms, &u);
	if (e != OK)
		return e;
	l->user_id = u.id;
	l->username = u.username;
	l->display_name = u.display_name;
	return OK;
}

struct redemption {
	const uint8_t *hash;
	const struct user *u;
	const char *display_name;
	struct session_new *session;
	struct arena *arena;
	const struct config *config;
	struct event ended;
	struct told *told;
};

/* The user's row is locked before the link's, as everywhere. */
static enum err
redeem(void *argument)
{
	struct redemption *r = argument;
	enum err e;

	e = sessions_drop(r->u->id, 0, r->u->id, "password_changed",
	    &r->ended);
	if (e != OK)
		return e;
	e = db_exec(&take, BYTES(r->hash, TOKEN_HASH_SIZE),
	    I64(clock_now_ms()));
	if (e != OK)
		return e;
	if (db_changed() == 0)
		return ERR_LINK_INVALID;
	e = password_store(r->u->id, r->u->password);
	if (e != OK)
		return e;
	e = links_drop(r->u->id);
	if (e != OK)
		return e;
	e = session_begin(r->arena, r->config, r->session, r->u);
	if (e != OK || r->display_name == NULL)
		return e;
	e = display_name_store(r->u->id, r->display_name);
	if (e != OK)
		return e;
	return members_tell(r->arena, r->u->id, &r->told);
}

enum err
link_redeem(struct arena *arena, const struct config *config, const char *code,
    const char *password, const char *display_name,
    struct session_new *session, struct user *u)
{
	struct password_cost cost = password_cost(config);
	uint8_t hash[TOKEN_HASH_SIZE];
	struct redemption r = {
		.hash = hash,
		.u = u,
		.display_name = display_name,
		.session = session,
		.arena = arena,
		.config = config,
	};
	char *stored = arena_alloc(arena, PASSWORD_STORED_SIZE);
	int64_t expires_at_ms;
	enum err e;

	token_hash(code, strlen(code), hash);
	e = find(arena, hash, &expires_at_ms, u);
	if (e != OK)
		return e;
	e = password_hash(password, &cost, stored);
	if (e != OK)
		return e;
	u->password = stored;
	if (display_name != NULL)
		u->display_name = display_name;
	e = db_transaction(redeem, &r);
	if (e != OK)
		return e;
	sessions_announce(arena, &r.ended);
	session_begun(arena, session);
	members_announce(arena, r.told);
	return OK;
}

enum err
links_drop(uint64_t user_id)
{
	return db_exec(&drop, U64(user_id));
}

enum err
links_expire(uint64_t limit, uint64_t *deleted)
{
	enum err e;

	*deleted = 0;
	e = db_exec(&expire, I64(clock_now_ms()), U64(limit));
	if (e == OK)
		*deleted = db_changed();
	return e;
}
