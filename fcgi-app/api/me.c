#include <inttypes.h>

#include "api/api.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/password.h"
#include "base/token.h"
#include "http/limit.h"
#include "http/route.h"
#include "model/credentials.h"
#include "model/site.h"
#include "model/users.h"

handler get_me, patch_me, put_password;

/**
 * GET /api/v1/me
 * 200 {user, settings, epoch, last_seq}: last_seq is that of my own stream.
 */
enum err
get_me(struct request *q, struct reply *p)
{
	struct user u;
	enum err e;

	e = user_self(q->arena, q->caller.user_id, &u);
	if (e != OK)
		return e;
	json_object(&p->json, NULL);
	shape_user_self(&p->json, "user", &u);
	json_raw(&p->json, "settings", u.settings);
	json_text(&p->json, "epoch", site_epoch());
	json_u64(&p->json, "last_seq", u.last_seq);
	json_end_object(&p->json);
	return OK;
}

/**
 * PATCH /api/v1/me {"display_name"?, "settings"?}
 * Settings are merged by their top keys; null takes a key away; 16 KiB at
 * most.  Event: user.updated in my own stream, and of a name in the streams of
 * my conversations.  200 as GET.
 */
enum err
patch_me(struct request *q, struct reply *p)
{
	const struct json_value *settings = json_get(q->json, "settings");
	const char *display_name = body_display_name(q, "display_name");
	enum err e;

	if (json_kind(settings) == JSON_NULL)
		settings = NULL;
	if (settings != NULL && json_kind(settings) != JSON_OBJECT)
		request_fault(q, "/settings", "type", "An object in JSON.");
	if (request_bad(q))
		return ERR_BAD_INPUT;
	e = user_change(q->arena, q->caller.user_id, display_name, settings);
	if (e == ERR_TOO_LARGE) {
		request_fault(q, "/settings", "too_long",
		    "At most 16 KiB in 64 keys.");
		return ERR_BAD_INPUT;
	}
	if (e != OK)
		return e;
	return get_me(q, p);
}

/* Whoever has a stolen session guesses no faster here than at the door; but a
 * stranger's tries there do not keep the owner from changing the password. */
static enum err
limit_guesses(struct request *q)
{
	const char *subject = arena_printf(q->arena, "password user %" PRIu64,
	    q->caller.user_id);

	return limit_take(subject, api_config->limit_sign_in_account,
	    clock_monotonic_us(), &q->retry_after_s);
}

/**
 * PUT /api/v1/me/password {"current_password", "new_password"}
 * 204 and a new secret for this session; all other sessions and sign-in links
 * end, tokens stay.  403 forbidden with /current_password "wrong".
 * 429 rate_limited.
 */
enum err
put_password(struct request *q, struct reply *p)
{
	char *secret = arena_alloc(q->arena, TOKEN_SIZE);
	const char *current, *next;
	enum err e;

	p->secret = true;
	current = body_text(q, "current_password", 1, PASSWORD_CHARACTERS_MAX);
	next = body_new_password(q, "new_password", q->caller.username);
	if (request_bad(q))
		return ERR_BAD_INPUT;
	e = limit_guesses(q);
	if (e != OK)
		return e;
	e = user_change_password(q->arena, api_config, q->caller.user_id,
	    q->caller.session_id, current, next, secret);
	if (e == ERR_BAD_CREDENTIALS) {
		/* Not 401: the session is as good as before. */
		request_fault(q, "/current_password", "wrong",
		    "This is not the current password.");
		return ERR_FORBIDDEN;
	}
	if (e == ERR_NOT_FOUND)
		return ERR_UNAUTHENTICATED;
	if (e != OK)
		return e;
	api_session_cookie(p, secret);
	p->status = 204;
	return OK;
}
