/*
 * base/err.h -- every way an operation can end.
 *
 * Models return these, handlers pass them up; only fcgi-app/http/problem.c
 * knows the HTTP status and the stable code word of each.  A constant here and
 * a row there belong together.
 *
 * ERR_INTERNAL and ERR_UNAVAILABLE mean "already logged" by whoever saw it
 * first.  A client's fault is never logged as an error.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
	OK = 0,
	ERR_BAD_INPUT,		/* a field is missing, wrong or out of range */
	ERR_BAD_JSON,		/* the body is not strict JSON */
	ERR_UNAUTHENTICATED,	/* no session, no token, or a dead one */
	ERR_BAD_CREDENTIALS,	/* unknown user or wrong password */
	ERR_FORBIDDEN,		/* seen, but not allowed */
	ERR_CROSS_SITE,		/* a cookie write from another origin */
	ERR_SCOPE,		/* the token's scopes do not cover this */
	ERR_REGISTRATION_CLOSED,
	ERR_NOT_FOUND,		/* absent, or not for this caller to see */
	ERR_LINK_INVALID,	/* sign-in or invitation code unknown or used */
	ERR_METHOD,		/* the path exists, the method does not */
	ERR_CONFLICT,
	ERR_USERNAME_TAKEN,
	ERR_OWNER_MUST_STAY,	/* the last owner has to hand over first */
	ERR_ARCHIVED,		/* the conversation is read-only */
	ERR_RESYNC,		/* the event log no longer reaches back */
	ERR_TOO_LARGE,
	ERR_MEDIA_TYPE,
	ERR_IDEMPOTENCY_MISMATCH,
	ERR_RATE_LIMITED,
	ERR_INTERNAL,
	ERR_UNAVAILABLE,	/* the database is away or too slow */
	ERR_COUNT
};

#endif
