#include <inttypes.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/db.h"
#include "base/log.h"
#include "http/counter.h"
#include "http/guard.h"
#include "http/limit.h"
#include "http/problem.h"
#include "http/send.h"
#include "http/server.h"

struct exchange {
	const struct server *server;
	struct io *io;
	const struct route *route;	/* NULL: none found */
	unsigned allowed;		/* for the Allow header; 0: none */
	const char *epoch;		/* as far as this request knows */
	enum err outcome;		/* not OK: the answer is a problem */
	struct request q;
	struct reply p;
};

/* What is asked from elsewhere than this host needs an administrator. */
static bool
needs_database(const struct exchange *x)
{
	if (x->route->who == INSIDE)
		return !x->q.internal && guard_signed(&x->q);
	return (x->route->flags & ROUTE_OFFLINE) == 0;
}

/*
 * Nobody without a name costs a query: who says nothing is refused before the
 * database is asked, and who says something wrong is counted by address.
 */
static enum err
find_caller(struct exchange *x, bool sure)
{
	struct request *q = &x->q;
	bool by_name = x->route->who == USER || x->route->who == ADMIN;
	enum err e = OK;

	if (needs_database(x) && (!by_name || guard_signed(q))) {
		e = db_ready();
		if (e == OK)
			x->epoch = x->server->find_epoch();
		if (e == OK && x->epoch[0] == '\0')
			e = ERR_UNAVAILABLE;
		if (e == OK && guard_signed(q) &&
		    (sure || !x->server->caller_recall(q)))
			e = x->server->caller_find(q->config, q);
	}
	if (e != OK || !by_name || q->caller.user_id != 0)
		return e;
	e = limit_address(q);
	return e != OK ? e : ERR_UNAUTHENTICATED;
}

static enum err
admit(struct exchange *x)
{
	struct request *q = &x->q;
	enum err e;

	e = find_caller(x, (x->route->flags & ROUTE_SURE) == 0);
	if (e != OK)
		return e;
	e = guard_cross_site(q, x->route);
	if (e != OK)
		return e;
	e = request_media(q, x->route);
	if (e != OK)
		return e;
	e = limit_check(q, x->route);
	if (e != OK)
		return e;
	e = guard_route(q, x->route);
	if (e != OK)
		return e;
	return request_take_body(q, x->io);
}

/*
 * Who was only remembered is told why he is refused when he is still there; else
 * just what everybody is told without a name.
 */
static enum err
refuse(struct exchange *x, enum err outcome)
{
	enum err e;

	if (x->q.caller.secret_hash == NULL || outcome == ERR_UNAVAILABLE ||
	    outcome == ERR_INTERNAL)
		return outcome;
	e = find_caller(x, true);
	if (e == OK && outcome == ERR_UNAUTHENTICATED)
		e = x->route->call(&x->q, &x->p);
	else if (e == OK)
		e = outcome;
	return e;
}

static enum err
run(struct exchange *x)
{
	enum err e;

	e = request_open(&x->q, x->io);
	log_request(x->q.request_id);
	if (e != OK)
		return e;
	e = route_find(x->server->routes, &x->q, &x->route, &x->allowed);
	if (e == ERR_METHOD && x->q.method == OPTIONS) {
		x->p.status = 204;
		return OK;
	}
	if (e != OK)
		return e;
	x->allowed = 0;
	e = admit(x);
	if (e == OK)
		e = x->route->call(&x->q, &x->p);
	if (e != OK)
		e = refuse(x, e);
	if (e == OK && json_text_of(&x->p.json) == NULL) {
		log_error("answer over %u bytes", REPLY_JSON_MAX);
		return ERR_INTERNAL;
	}
	return e;
}

/* What somebody wanted and may not have; a request without a name is none. */
static bool
is_refusal(const struct exchange *x)
{
	switch (x->outcome) {
	case ERR_UNAUTHENTICATED:
		return guard_signed(&x->q);
	case ERR_FORBIDDEN:
	case ERR_CROSS_SITE:
	case ERR_SCOPE:
	case ERR_REGISTRATION_CLOSED:
	case ERR_LINK_INVALID:
	case ERR_RATE_LIMITED:
		return true;
	default:
		return false;
	}
}

/* Refusals, and changes of who may do what: for whoever looks back.  The paths
 * of noted routes have nothing in them but ids. */
static void
note(const struct exchange *x)
{
	const struct request *q = &x->q;

	if (x->route == NULL)
		return;
	if (is_refusal(x))
		log_info("refused: %s %s, %s, user %" PRIu64 " from %s",
		    q->method_text, x->route->path,
		    problem_of(x->outcome)->code, q->caller.user_id,
		    q->address);
	else if (x->outcome == OK && (x->route->flags & ROUTE_NOTED) != 0)
		log_info("done: %s %s, user %" PRIu64 " from %s",
		    q->method_text, q->path, q->caller.user_id, q->address);
}

static void
account(const struct exchange *x, int64_t began_us)
{
	const struct route *table = x->server->routes;
	size_t row = x->route == NULL ?
	    counter_rows() : (size_t)(x->route - table);

	counter_add(row, x->p.status);
	if (x->outcome != OK && x->p.status >= 500)
		log_error("%s %s: answered %u after %lld ms",
		    x->route == NULL ? "" : x->q.method_text,
		    x->route == NULL ? "no route" : x->route->path,
		    x->p.status,
		    (long long)(clock_monotonic_us() - began_us) / 1000);
}

static void
give_back(const struct exchange *x)
{
	bool secret = x->p.secret ||
	    (x->route != NULL && (x->route->flags & ROUTE_SECRET) != 0);

	log_request(NULL);
	if (secret)
		arena_wipe(x->server->arena);
	else
		arena_reset(x->server->arena);
}

void
server_answer(struct server *s, struct io *io)
{
	struct exchange x = {.server = s, .io = io,
	    .epoch = s->epoch, .q = {.arena = s->arena, .config = s->config},
	    .p = {.status = 200}};
	struct sending sending = {.io = io, .request = &x.q, .reply = &x.p};
	int64_t began_us = clock_monotonic_us();

	json_start(&x.p.json, s->arena, REPLY_JSON_MAX);
	x.outcome = run(&x);
	if (x.outcome != OK)
		problem_shape(&x.p, &x.q, x.outcome);
	sending.epoch = s->epoch = x.epoch;
	sending.allowed = x.allowed;
	send_reply(&sending);
	account(&x, began_us);
	note(&x);
	give_back(&x);
}
