#include "api/api.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "http/route.h"
#include "model/invites.h"

handler delete_invite, get_invites, post_invite;

/* Administrators of the site see and withdraw everybody's.  A token needs its
 * scope admin for that. */
static uint64_t
whose(const struct request *q)
{
	if (q->caller.is_admin && (q->caller.scopes & SCOPE_ADMIN))
		return 0;
	return q->caller.user_id;
}

/**
 * POST /api/v1/invites {"uses"?: 1 to 1000, "expires_at"?}
 * Invite people to the site.  201 Invite with `code` and `url`, shown this
 * once; one use and seven days if nothing is said.  403 forbidden: bots.
 * 403 registration_closed.  409 conflict: there are 200 already.
 */
enum err
post_invite(struct request *q, struct reply *p)
{
	struct invite i = {.created_by = q->caller.user_id};
	char *code = arena_alloc(q->arena, TOKEN_SIZE);
	enum err e;

	p->secret = true;
	if (q->caller.is_bot)
		return ERR_FORBIDDEN;
	if (api_config->registration == REGISTRATION_CLOSED)
		return ERR_REGISTRATION_CLOSED;
	i.uses_left = body_u64_optional(q, "uses", 1, INVITE_USES_MAX, 1);
	i.expires_at_ms = body_expiry(q, "expires_at");
	if (request_bad(q))
		return ERR_BAD_INPUT;
	if (i.expires_at_ms == 0)
		i.expires_at_ms = clock_now_ms() + INVITE_VALID_MS;
	e = invite_create(&i, code);
	if (e != OK)
		return e;
	p->status = 201;
	shape_invite(&p->json, NULL, &i, code,
	    invite_url(q->arena, api_config, code));
	return OK;
}

/**
 * GET /api/v1/invites
 * 200 {items: [Invite]}: mine, for administrators all, newest first; no codes.
 */
enum err
get_invites(struct request *q, struct reply *p)
{
	struct invite *items;
	size_t count;
	enum err e;

	e = invites_by(q->arena, whose(q), &items, &count);
	if (e != OK)
		return e;
	json_object(&p->json, NULL);
	json_array(&p->json, "items");
	for (size_t i = 0; i < count; i++)
		shape_invite(&p->json, NULL, &items[i], NULL, NULL);
	json_end_array(&p->json);
	json_end_object(&p->json);
	return OK;
}

/**
 * DELETE /api/v1/invites/{id}
 * Withdraw one of mine, administrators any.  204.  404 not_found.
 */
enum err
delete_invite(struct request *q, struct reply *p)
{
	enum err e;

	e = invite_delete(whose(q), q->ids[0]);
	if (e != OK)
		return e;
	p->status = 204;
	return OK;
}
