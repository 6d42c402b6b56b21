#include "api/caller.h"

#include "model/sessions.h"
#include "model/tokens.h"

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

static enum err
by_token(struct request *q)
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
	return OK;
}

static enum err
by_session(const struct config *config, struct request *q)
{
	struct user u;
	uint64_t id;
	enum err e;

	e = session_caller(q->arena, config, q->session_cookie, &id, &u);
	if (e != OK)
		return e;
	set_user(&q->caller, &u);
	q->caller.session_id = id;
	q->caller.scopes = SCOPE_READ | SCOPE_WRITE | SCOPE_ADMIN;
	return OK;
}

enum err
caller_find(const struct config *config, struct request *q)
{
	enum err e;

	q->caller = (struct caller){0};
	if (q->bearer[0] != '\0')
		e = by_token(q);
	else if (q->session_cookie[0] != '\0')
		e = by_session(config, q);
	else
		return OK;
	return e == ERR_UNAUTHENTICATED ? OK : e;
}
