#include "api/api.h"
#include "base/config.h"
#include "http/route.h"
#include "model/invites.h"
#include "model/links.h"

handler post_links_check, post_links_redeem;

#define CODE_CHARACTERS 128

static enum err
check_invite(struct reply *p, const char *code)
{
	struct invite i;
	enum err e;

	if (api_config->registration == REGISTRATION_CLOSED)
		return ERR_LINK_INVALID;
	e = invite_check(code, &i);
	if (e != OK)
		return e;
	json_object(&p->json, NULL);
	json_text(&p->json, "kind", "invite");
	json_time(&p->json, "expires_at", i.expires_at_ms);
	json_end_object(&p->json);
	return OK;
}

/**
 * POST /api/v1/links/check {"code"}
 * What a link is for, without using it up.  200 {kind: "sign_in", username,
 * display_name, expires_at} or {kind: "invite", expires_at}.
 * 404 link_invalid: unknown, used up or expired.
 */
enum err
post_links_check(struct request *q, struct reply *p)
{
	const char *code = body_text(q, "code", 1, CODE_CHARACTERS);
	struct link l;
	enum err e;

	p->secret = true;
	if (request_bad(q))
		return ERR_BAD_INPUT;
	e = link_check(q->arena, code, &l);
	if (e == ERR_LINK_INVALID)
		return check_invite(p, code);
	if (e != OK)
		return e;
	json_object(&p->json, NULL);
	json_text(&p->json, "kind", "sign_in");
	json_text(&p->json, "username", l.username);
	json_text(&p->json, "display_name", l.display_name);
	json_time(&p->json, "expires_at", l.expires_at_ms);
	json_end_object(&p->json);
	return OK;
}

/**
 * POST /api/v1/links/redeem {"code", "password", "display_name"?}
 * Set the password with a one-time sign-in link and sign in; all other sessions
 * end.  201 {user} and a session cookie.  404 link_invalid, as above.
 */
enum err
post_links_redeem(struct request *q, struct reply *p)
{
	const char *code, *password, *display_name;
	struct session_new *session = api_new_session(q);
	struct link l;
	struct user u;
	enum err e;

	p->secret = true;
	code = body_text(q, "code", 1, CODE_CHARACTERS);
	password = body_new_password(q, "password", NULL);
	display_name = body_display_name(q, "display_name");
	if (request_bad(q))
		return ERR_BAD_INPUT;
	e = link_check(q->arena, code, &l);
	if (e != OK)
		return e;
	/* Only the link tells whose name it must not be like. */
	if (body_new_password(q, "password", l.username) == NULL)
		return ERR_BAD_INPUT;
	e = link_redeem(q->arena, api_config, code, password, display_name,
	    session, &u);
	if (e != OK)
		return e;
	return api_signed_in(q, p, session, &u);
}
