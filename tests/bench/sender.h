/*
 * tests/bench/sender.h -- HTTP/1.1 clients in a closed loop: the next request
 * goes out when the answer to the last is there.
 *
 * A file of requests has one a line: METHOD, PATH, TOKEN and BODY, with tabs
 * between; "%n" in a body becomes the message's index.  Senders take the lines
 * in turn.
 */
#ifndef BENCH_SENDER_H
#define BENCH_SENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/bench/link.h"

struct sender {
	struct link link;
	uint64_t index;
	bool busy;
};

/** sender_plan(file): Read the file of requests. */
void sender_plan(const char *file);

/** sender_open(s, address): Connect. */
void sender_open(struct sender *s, const char *address);

/** sender_send(s): The next request. */
void sender_send(struct sender *s);

/**
 * sender_hear(s, reconnected):
 * Something came.  True: the answer is whole and the sender may go on.
 * ${reconnected}: over another connection, since the server wanted that.
 */
bool sender_hear(struct sender *s, bool *reconnected);

#endif
