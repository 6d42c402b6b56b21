#include "pushd/registry.h"

#include "base/log.h"
#include "events/board.h"
#include "pushd/beat.h"
#include "pushd/hold.h"
#include "pushd/loop.h"
#include "pushd/presence.h"

#include <sys/queue.h>
#include <uthash.h>

#define BEAT_MS 25000
#define BEAT_GAP_MS 5		/* longer no heartbeat waits for events */
#define GRACE_MS 5000		/* to come back after the last one has gone */
#define EXPECT_MS 15000		/* to subscribe after the worker's word */
#define CHANNELS_MAX 100000

struct listener {
	struct channel channel;		/* the key */
	bool seen;			/* has subscribers, as far as known */
	bool missed;			/* the last look found none */
	int64_t expected_until_ms;
	struct timer beat;
	bool due;			/* for a heartbeat, and in the queue */
	TAILQ_ENTRY(listener) due_link;
	LIST_ENTRY(listener) link;	/* of its person */
	UT_hash_handle hh;
};

struct person {
	uint64_t user_id;		/* the key */
	LIST_HEAD(, listener) listeners;
	size_t count;
	bool present;			/* as it was announced */
	UT_hash_handle hh;
};

static struct {
	struct listener *listeners;
	struct person *people;
	TAILQ_HEAD(, listener) due;
	int64_t beat_ms;		/* of the last heartbeat */
	struct board *board;
} registry = {.due = TAILQ_HEAD_INITIALIZER(registry.due)};

static struct listener *
find(struct channel c)
{
	struct listener *l;

	HASH_FIND(hh, registry.listeners, &c, sizeof(c), l);
	return l;
}

static struct person *
find_person(uint64_t user_id)
{
	struct person *p;

	HASH_FIND(hh, registry.people, &user_id, sizeof(user_id), p);
	return p;
}

static struct person *
person_of(uint64_t user_id)
{
	struct person *p = find_person(user_id);

	if (p != NULL)
		return p;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		abort();
	p->user_id = user_id;
	LIST_INIT(&p->listeners);
	HASH_ADD(hh, registry.people, user_id, sizeof(user_id), p);
	return p;
}

/* The board's byte says what is open, too, for the pushd after this one. */
static void
show(struct person *p)
{
	const struct listener *l;
	unsigned presence = BOARD_OFFLINE;
	bool present;

	LIST_FOREACH(l, &p->listeners, link)
		if (l->seen)
			presence |= l->channel.conversation_id == 0 ?
			    BOARD_ONLINE : BOARD_SINGLE;
	board_set(registry.board, p->user_id, presence);
	present = presence != BOARD_OFFLINE;
	if (p->present != present)
		presence_changed(p->user_id);
	p->present = present;
}

static void
stop_beating(struct listener *l)
{
	timer_stop(&l->beat);
	if (l->due)
		TAILQ_REMOVE(&registry.due, l, due_link);
	l->due = false;
}

static void
drop(struct listener *l)
{
	struct person *p = find_person(l->channel.user_id);

	stop_beating(l);
	LIST_REMOVE(l, link);
	HASH_DELETE(hh, registry.listeners, l);
	free(l);
	p->count--;
	show(p);
	if (p->count > 0)
		return;
	HASH_DELETE(hh, registry.people, p);
	free(p);
}

static void
answered(struct channel c, bool reached, uint64_t subscribers)
{
	struct listener *l = find(c);

	if (l == NULL)
		return;
	if (!reached) {
		timer_set(&l->beat, GRACE_MS);
		return;
	}
	if (subscribers > 0) {
		l->missed = false;
		l->seen = true;
		show(find_person(c.user_id));
		timer_set(&l->beat, BEAT_MS);
		return;
	}
	if (loop_now() < l->expected_until_ms) {
		timer_set(&l->beat, l->expected_until_ms - loop_now());
		return;
	}
	if (l->missed || !l->seen) {
		drop(l);
		return;
	}
	l->missed = true;
	timer_set(&l->beat, GRACE_MS);
}

static void
beat_due(void *argument)
{
	struct listener *l = argument;

	if (!l->due)
		TAILQ_INSERT_TAIL(&registry.due, l, due_link);
	l->due = true;
}

/* A thousand who left at once are looked for at once: events go before. */
void
registry_turn(void)
{
	struct listener *l;

	while ((l = TAILQ_FIRST(&registry.due)) != NULL && (outbox_idle() ||
	    loop_now() - registry.beat_ms >= BEAT_GAP_MS)) {
		struct channel c = l->channel;
		bool allowed;

		stop_beating(l);
		registry.beat_ms = loop_now();
		allowed = beat_send(c, answered);
		if (!allowed)
			registry_forget(c);
		outbox_turn();
	}
}

static struct listener *
open_channel(struct channel c)
{
	struct listener *l = find(c);
	struct person *p;

	if (l != NULL)
		return l;
	if (HASH_COUNT(registry.listeners) >= CHANNELS_MAX)
		return NULL;
	l = calloc(1, sizeof(*l));
	if (l == NULL)
		abort();
	l->channel = c;
	l->beat.call = beat_due;
	l->beat.argument = l;
	HASH_ADD(hh, registry.listeners, channel, sizeof(c), l);
	p = person_of(c.user_id);
	LIST_INSERT_HEAD(&p->listeners, l, link);
	p->count++;
	return l;
}

void
registry_expect(struct channel c)
{
	struct listener *l = open_channel(c);

	if (l == NULL)
		return;
	hold_start(c);
	l->expected_until_ms = loop_now() + EXPECT_MS;
	if (!timer_is_set(&l->beat))
		timer_set(&l->beat, EXPECT_MS);
}

/* The first heartbeat falls anywhere in the period, so that a thousand people
 * who came back at once do not beat at once ever after. */
void
registry_came(struct channel c)
{
	struct listener *l = open_channel(c);

	if (l == NULL)
		return;
	beat_hello(c);
	hold_came(c);
	if (!l->seen || l->missed || !timer_is_set(&l->beat))
		timer_set(&l->beat, BEAT_MS / 5 +
		    loop_random(BEAT_MS - BEAT_MS / 5));
	l->seen = true;
	l->missed = false;
	show(find_person(c.user_id));
}

void
registry_gone(struct channel c)
{
	struct listener *l = find(c);

	if (l == NULL)
		return;
	l->missed = true;
	timer_set(&l->beat, GRACE_MS);
}

bool
registry_open(struct channel c)
{
	return find(c) != NULL;
}

void
registry_forget(struct channel c)
{
	struct listener *l = find(c);

	if (l != NULL)
		drop(l);
}

void
registry_of_user(uint64_t user_id, void (*visit)(struct channel c))
{
	struct person *p = find_person(user_id);
	struct listener *l;

	if (p == NULL)
		return;
	LIST_FOREACH(l, &p->listeners, link)
		visit(l->channel);
}

void
registry_close_all(void)
{
	struct listener *l, *next;

	HASH_ITER(hh, registry.listeners, l, next)
		outbox_close(l->channel);
}

bool
registry_knows(uint64_t user_id)
{
	return find_person(user_id) != NULL;
}

bool
registry_singles(uint64_t user_id)
{
	struct channel all = {.user_id = user_id};
	struct person *p = find_person(user_id);

	return p != NULL && p->count > (find(all) != NULL ? 1u : 0u);
}

bool
registry_present(uint64_t user_id)
{
	const struct person *p = find_person(user_id);

	return p != NULL && p->present;
}

size_t
registry_count(void)
{
	return HASH_COUNT(registry.listeners);
}

/* Of somebody's streams of single conversations the board knows only that
 * there are some: each of his conversations counts until one look. */
static void
restore(struct channel c)
{
	struct listener *l = open_channel(c);

	if (l == NULL)
		return;
	find_person(c.user_id)->present = true;
	l->seen = true;
	l->missed = c.conversation_id != 0;
	timer_set(&l->beat, loop_random(BEAT_MS));
}

static void
restore_user(uint64_t user_id, unsigned presence, void *unused)
{
	(void)unused;
	if (presence & BOARD_ONLINE)
		restore((struct channel){.user_id = user_id});
	if (presence & BOARD_SINGLE)
		beat_each_conversation(user_id, restore);
}

void
registry_start(struct board *board)
{
	registry.board = board;
	board_each(board, restore_user, NULL);
	if (registry_count() > 0)
		log_info("registry: %zu channels may be open",
		    registry_count());
}

void
registry_end(void)
{
	struct listener *l, *next;

	HASH_ITER(hh, registry.listeners, l, next) {
		struct person *p = find_person(l->channel.user_id);

		stop_beating(l);
		HASH_DELETE(hh, registry.listeners, l);
		LIST_REMOVE(l, link);
		free(l);
		if (--p->count > 0)
			continue;
		HASH_DELETE(hh, registry.people, p);
		free(p);
	}
}
