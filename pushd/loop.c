#include "pushd/loop.h"

#include "base/clock.h"
#include "base/log.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#define BATCH 64

static struct {
	int fd;
	bool stopping;
	int64_t now_ms;
	struct epoll_event ready[BATCH];
	int ready_count;
	/* A binary heap by due_ms; places are counted from 1. */
	struct timer **heap;
	size_t count, capacity;
	uint64_t seed;
} loop = {.fd = -1};

bool
loop_start(void)
{
	loop.fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop.fd < 0) {
		log_error("epoll: %s", strerror(errno));
		return false;
	}
	loop.stopping = false;
	loop.now_ms = clock_monotonic_ms();
	loop.seed = (uint64_t)clock_monotonic_us() | 1;
	return true;
}

void
loop_end(void)
{
	if (loop.fd >= 0)
		close(loop.fd);
	loop.fd = -1;
	free(loop.heap);
	loop.heap = NULL;
	loop.count = loop.capacity = 0;
}

int64_t
loop_now(void)
{
	return loop.now_ms;
}

void
loop_stop(void)
{
	loop.stopping = true;
}

int64_t
loop_random(int64_t below)
{
	/* xorshift64 */
	loop.seed ^= loop.seed << 13;
	loop.seed ^= loop.seed >> 7;
	loop.seed ^= loop.seed << 17;
	return (int64_t)((loop.seed >> 1) % (uint64_t)below);
}

bool
loop_watch(struct watch *w, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = w};
	int done = epoll_ctl(loop.fd, EPOLL_CTL_ADD, w->fd, &event);

	if (done != 0)
		log_error("epoll add: %s", strerror(errno));
	return done == 0;
}

void
loop_change(struct watch *w, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = w};
	int done = epoll_ctl(loop.fd, EPOLL_CTL_MOD, w->fd, &event);

	if (done != 0)
		log_error("epoll change: %s", strerror(errno));
}

/* Events of w that are in the present batch already must not run either: its
 * owner may be freed by then. */
void
loop_forget(struct watch *w)
{
	if (w->fd >= 0)
		epoll_ctl(loop.fd, EPOLL_CTL_DEL, w->fd, NULL);
	for (int i = 0; i < loop.ready_count; i++)
		if (loop.ready[i].data.ptr == w)
			loop.ready[i].data.ptr = NULL;
}

static void
put(size_t place, struct timer *t)
{
	loop.heap[place - 1] = t;
	t->place = place;
}

static void
rise(size_t place, struct timer *t)
{
	while (place > 1 && loop.heap[place / 2 - 1]->due_ms > t->due_ms) {
		put(place, loop.heap[place / 2 - 1]);
		place /= 2;
	}
	put(place, t);
}

static void
sink(size_t place, struct timer *t)
{
	for (;;) {
		size_t child = 2 * place;

		if (child > loop.count)
			break;
		if (child < loop.count &&
		    loop.heap[child]->due_ms < loop.heap[child - 1]->due_ms)
			child++;
		if (loop.heap[child - 1]->due_ms >= t->due_ms)
			break;
		put(place, loop.heap[child - 1]);
		place = child;
	}
	put(place, t);
}

void
timer_stop(struct timer *t)
{
	size_t place = t->place;
	struct timer *last;

	if (place == 0)
		return;
	t->place = 0;
	last = loop.heap[--loop.count];
	if (last == t)
		return;
	if (place > 1 && loop.heap[place / 2 - 1]->due_ms > last->due_ms)
		rise(place, last);
	else
		sink(place, last);
}

void
timer_set(struct timer *t, int64_t delay_ms)
{
	timer_stop(t);
	if (loop.count == loop.capacity) {
		size_t capacity = loop.capacity == 0 ? 64 : 2 * loop.capacity;
		struct timer **heap = realloc(loop.heap,
		    capacity * sizeof(struct timer *));

		if (heap == NULL)
			abort();
		loop.heap = heap;
		loop.capacity = capacity;
	}
	t->due_ms = loop.now_ms + delay_ms;
	loop.count++;
	rise(loop.count, t);
}

bool
timer_is_set(const struct timer *t)
{
	return t->place != 0;
}

static int
time_to_wait(void)
{
	int64_t left;

	if (loop.count == 0)
		return 1000;
	left = loop.heap[0]->due_ms - clock_monotonic_ms();
	if (left < 0)
		return 0;
	return left > 1000 ? 1000 : (int)left;
}

/* Timers that are set again for now run in the next batch, so that none can
 * keep the sockets waiting. */
static void
run_timers(void)
{
	size_t most = loop.count;

	while (most-- > 0 && loop.count > 0 &&
	    loop.heap[0]->due_ms <= loop.now_ms) {
		struct timer *t = loop.heap[0];

		timer_stop(t);
		t->call(t->argument);
	}
}

void
loop_run(void (*turn)(void))
{
	while (!loop.stopping) {
		loop.ready_count = epoll_wait(loop.fd, loop.ready, BATCH,
		    time_to_wait());
		loop.now_ms = clock_monotonic_ms();
		for (int i = 0; i < loop.ready_count; i++) {
			struct watch *w = loop.ready[i].data.ptr;

			if (w != NULL)
				w->call(w->argument, loop.ready[i].events);
		}
		loop.ready_count = 0;
		run_timers();
		turn();
	}
}
