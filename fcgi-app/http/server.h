/*
 * http/server.h -- one request, from its first header to its last byte.
 *
 * In order: read and take apart (400), find the route (404, 405; OPTIONS is
 * answered 204), who is asking (401; 503 when the database is away, or has no
 * epoch because somebody is loading it), from where (403 cross_site), with what media type (415), how often (429), may it
 * (403, 404), the body (400, 413), the handler, the answer.
 *
 * What layer api knows and http does not is handed in by main.c.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/err.h"
#include "http/io.h"
#include "http/request.h"
#include "http/route.h"

struct server {
	const struct config *config;
	const struct route *routes;
	struct arena *arena;
	/* Fills q->caller from token or cookie; nobody is OK, too. */
	enum err (*caller_find)(const struct config *config,
	    struct request *q);
	/* The same from memory, for routes with ROUTE_SURE; false: unknown. */
	bool (*caller_recall)(struct request *q);
	/* "": the database was never reached, or has none. */
	const char *(*find_epoch)(void);
	const char *epoch;	/* what that said; every answer names it */
};

/** server_answer(s, io): cannot fail; the arena is empty afterwards. */
void server_answer(struct server *s, struct io *io);

#endif
