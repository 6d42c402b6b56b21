#include "base/config.h"
#include "http/guard.h"

bool
guard_signed(const struct request *q)
{
	return q->bearer[0] != '\0' || q->session_cookie[0] != '\0';
}

enum err
guard_cross_site(const struct request *q, const struct route *route)
{
	bool says_site = q->fetch_site[0] != '\0';
	bool says_origin = q->origin[0] != '\0';

	if (q->method == GET)
		return OK;
	if (route->who != ANYONE && q->caller.session_id == 0)
		return OK;
	if (says_site && strcmp(q->fetch_site, "same-origin") != 0)
		return ERR_CROSS_SITE;
	if (says_origin && strcmp(q->origin, q->config->origin) != 0)
		return ERR_CROSS_SITE;
	if (route->who == ANYONE || says_site || says_origin)
		return OK;
	return ERR_CROSS_SITE;
}

static enum err
guard_token(const struct request *q, const struct route *route)
{
	uint64_t bound = q->caller.only_conversation_id;

	if ((route->flags & ROUTE_SESSION) != 0)
		return ERR_FORBIDDEN;
	if ((q->caller.scopes & route->scope) != route->scope)
		return ERR_SCOPE;
	if (bound == 0 || (route->flags & ROUTE_BOUND) != 0)
		return OK;
	if ((route->flags & ROUTE_CONVERSATION) == 0)
		return ERR_SCOPE;
	return q->ids[0] == bound ? OK : ERR_NOT_FOUND;
}

static bool
is_admin(const struct request *q)
{
	return q->caller.is_admin && (q->caller.scopes & SCOPE_ADMIN) != 0;
}

enum err
guard_route(const struct request *q, const struct route *route)
{
	switch (route->who) {
	case ANYONE:
		return OK;
	case INSIDE:
		return q->internal || is_admin(q) ? OK : ERR_NOT_FOUND;
	case ADMIN:
		if (!is_admin(q))
			return ERR_FORBIDDEN;
		break;
	case USER:
		break;
	}
	return q->caller.token_id != 0 ? guard_token(q, route) : OK;
}
