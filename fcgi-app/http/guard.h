/*
 * http/guard.h -- may this caller do this, as far as the route table says.
 */
#ifndef HTTP_GUARD_H
#define HTTP_GUARD_H

#include "base/err.h"
#include "http/request.h"
#include "http/route.h"

#include <stdbool.h>

/** guard_signed(q): the request says who it is by a token or a cookie. */
bool guard_signed(const struct request *q);

/**
 * guard_cross_site(q, route): ERR_CROSS_SITE: a write that another site's page
 * may have sent.  Writes by cookie have to prove where they come from; writes
 * without sign-in are refused when a browser says that it is elsewhere (else a
 * page could sign its visitor in as somebody else).  Tokens prove themselves.
 */
enum err guard_cross_site(const struct request *q, const struct route *route);

/**
 * guard_route(q, route): the columns who, scope and flags.  ERR_NOT_FOUND: an
 * inside address asked from outside by no administrator, or a conversation
 * that the token is not bound to.  ERR_FORBIDDEN, ERR_SCOPE.
 */
enum err guard_route(const struct request *q, const struct route *route);

#endif
