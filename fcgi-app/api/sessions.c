#include <inttypes.h>
#include <string.h>

#include "api/api.h"
#include "base/log.h"
#include "base/password.h"
#include "http/limit.h"
#include "http/route.h"
#include "model/credentials.h"
#include "model/sessions.h"

handler delete_session, delete_session_by_id, delete_sessions, get_sessions,
    post_session;

#define NAME_CHARACTERS_MAX 128

/* Who holds a session of that account already is not slowed down by strangers
 * who try its name. */
static bool
is_known(const struct request *q, const char *username)
{
	return q->caller.session_id != 0 &&
	    strcmp(q->caller.username, username) == 0;
}

/**
 * POST /api/v1/session {"username", "password"}
 * Sign in.  201 {user} and a new session cookie; the session that the browser
 * came with ends.  401 bad_credentials: unknown, wrong or disabled, which look
 * and take the same.  429 rate_limited, by account and by address.
 */
enum err
post_session(struct request *q, struct reply *p)
{
	const char *username, *password;
	struct session_new *session = api_new_session(q);
	struct user u;
	enum err e;

	p->secret = true;
	username = body_text(q, "username", 1, NAME_CHARACTERS_MAX);
	password = body_text(q, "password", 1, PASSWORD_CHARACTERS_MAX);
	if (request_bad(q))
		return ERR_BAD_INPUT;
	username = username_fold(q->arena, username);
	if (!is_known(q, username)) {
		e = limit_sign_in_account(q, username);
		if (e != OK)
			return e;
	}
	e = user_sign_in(q->arena, api_config, username, password, &u);
	if (e == OK)
		e = session_start(q->arena, api_config, session, &u);
	if (e == ERR_BAD_CREDENTIALS)
		log_info("sign-in refused: user %" PRIu64 " from %s", u.id,
		    q->address);
	if (e != OK)
		return e;
	return api_signed_in(q, p, session, &u);
}

/**
 * DELETE /api/v1/session
 * Sign out.  204, the cookie is cleared; streams of this browser close.
 */
enum err
delete_session(struct request *q, struct reply *p)
{
	enum err e;

	e = session_end(q->arena, q->caller.user_id, q->caller.session_id,
	    "signed_out");
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	p->session_cookie = "";
	p->status = 204;
	return OK;
}

static void
shape_session(struct json *j, const struct session *s, bool current)
{
	json_object(j, NULL);
	json_u64(j, "id", s->id);
	json_time(j, "created_at", s->created_at_ms);
	json_time(j, "seen_at", s->seen_at_ms);
	json_time(j, "expires_at", s->expires_at_ms);
	json_text(j, "user_agent", s->user_agent);
	json_text(j, "address", s->address);
	json_bool(j, "current", current);
	json_end_object(j);
}

/**
 * GET /api/v1/sessions
 * 200 {items: [Session]}: my signed-in browsers, last used first; `current`
 * marks the one that asks.
 */
enum err
get_sessions(struct request *q, struct reply *p)
{
	struct session *items;
	size_t count;
	enum err e;

	e = sessions_of(q->arena, api_config, q->caller.user_id, &items,
	    &count);
	if (e != OK)
		return e;
	json_object(&p->json, NULL);
	json_array(&p->json, "items");
	for (size_t i = 0; i < count; i++)
		shape_session(&p->json, &items[i],
		    items[i].id == q->caller.session_id);
	json_end_array(&p->json);
	json_end_object(&p->json);
	return OK;
}

/**
 * DELETE /api/v1/sessions/{id}
 * End one of mine.  204.  404 not_found: also somebody else's.
 */
enum err
delete_session_by_id(struct request *q, struct reply *p)
{
	bool own = q->ids[0] == q->caller.session_id;
	enum err e;

	e = session_end(q->arena, q->caller.user_id, q->ids[0],
	    own ? "signed_out" : "revoked");
	if (e != OK)
		return e;
	if (own)
		p->session_cookie = "";
	p->status = 204;
	return OK;
}

/**
 * DELETE /api/v1/sessions
 * End all of mine but this one.  204.
 */
enum err
delete_sessions(struct request *q, struct reply *p)
{
	enum err e;

	e = sessions_end_others(q->arena, q->caller.user_id,
	    q->caller.session_id, "revoked");
	if (e != OK)
		return e;
	p->status = 204;
	return OK;
}
