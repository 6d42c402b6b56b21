/*
 * tests/bench/link.h -- a connection of the load generator.
 *
 * Memory  What came in stands in ${data}, ${length} bytes and a NUL, until
 *         link_drop().
 * Errors  A load generator that cannot connect or send is of no use: it says
 *         so and ends.
 */
#ifndef BENCH_LINK_H
#define BENCH_LINK_H

#include <stdbool.h>
#include <stddef.h>

struct link {
	int fd;
	char *data;
	size_t length, capacity;
};

/** die(what): Say what went wrong, with errno, and end. */
void die(const char *what) __attribute__((noreturn));

/** link_open(l, address): Connect to "HOST:PORT" or to a unix socket's path. */
void link_open(struct link *l, const char *address);

/** link_send(l, bytes, length): All of it, at once. */
void link_send(struct link *l, const char *bytes, size_t length);

/**
 * link_receive(l, wait):
 * Take what is there; with ${wait}, until there is something.  False: the
 * other side has closed.
 */
bool link_receive(struct link *l, bool wait);

/** link_drop(l, length): Forget the first ${length} bytes. */
void link_drop(struct link *l, size_t length);

/** link_close(l): Give everything back. */
void link_close(struct link *l);

#endif
