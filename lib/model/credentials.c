#include "model/credentials.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "model/events.h"
#include "model/links.h"
#include "model/sessions.h"

/* clang-format off */
static struct stmt by_username = {.sql =
	"SELECT " USER_COLUMNS ", u.password"
	" FROM users u WHERE u.username = ?"};

static struct stmt stored_of = {.sql =
	"SELECT password FROM users WHERE id = ?"};

static struct stmt store = {.sql =
	"UPDATE users SET password = ? WHERE id = ?"};

/* The condition keeps a change that came in between. */
static struct stmt replace = {.sql =
	"UPDATE users SET password = ? WHERE id = ? AND password = ?"};

static struct stmt any = {.sql =
	"SELECT EXISTS (SELECT 1 FROM users WHERE password IS NOT NULL)"};

struct stmt *const credentials_sql[] = {&by_username, &stored_of, &store,
	&replace, &any, NULL};
/* clang-format on */

struct password_cost
password_cost(const struct config *config)
{
	return (struct password_cost){
		.log2_n = config->scrypt_log2_n,
		.r = config->scrypt_r,
		.p = config->scrypt_p,
	};
}

/* With the parameters of today.  A session that is being started compares the
 * hash, so it is told the new one only when that was stored. */
static void
refresh(struct arena *arena, const struct password_cost *cost,
    const char *password, struct user *u)
{
	char *stored = arena_alloc(arena, PASSWORD_STORED_SIZE);
	enum err e;

	e = password_hash(password, cost, stored);
	if (e != OK)
		return;
	e = db_exec(&replace, TEXT(stored), U64(u->id), TEXT(u->password));
	if (e == OK && db_changed() == 1)
		u->password = stored;
}

enum err
user_sign_in(struct arena *arena, const struct config *config,
    const char *username, const char *password, struct user *u)
{
	struct password_cost cost = password_cost(config);
	const char *stored = NULL;
	enum err e;

	*u = (struct user){0};
	if (username_valid(username)) {
		e = db_query(&by_username, TEXT(username));
		if (e != OK)
			return e;
		if (db_next(&by_username)) {
			user_row(&by_username, 0, arena, u);
			stored = db_text(&by_username, USER_COLUMNS_COUNT,
			    arena);
			db_done(&by_username);
		}
	}
	if (u->disabled)
		stored = NULL;
	if (!password_verify(password, stored, &cost))
		return ERR_BAD_CREDENTIALS;
	u->password = stored;
	if (password_outdated(stored, &cost))
		refresh(arena, &cost, password, u);
	return OK;
}

struct setting {
	uint64_t user_id;
	const char *before;
	const char *after;
	uint64_t session_id;
	char *secret;
	struct event ended;
};

static enum err
set(void *argument)
{
	struct setting *s = argument;
	enum err e;

	e = sessions_drop(s->user_id, s->session_id, s->user_id,
	    "password_changed", &s->ended);
	if (e != OK)
		return e;
	e = db_exec(&replace, TEXT(s->after), U64(s->user_id),
	    TEXT(s->before));
	if (e == OK && db_changed() == 0)
		e = ERR_BAD_CREDENTIALS;
	if (e != OK)
		return e;
	if (s->session_id != 0) {
		e = session_renew(s->user_id, s->session_id, s->secret);
		if (e != OK)
			return e;
	}
	return links_drop(s->user_id);
}

enum err
user_change_password(struct arena *arena, const struct config *config,
    uint64_t user_id, uint64_t session_id, const char *current_password,
    const char *new_password, char secret[static TOKEN_SIZE])
{
	struct password_cost cost = password_cost(config);
	struct setting s = {
		.user_id = user_id,
		.session_id = session_id,
		.secret = secret,
	};
	char *after = arena_alloc(arena, PASSWORD_STORED_SIZE);
	enum err e;

	e = db_query(&stored_of, U64(user_id));
	if (e != OK)
		return e;
	if (db_next(&stored_of)) {
		s.before = db_text(&stored_of, 0, arena);
		db_done(&stored_of);
	}
	if (!password_verify(current_password, s.before, &cost))
		return ERR_BAD_CREDENTIALS;
	e = password_hash(new_password, &cost, after);
	if (e != OK)
		return e;
	s.after = after;
	e = db_transaction(set, &s);
	if (e != OK)
		return e;
	sessions_announce(arena, &s.ended);
	return OK;
}

enum err
users_any_password(bool *any_password)
{
	enum err e;

	*any_password = false;
	e = db_query(&any);
	if (e != OK)
		return e;
	if (db_next(&any)) {
		*any_password = db_u64(&any, 0) != 0;
		db_done(&any);
	}
	return OK;
}

enum err
password_store(uint64_t user_id, const char *stored)
{
	enum err e;

	e = db_exec(&store, TEXT(stored), U64(user_id));
	if (e != OK)
		return e;
	return db_changed() == 0 ? ERR_NOT_FOUND : OK;
}
