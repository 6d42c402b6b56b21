/*
 * http/route.h -- the shape of the route table and its matcher.
 *
 * The table itself is fcgi-app/routes.c: the whole API on one page.
 */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include "base/err.h"
#include "http/reply.h"
#include "http/request.h"

#include <stddef.h>

typedef enum err handler(struct request *q, struct reply *p);

enum who {
	ANYONE,		/* no sign-in; limited by address */
	USER,		/* any account */
	ADMIN,		/* an administrator of the site */
	INSIDE		/* from this host, or an administrator */
};

/* Which bucket a call is counted in (base/config.h [limits]). */
enum limit {
	LIMIT_NONE, LIMIT_READ, LIMIT_WRITE, LIMIT_SEND, LIMIT_TYPING,
	LIMIT_STREAM, LIMIT_SIGN_IN, LIMIT_SIGN_UP, LIMIT_COUNT
};

#define ROUTE_PLAIN 1u	/* takes text/plain as well as JSON */
#define ROUTE_SECRET 2u	/* body or answer holds a secret: wiped afterwards */
#define ROUTE_CONVERSATION 4u	/* ids[0] is a conversation: a token bound to
				 * one conversation may call it there */
#define ROUTE_BOUND 8u	/* a bound token may call it; the handler sees to it */
#define ROUTE_SESSION 16u	/* only for sessions: tokens are refused */
#define ROUTE_OFFLINE 32u	/* answers without the database */
#define ROUTE_NOTED 64u	/* changes who may do what: who did it is logged */
#define ROUTE_SURE 128u	/* makes sure of q->caller.secret_hash itself: OK means
			 * that the caller was who he says */

struct route {
	enum method method;
	const char *path;	/* "/api/v1/conversations/{id}/messages": {id} a
				 * number, {word} any one part */
	enum who who;
	unsigned scope;		/* what a token needs */
	enum limit limit;
	unsigned flags;
	handler *call;
};

extern const struct route routes[];	/* ends with call == NULL */

/**
 * route_find(table, q, route, allowed):
 * Fill q->ids and q->word.  ERR_NOT_FOUND: no such path (also an id that is
 * not one).  ERR_METHOD: another method; *allowed has the bits of those that
 * exist.  HEAD is GET.
 */
enum err route_find(const struct route *table, struct request *q,
    const struct route **route, unsigned *allowed);

#endif
