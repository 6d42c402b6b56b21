#include "pushd/order.h"

#include "base/arena.h"
#include "base/log.h"
#include "events/notice.h"
#include "model/events.h"
#include "pushd/database.h"
#include "pushd/loop.h"
#include "pushd/picture.h"
#include "pushd/relay.h"

#include <inttypes.h>
#include <sys/queue.h>
#include <uthash.h>

#define GAP_MS 50
#define PENDING_MAX 500		/* of one stream; the tail finds the rest */
#define FILL_ROWS 50
#define ARENA_BYTES ((size_t)256 * 1024 * 1024)
#define STREAMS_MAX 20000
#define UNUSED_MS 60000

struct pending {
	SLIST_ENTRY(pending) link;
	uint64_t seq;
	uint64_t user_id;
	size_t length;			/* 0: a hint */
	char type[NOTICE_TYPE_SIZE];
	char json[];
};

struct key {
	uint64_t kind;			/* 'c' or 'u' */
	uint64_t id;
};

struct stream {
	struct key key;
	uint64_t last;			/* relayed */
	uint64_t ticket;		/* of the frame that has it */
	int64_t used_ms;
	SLIST_HEAD(, pending) pending;	/* by seq */
	size_t pending_count;
	struct timer gap;
	TAILQ_ENTRY(stream) link;	/* last used at the end */
	UT_hash_handle hh;
};

static struct {
	struct stream *streams;
	TAILQ_HEAD(, stream) by_use;
	uint64_t (*floor)(void);
	struct arena *arena;
} order = {.by_use = TAILQ_HEAD_INITIALIZER(order.by_use)};

static void gap_is_old(void *argument);

static struct stream *
find(char kind, uint64_t id)
{
	struct key key = {(uint64_t)kind, id};
	struct stream *s;

	HASH_FIND(hh, order.streams, &key, sizeof(key), s);
	return s;
}

static void
forget_pending(struct stream *s)
{
	struct pending *p;

	while ((p = SLIST_FIRST(&s->pending)) != NULL) {
		SLIST_REMOVE_HEAD(&s->pending, link);
		free(p);
	}
	s->pending_count = 0;
	timer_stop(&s->gap);
}

static void
drop(struct stream *s)
{
	forget_pending(s);
	HASH_DELETE(hh, order.streams, s);
	TAILQ_REMOVE(&order.by_use, s, link);
	free(s);
}

/* One that was used lately may have events that the tail has not seen yet;
 * forgotten, they would go out a second time. */
static void
drop_unused(void)
{
	while (HASH_COUNT(order.streams) > STREAMS_MAX) {
		struct stream *s = TAILQ_FIRST(&order.by_use);

		if (loop_now() - s->used_ms < UNUSED_MS)
			return;
		drop(s);
	}
}

/*
 * Where a stream begins that is met for the first time: after what was taken
 * care of before.  Without the database, at the event in hand; if there were
 * others before it, their readers see the gap.
 */
static uint64_t
first_last(char kind, uint64_t id, uint64_t seq)
{
	uint64_t first;
	enum err e;

	if (!database_ready())
		return seq - 1;
	e = event_first_seq_since(kind, id, order.floor(), &first);
	if (e != OK)
		return seq - 1;
	return first == 0 ? seq : first - 1;
}

static struct stream *
stream_of(char kind, uint64_t id, uint64_t seq)
{
	struct stream *s = find(kind, id);

	if (s == NULL) {
		s = calloc(1, sizeof(*s));
		if (s == NULL)
			abort();
		s->key = (struct key){(uint64_t)kind, id};
		s->last = first_last(kind, id, seq);
		s->gap.call = gap_is_old;
		s->gap.argument = s;
		SLIST_INIT(&s->pending);
		HASH_ADD(hh, order.streams, key, sizeof(s->key), s);
		TAILQ_INSERT_TAIL(&order.by_use, s, link);
		drop_unused();
	} else {
		TAILQ_REMOVE(&order.by_use, s, link);
		TAILQ_INSERT_TAIL(&order.by_use, s, link);
	}
	s->used_ms = loop_now();
	return s;
}

static enum err
relay(struct stream *s, struct relayed *r)
{
	enum err e;

	r->stream = (char)s->key.kind;
	r->stream_id = s->key.id;
	e = relay_event(r, &s->ticket);
	if (e == ERR_UNAVAILABLE)
		return e;
	s->last = r->seq;
	return OK;
}

/* Relay from the head of the pending list what is next; drop what is old. */
static enum err
drain(struct stream *s)
{
	struct pending *p;

	while ((p = SLIST_FIRST(&s->pending)) != NULL) {
		if (p->seq > s->last + 1)
			return OK;
		if (p->seq == s->last + 1) {
			struct relayed r = {.seq = p->seq, .type = p->type,
				.user_id = p->user_id,
				.json = p->length > 0 ? p->json : NULL,
				.json_length = p->length};
			enum err e = relay(s, &r);

			if (e != OK)
				return e;
		}
		SLIST_REMOVE_HEAD(&s->pending, link);
		s->pending_count--;
		free(p);
	}
	timer_stop(&s->gap);
	return OK;
}

/*
 * No further than seq: what comes after it may not be settled yet.
 *
 * What the log refers to is read as it is now, with what was written since; so
 * the members are looked up afterwards.  Who has gone meanwhile is not told.
 */
static enum err
relay_page(struct stream *s, const struct event_page *page, uint64_t seq)
{
	struct relayed *all =
	    arena_alloc(order.arena, page->count * sizeof(*all));
	size_t count = 0;

	for (; count < page->count && page->items[count].seq <= seq; count++) {
		const struct event *ev = &page->items[count];

		all[count] = (struct relayed){.seq = ev->seq, .type = ev->type,
			.user_id = ev->user_id,
			.json = event_json(order.arena, ev)};
		if (all[count].json != NULL)
			all[count].json_length = strlen(all[count].json);
	}
	if (s->key.kind == 'c')
		picture_forget(s->key.id);
	for (size_t i = 0; i < count; i++) {
		enum err e;

		if (all[i].seq <= s->last)
			continue;
		e = relay(s, &all[i]);
		if (e != OK)
			return e;
	}
	return OK;
}

/*
 * Read and relay what is missing up to seq, which is settled (a notice told of
 * it, or the tail saw to it), and so is all before it in the same stream.  When
 * the log no longer has it, go on from seq: the readers find the gap, and the
 * picture of the members is loaded afresh, since a removal may be among what is
 * missing.
 */
static enum err
fill(struct stream *s, uint64_t seq)
{
	struct event_page page;
	enum err e = OK;

	while (e == OK && s->last < seq) {
		if (!database_ready())
			return ERR_UNAVAILABLE;
		e = events_after(order.arena, (char)s->key.kind, s->key.id,
		    s->last, FILL_ROWS, &page);
		if (e == OK && page.count == 0)
			e = ERR_RESYNC;
		if (e == OK)
			e = relay_page(s, &page, seq);
		arena_reset(order.arena);
	}
	if (e == OK || e == ERR_UNAVAILABLE)
		return e;
	log_warn("order: %c:%" PRIu64 " is not in the log from %" PRIu64,
	    (char)s->key.kind, s->key.id, s->last + 1);
	if (s->key.kind == 'c')
		picture_forget(s->key.id);
	s->last = seq;
	return OK;
}

/* The tail brings again what is given up here. */
static void
gap_is_old(void *argument)
{
	struct stream *s = argument;
	enum err e = OK;

	while (e == OK && !SLIST_EMPTY(&s->pending)) {
		e = fill(s, SLIST_FIRST(&s->pending)->seq - 1);
		if (e == OK)
			e = drain(s);
	}
	if (e != OK)
		forget_pending(s);
}

static void
keep(struct stream *s, const struct notice *n)
{
	struct pending *p, *before = NULL, *at;

	if (s->pending_count >= PENDING_MAX)
		return;
	SLIST_FOREACH(at, &s->pending, link) {
		if (at->seq == n->seq)
			return;
		if (at->seq > n->seq)
			break;
		before = at;
	}
	p = malloc(sizeof(*p) + n->json_length);
	if (p == NULL)
		abort();
	p->seq = n->seq;
	p->user_id = n->user_id;
	p->length = n->json_length;
	memcpy(p->type, n->type, sizeof(p->type));
	if (n->json_length > 0)
		memcpy(p->json, n->json, n->json_length);
	if (before == NULL)
		SLIST_INSERT_HEAD(&s->pending, p, link);
	else
		SLIST_INSERT_AFTER(before, p, link);
	s->pending_count++;
	if (!timer_is_set(&s->gap))
		timer_set(&s->gap, GAP_MS);
}

void
order_notice(const struct notice *n)
{
	struct stream *s = stream_of(n->stream, n->stream_id, n->seq);
	struct relayed r = {.seq = n->seq, .type = n->type,
		.user_id = n->user_id, .json = n->json,
		.json_length = n->json_length};
	enum err e;

	if (n->seq <= s->last)
		return;
	if (n->seq > s->last + 1) {
		keep(s, n);
		return;
	}
	e = relay(s, &r);
	if (e == OK)
		e = drain(s);
	if (e != OK)
		forget_pending(s);
}

enum err
order_reached(char kind, uint64_t id, uint64_t seq)
{
	struct stream *s = find(kind, id);
	enum err e;

	if (s == NULL)
		s = stream_of(kind, id, seq);
	if (seq <= s->last)
		return OK;
	e = fill(s, seq);
	if (e == OK)
		e = drain(s);
	return e;
}

bool
order_last(char kind, uint64_t id, uint64_t *seq)
{
	const struct stream *s = find(kind, id);

	if (s != NULL)
		*seq = s->last;
	return s != NULL;
}

void
order_start(uint64_t (*floor)(void))
{
	order.floor = floor;
	order.arena = arena_new(ARENA_BYTES);
}

void
order_end(void)
{
	while (!TAILQ_EMPTY(&order.by_use))
		drop(TAILQ_FIRST(&order.by_use));
	arena_free(order.arena);
	order.arena = NULL;
}
