/*
 * tests/bench/follower.h -- WebSocket clients that only listen.
 *
 * A file of followers has one a line: ADDRESS, PATH and TOKEN, with tabs
 * between.
 *
 * Source  RFC 6455 section 5.2; servers do not mask.
 */
#ifndef BENCH_FOLLOWER_H
#define BENCH_FOLLOWER_H

#include <stdint.h>

#include "tests/bench/link.h"

#define CONVERSATIONS_MAX 4096

struct follower {
	struct link link;
	uint32_t *seqs;		/* the last one, by conversation */
};

/** followers_open(file, count): All of the file, open and listening. */
struct follower *followers_open(const char *file, size_t *count);

/** follower_hear(f): Something came. */
void follower_hear(struct follower *f);

/** followers_print(): ,"frames":..,"disordered":..,"gaps":.. */
void followers_print(void);

#endif
