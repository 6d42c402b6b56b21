#include "model/accounts.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/password.h"
#include "model/conversations.h"
#include "model/credentials.h"
#include "model/events.h"
#include "model/invites.h"
#include "model/links.h"
#include "model/sessions.h"

/* clang-format off */
static struct stmt insert = {.sql =
	"INSERT INTO users (username, display_name, kind, is_admin, password,"
	" settings, created_at_ms) VALUES (?, ?, ?, ?, ?, '{}', ?)"};

static struct stmt disable = {.sql =
	"UPDATE users SET disabled_at_ms = ? WHERE id = ?"
	" AND disabled_at_ms IS NULL"};

static struct stmt enable = {.sql =
	"UPDATE users SET disabled_at_ms = NULL WHERE id = ?"};

struct stmt *const accounts_sql[] = {&insert, &disable, &enable, NULL};
/* clang-format on */

struct creation {
	struct arena *arena;
	const struct config *config;
	const struct user_new *n;
	struct user *u;
};

/* The seat is taken before the name, so a name that is taken gives it back. */
static enum err
create(void *argument)
{
	struct creation *c = argument;
	enum err e;

	if (c->n->invite != NULL) {
		e = invite_take(c->n->invite);
		if (e != OK)
			return e;
	}
	e = db_exec(&insert, TEXT(c->u->username), TEXT(c->u->display_name),
	    TEXT(c->u->is_bot ? "bot" : "person"), U64(c->u->is_admin ? 1 : 0),
	    TEXT(c->u->password), I64(clock_now_ms()));
	if (e == ERR_CONFLICT)
		return ERR_USERNAME_TAKEN;
	if (e != OK)
		return e;
	c->u->id = db_insert_id();
	if (c->n->session == NULL)
		return OK;
	return session_begin(c->arena, c->config, c->n->session, c->u);
}

/* What can be refused cheaply is, before a hash is paid for; the transaction
 * decides. */
static enum err
create_refused(struct arena *arena, const struct user_new *n)
{
	struct invite invite;
	struct user other;
	enum err e;

	if (n->invite != NULL) {
		e = invite_check(n->invite, &invite);
		if (e != OK)
			return e;
	}
	e = user_by_name(arena, n->username, &other);
	if (e == OK)
		return ERR_USERNAME_TAKEN;
	return e == ERR_NOT_FOUND ? OK : e;
}

enum err
user_create(struct arena *arena, const struct config *config,
    const struct user_new *n, struct user *u)
{
	struct password_cost cost = password_cost(config);
	struct creation c = {
		.arena = arena,
		.config = config,
		.n = n,
		.u = u,
	};
	uint64_t notes;
	bool created;
	enum err e;

	*u = (struct user){
		.username = arena_text(arena, n->username),
		.display_name = arena_text(arena,
		    n->display_name ? n->display_name : n->username),
		.is_bot = n->is_bot,
		.is_admin = n->is_admin,
	};
	e = create_refused(arena, n);
	if (e != OK)
		return e;
	if (n->password != NULL) {
		char *stored = arena_alloc(arena, PASSWORD_STORED_SIZE);

		e = password_hash(n->password, &cost, stored);
		if (e != OK)
			return e;
		u->password = stored;
	}
	e = db_transaction(create, &c);
	if (e != OK)
		return e;
	if (n->session != NULL)
		session_begun(arena, n->session);
	/* The account is there now, whatever becomes of its notes: they can
	 * be opened later like any other conversation. */
	if (!u->is_bot)
		(void)conversation_open_direct(arena, u->id, u->id, &notes,
		    &created);
	return OK;
}

struct shutting {
	uint64_t id;
	struct event ended;
};

static enum err
shut(void *argument)
{
	struct shutting *s = argument;
	enum err e;

	e = sessions_drop(s->id, 0, 0, "disabled", &s->ended);
	if (e != OK)
		return e;
	e = links_drop(s->id);
	if (e != OK)
		return e;
	return db_exec(&disable, I64(clock_now_ms()), U64(s->id));
}

enum err
user_disable(struct arena *arena, uint64_t id)
{
	struct shutting s = {.id = id};
	enum err e;

	e = db_transaction(shut, &s);
	if (e != OK)
		return e;
	sessions_announce(arena, &s.ended);
	return OK;
}

enum err
user_enable(uint64_t id)
{
	enum err e;

	e = db_exec(&enable, U64(id));
	if (e != OK)
		return e;
	return db_changed() == 0 ? ERR_NOT_FOUND : OK;
}
