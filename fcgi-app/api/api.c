#include "api/api.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "base/password.h"
#include "base/token.h"
#include "model/sessions.h"
#include "model/users.h"

const struct config *api_config;
const struct board *api_board;

void
api_start(const struct config *config, const struct board *board)
{
	api_config = config;
	api_board = board;
	users_start(board);
}

const char *
body_new_password(struct request *q, const char *key, const char *username)
{
	const char *pointer = arena_printf(q->arena, "/%s", key);
	const char *password, *weak;

	password = body_text(q, key, PASSWORD_CHARACTERS_MIN,
	    PASSWORD_CHARACTERS_MAX);
	if (password == NULL)
		return NULL;
	weak = password_weak(password, username == NULL ? "" : username);
	if (weak != NULL) {
		request_fault(q, pointer, weak,
		    "Too easy to guess: take another one.");
		return NULL;
	}
	return password;
}

const char *
body_display_name(struct request *q, const char *key)
{
	const char *typed = body_text_optional(q, key, 1,
	    DISPLAY_NAME_CHARACTERS);
	const char *clean;

	if (typed == NULL)
		return NULL;
	clean = display_name_clean(q->arena, typed);
	if (clean == NULL)
		request_fault(q, arena_printf(q->arena, "/%s", key), "invalid",
		    "From 1 to 64 characters that can be seen.");
	return clean;
}

int64_t
body_expiry(struct request *q, const char *key)
{
	int64_t at_ms = body_time_optional(q, key);

	if (at_ms == 0)
		return 0;
	if (at_ms <= clock_now_ms()) {
		request_fault(q, arena_printf(q->arena, "/%s", key), "range",
		    "A time in the future.");
		return 0;
	}
	return at_ms;
}

void
api_session_cookie(struct reply *p, const char *secret)
{
	p->session_cookie = secret;
	p->session_cookie_age_s =
	    (int64_t)api_config->session_days * 24 * 60 * 60;
	p->secret = true;
}

struct session_new *
api_new_session(struct request *q)
{
	struct session_new *n = arena_alloc(q->arena, sizeof(*n));

	*n = (struct session_new){
		.user_agent = q->user_agent,
		.address = q->address,
		.old_user_id = q->caller.user_id,
		.old_id = q->caller.session_id,
		.secret = arena_alloc(q->arena, TOKEN_SIZE),
	};
	return n;
}

enum err
api_signed_in(struct request *q, struct reply *p, const struct session_new *n,
    const struct user *u)
{
	log_info("user %" PRIu64 " signed in from %s", u->id, q->address);
	api_session_cookie(p, n->secret);
	p->status = 201;
	json_object(&p->json, NULL);
	shape_user_self(&p->json, "user", u);
	json_end_object(&p->json);
	return OK;
}
