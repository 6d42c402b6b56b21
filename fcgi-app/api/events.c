#include <string.h>
#include <strings.h>

#include "api/api.h"
#include "api/caller.h"
#include "api/cgi_wait.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "events/board.h"
#include "events/notice.h"
#include "http/route.h"
#include "model/conversations.h"
#include "model/events.h"
#include "model/site.h"

handler get_conversation_events, get_my_events, get_events, get_sync;

#define WAIT_MAX_S 25
#define PAGE_MAX 500
#define PUSH_SILENT_MS 20000

static bool
wants_websocket(const struct request *q)
{
	return strcasecmp(q->upgrade, "websocket") == 0;
}

static bool
wants_lines(const struct request *q)
{
	return !wants_websocket(q) &&
	    strcasestr(q->accept, "application/x-ndjson") != NULL;
}

static bool
wants_stream(const struct request *q)
{
	return wants_websocket(q) || wants_lines(q) ||
	    strcasestr(q->accept, "text/event-stream") != NULL;
}

/* A browser sends its cookie with a handshake from any page, so the page's
 * origin has to be ours; a script with a token has none. */
static bool
from_our_page(const struct request *q)
{
	if (q->caller.session_id == 0)
		return true;
	if (q->origin[0] != '\0')
		return strcmp(q->origin, api_config->origin) == 0;
	return !wants_websocket(q) && (q->fetch_site[0] == '\0' ||
	    strcmp(q->fetch_site, "same-origin") == 0);
}

/* An answer of pushd would not come while the push nginx is stuck; a worker
 * that waited for it each time would be missed elsewhere. */
static bool
push_works(void)
{
	return clock_now_ms() - board_round_trip_at_ms(api_board) <
	    PUSH_SILENT_MS;
}

/*
 * Hand the connection to the push nginx.  pushd is asked first, so that whatever
 * commits after the client's catch-up is published to that channel; a stream
 * that pushd does not know of would stay silent.
 */
static enum err
open_stream(struct request *q, struct reply *p, uint64_t conversation_id)
{
	const char *place = wants_lines(q) ? "_lines" : "_push";
	unsigned long long user = q->caller.user_id;
	unsigned long long conversation = conversation_id;

	if (!from_our_page(q))
		return ERR_CROSS_SITE;
	if (q->plain_cgi || !push_works() || !notice_open(user, conversation))
		return ERR_UNAVAILABLE;
	if (conversation == 0)
		p->accel_redirect = arena_printf(q->arena, "/%s/u_%llu",
		    place, user);
	else
		p->accel_redirect = arena_printf(q->arena,
		    "/%s/c_%llu_%llu", place, conversation, user);
	return OK;
}

/* A page of one stream, and what it takes to wait for it. */
struct look {
	struct request *q;
	char stream;
	uint64_t stream_id;
	uint64_t after;
	uint64_t limit;
	uint64_t wait_s;
	struct event_page page;
};

static void
read_look(struct look *l)
{
	l->after = query_u64(l->q, "after", 0, ID_MAX, 0);
	l->limit = query_u64(l->q, "limit", 1, PAGE_MAX, 100);
	l->wait_s = query_u64(l->q, "wait", 0, WAIT_MAX_S, 0);
}

static enum err
take_look(struct look *l)
{
	return events_after(l->q->arena, l->stream, l->stream_id, l->after,
	    l->limit, &l->page);
}

static bool
stream_moved(void *argument)
{
	struct look *l = argument;

	return take_look(l) != OK || l->page.count != 0;
}

static enum err
answer_page(struct look *l, struct reply *p)
{
	enum err e;

	json_object(&p->json, NULL);
	json_text(&p->json, "epoch", site_epoch());
	e = shape_events(l->q->arena, &p->json, "items", l->page.items,
	    l->page.count);
	json_u64(&p->json, "last_seq", l->page.last_seq);
	json_end_object(&p->json);
	return e;
}

/* Whether the caller may see the stream.  Asked before the log is read, so that
 * a stranger costs no more and waits no longer than for one that is not there,
 * and after it, so that nothing is in an answer that came after somebody's
 * leaving. */
static enum err
admit(const struct look *l)
{
	if (l->stream != 'c')
		return OK;
	return conversation_admit(l->stream_id, l->q->caller.user_id, NULL);
}

/* A session may end while its process waits. */
static enum err
still_signed_in(struct request *q)
{
	enum err e;

	e = caller_find(q->config, q);
	if (e != OK)
		return e;
	return q->caller.user_id != 0 ? OK : ERR_UNAUTHENTICATED;
}

/* Nothing there yet.  A request never waits in a worker: nginx carries it to
 * pushd's waiting room and back. */
static enum err
wait_for_it(struct look *l, struct reply *p)
{
	struct request *q = l->q;
	enum err e;

	e = admit(l);
	if (e != OK)
		return e;
	if (!q->plain_cgi) {
		p->accel_redirect = arena_printf(q->arena,
		    "/_wait?stream=%c:%llu&after=%llu&for=%llu", l->stream,
		    (unsigned long long)l->stream_id,
		    (unsigned long long)l->after,
		    (unsigned long long)l->wait_s);
		return OK;
	}
	cgi_wait(l->wait_s, stream_moved, l);
	e = still_signed_in(q);
	return e == OK ? take_look(l) : e;
}

static enum err
page_or_wait(struct look *l, struct reply *p)
{
	enum err e, admitted;

	e = admit(l);
	if (e != OK)
		return e;
	e = take_look(l);
	if (e == OK && l->page.count == 0 && l->wait_s != 0 && !l->q->waited)
		e = wait_for_it(l, p);
	if (e == OK && p->accel_redirect == NULL)
		e = answer_page(l, p);
	admitted = admit(l);
	return admitted != OK ? admitted : e;
}

/**
 * GET /api/v1/conversations/{id}/events?after=&limit=&wait=
 * The conversation's log from after on; with wait (seconds, up to 25) it waits
 * for the first one.  With a WebSocket upgrade, Accept: text/event-stream or
 * Accept: application/x-ndjson the live stream of this one conversation.
 * 200 {"epoch", "items", "last_seq"}.  410 resync: load afresh.
 */
enum err
get_conversation_events(struct request *q, struct reply *p)
{
	struct look l = {.q = q, .stream = 'c', .stream_id = q->ids[0]};
	enum err e;

	read_look(&l);
	if (request_bad(q))
		return ERR_BAD_INPUT;
	if (!wants_stream(q))
		return page_or_wait(&l, p);
	e = admit(&l);
	return e == OK ? open_stream(q, p, q->ids[0]) : e;
}

/**
 * GET /api/v1/me/events?after=&limit=&wait=
 * The same for the caller's own stream.
 */
enum err
get_my_events(struct request *q, struct reply *p)
{
	struct look l = {.q = q, .stream = 'u',
	    .stream_id = q->caller.user_id};

	read_look(&l);
	if (request_bad(q))
		return ERR_BAD_INPUT;
	return page_or_wait(&l, p);
}

/**
 * GET /api/v1/events
 * With a WebSocket upgrade, Accept: text/event-stream or Accept:
 * application/x-ndjson (a line is an event, or an array of events): the live
 * stream of all of the caller's conversations.  A token bound to one
 * conversation gets that one's.  Else a page of the caller's own stream, as
 * /me/events.
 */
enum err
get_events(struct request *q, struct reply *p)
{
	uint64_t only = q->caller.only_conversation_id;

	if (only != 0) {
		q->ids[0] = only;
		return get_conversation_events(q, p);
	}
	if (!wants_stream(q))
		return get_my_events(q, p);
	return open_stream(q, p, 0);
}

/* Whether anything at all changed for the caller. */
struct state {
	uint64_t user_id;
	uint64_t sum, last_seq;		/* now */
	uint64_t known_sum, known_seq;	/* as the client has it */
};

static bool
is_news(const struct state *s)
{
	return s->sum != s->known_sum || s->last_seq != s->known_seq;
}

static bool
state_moved(void *argument)
{
	struct state *s = argument;
	enum err e;

	e = conversations_sum(s->user_id, &s->sum, &s->last_seq);
	return e != OK || is_news(s);
}

/**
 * GET /api/v1/sync?sum=&after=&wait=
 * What tells a client whether it is complete: the last seq of its own stream
 * and the sum of last_seq over its conversations; with wait it answers when
 * either differs from after and sum.  200 {"epoch", "last_seq", "sum"}.
 */
enum err
get_sync(struct request *q, struct reply *p)
{
	struct state s = {.user_id = q->caller.user_id};
	uint64_t wait_s;
	enum err e;

	s.known_sum = query_u64(q, "sum", 0, ID_MAX, 0);
	s.known_seq = query_u64(q, "after", 0, ID_MAX, 0);
	wait_s = query_u64(q, "wait", 0, WAIT_MAX_S, 0);
	if (request_bad(q))
		return ERR_BAD_INPUT;
	e = conversations_sum(s.user_id, &s.sum, &s.last_seq);
	if (e != OK)
		return e;
	if (wait_s != 0 && !q->waited && !is_news(&s)) {
		if (!q->plain_cgi) {
			p->accel_redirect = arena_printf(q->arena,
			    "/_wait?stream=s:%llu&sum=%llu&after=%llu"
			    "&for=%llu", (unsigned long long)s.user_id,
			    (unsigned long long)s.known_sum,
			    (unsigned long long)s.known_seq,
			    (unsigned long long)wait_s);
			return OK;
		}
		cgi_wait(wait_s, state_moved, &s);
	}
	json_object(&p->json, NULL);
	json_text(&p->json, "epoch", site_epoch());
	json_u64(&p->json, "last_seq", s.last_seq);
	json_u64(&p->json, "sum", s.sum);
	json_end_object(&p->json);
	return OK;
}
