#include "api/api.h"
#include "base/config.h"
#include "http/route.h"
#include "model/accounts.h"
#include "model/users.h"

handler get_user, get_users, post_users;

#define SEARCH_LIMIT 20
#define SEARCH_LIMIT_MAX 50
#define SEARCH_CHARACTERS 64
#define CODE_CHARACTERS 128

/* A name for a new account, in lower case; NULL and a field error. */
static const char *
body_username(struct request *q)
{
	const char *name = body_text(q, "username", 2, USERNAME_SIZE - 1);

	if (name == NULL)
		return NULL;
	name = username_fold(q->arena, name);
	if (!username_valid(name)) {
		request_fault(q, "/username", "invalid",
		    "Letters a to z, digits, and . _ - but not at the start.");
		return NULL;
	}
	if (username_reserved(name)) {
		request_fault(q, "/username", "reserved",
		    "This name is kept for the site itself.");
		return NULL;
	}
	return name;
}

/**
 * POST /api/v1/users {"username", "password", "display_name"?, "invite"?}
 * Sign up, and in.  201 {user} and a session cookie.  400 bad_input.
 * 403 registration_closed: also without an invitation where one is needed.
 * 404 link_invalid: the invitation is unknown, used up or expired.
 * 409 username_taken.
 */
enum err
post_users(struct request *q, struct reply *p)
{
	struct user_new n = {0};
	struct user u;
	enum err e;

	p->secret = true;
	if (api_config->registration == REGISTRATION_CLOSED)
		return ERR_REGISTRATION_CLOSED;
	if (api_config->registration == REGISTRATION_INVITE) {
		if (!body_has(q, "invite"))
			return ERR_REGISTRATION_CLOSED;
		n.invite = body_text(q, "invite", 1, CODE_CHARACTERS);
	}
	n.username = body_username(q);
	n.password = body_new_password(q, "password", n.username);
	n.display_name = body_display_name(q, "display_name");
	if (request_bad(q))
		return ERR_BAD_INPUT;
	n.session = api_new_session(q);
	e = user_create(q->arena, api_config, &n, &u);
	if (e != OK)
		return e;
	return api_signed_in(q, p, n.session, &u);
}

/**
 * GET /api/v1/users?q=&limit=
 * People and bots with that in a name, those that begin with it first; disabled
 * ones are left out.  200 {items: [User]}; limit 1 to 50, 20 if absent.
 */
enum err
get_users(struct request *q, struct reply *p)
{
	const char *wanted = query_text(q, "q", SEARCH_CHARACTERS);
	size_t limit = query_u64(q, "limit", 1, SEARCH_LIMIT_MAX, SEARCH_LIMIT);
	struct user *items;
	size_t count;
	enum err e;

	if (request_bad(q))
		return ERR_BAD_INPUT;
	e = users_search(q->arena, wanted == NULL ? "" : wanted, limit, &items,
	    &count);
	if (e != OK)
		return e;
	json_object(&p->json, NULL);
	json_array(&p->json, "items");
	for (size_t i = 0; i < count; i++)
		shape_user(&p->json, NULL, &items[i]);
	json_end_array(&p->json);
	json_end_object(&p->json);
	return OK;
}

/**
 * GET /api/v1/users/{id}
 * 200 User, also a disabled one: messages name their authors for ever.
 * 404 not_found.
 */
enum err
get_user(struct request *q, struct reply *p)
{
	struct user u;
	enum err e;

	e = user_by_id(q->arena, q->ids[0], &u);
	if (e != OK)
		return e;
	shape_user(&p->json, NULL, &u);
	return OK;
}
