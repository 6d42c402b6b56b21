#include "api/caller.h"

#include "api/known.h"
#include "base/db.h"
#include "model/sessions.h"
#include "model/tokens.h"

/* A server that was restarted was away for longer: who was answered a moment
 * ago need not find out by a statement that can't be repeated. */
#define LATELY_MS 500

_Static_assert(SCOPE_READ == TOKEN_READ && SCOPE_WRITE == TOKEN_WRITE &&
	SCOPE_ADMIN == TOKEN_ADMIN,
    "scopes are the same bits in requests and in the table");

static void
set_user(struct caller *c, const struct user *u)
{
	c->user_id = u->id;
	c->username = u->username;
	c->display_name = u->display_name;
	c->is_bot = u->is_bot;
	c->is_admin = u->is_admin;
}

/* When its last use is to be written again, it has to be looked up. */
static int64_t
until(int64_t seen_at_ms, int64_t expires_at_ms)
{
	int64_t due_ms = seen_at_ms + SEEN_EVERY_MS;

	return expires_at_ms != 0 && expires_at_ms < due_ms ?
	    expires_at_ms : due_ms;
}

static enum err
by_token(struct request *q, int64_t *until_ms)
{
	struct token t;
	struct user u;
	enum err e;

	e = token_caller(q->arena, q->bearer, &t, &u);
	if (e != OK)
		return e;
	set_user(&q->caller, &u);
	q->caller.token_id = t.id;
	q->caller.scopes = t.scopes;
	q->caller.only_conversation_id = t.conversation_id;
	*until_ms = until(t.used_at_ms, t.expires_at_ms);
	return OK;
}

static enum err
by_session(const struct config *config, struct request *q, int64_t *until_ms)
{
	struct session s;
	struct user u;
	enum err e;

	e = session_caller(q->arena, config, q->session_cookie, &s, &u);
	if (e != OK)
		return e;
	set_user(&q->caller, &u);
	q->caller.session_id = s.id;
	q->caller.scopes = SCOPE_READ | SCOPE_WRITE | SCOPE_ADMIN;
	*until_ms = until(s.seen_at_ms, s.expires_at_ms);
	return OK;
}

/* A bearer token wins over the session cookie.  false: nothing is shown. */
static bool
hash_shown(const struct request *q, uint8_t hash[static TOKEN_HASH_SIZE])
{
	const char *secret = q->bearer[0] != '\0' ? q->bearer :
	    q->session_cookie;

	token_hash(secret, strlen(secret), hash);
	return secret[0] != '\0';
}

enum err
caller_find(const struct config *config, struct request *q)
{
	uint8_t hash[TOKEN_HASH_SIZE];
	int64_t until_ms = 0;
	enum err e;

	q->caller = (struct caller){0};
	if (!hash_shown(q, hash))
		return OK;
	if (q->bearer[0] != '\0')
		e = by_token(q, &until_ms);
	else
		e = by_session(config, q, &until_ms);
	if (e == OK)
		known_keep(hash, &q->caller, until_ms);
	else
		known_forget(hash);
	return e == ERR_UNAUTHENTICATED ? OK : e;
}

bool
caller_recall(struct request *q)
{
	uint8_t hash[TOKEN_HASH_SIZE];
	const struct caller *c = NULL;

	if (db_answered_within(LATELY_MS) && hash_shown(q, hash))
		c = known_find(hash);
	/* As in the tables, a token is none as a cookie, nor a session as a token. */
	if (c == NULL || (c->token_id != 0) != (q->bearer[0] != '\0'))
		return false;
	q->caller = *c;
	return true;
}
