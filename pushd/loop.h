/*
 * pushd/loop.h -- one thread that waits for sockets and for times.
 *
 * Units   Monotonic milliseconds.
 * Memory  Watches and timers live inside their owner's struct; the loop only
 *         points to them, until loop_forget() or timer_stop().
 * Source  epoll(7).
 */
#ifndef PUSHD_LOOP_H
#define PUSHD_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct watch {
	int fd;
	void (*call)(void *argument, uint32_t events);	/* EPOLLIN ... */
	void *argument;
};

struct timer {
	void (*call)(void *argument);
	void *argument;
	int64_t due_ms;
	size_t place;		/* loop.c's own; 0: not set */
};

bool loop_start(void);
void loop_end(void);

/** loop_run(turn): serve until loop_stop(); after each batch of events and
 * timers call turn(). */
void loop_run(void (*turn)(void));
void loop_stop(void);

/** loop_now(): when the present batch began. */
int64_t loop_now(void);

/** loop_watch(w, events): false: no room in the kernel (logged). */
bool loop_watch(struct watch *w, uint32_t events);
void loop_change(struct watch *w, uint32_t events);
/** loop_forget(w): its call will not run any more; fd stays open. */
void loop_forget(struct watch *w);

/** timer_set(t, delay): run t->call once, so many ms from now; an earlier
 * setting is replaced. */
void timer_set(struct timer *t, int64_t delay_ms);
void timer_stop(struct timer *t);
bool timer_is_set(const struct timer *t);

/** loop_random(below): 0 .. below-1, for spreading; not for secrets. */
int64_t loop_random(int64_t below);

#endif
