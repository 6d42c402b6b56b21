/*
 * tests/unit/in_arena.h -- the arena that the tests of a program share: made by
 * start, given back by stop.
 */
#ifndef TESTS_IN_ARENA_H
#define TESTS_IN_ARENA_H

#include "base/arena.h"

#define TESTS_ARENA_BYTES ((size_t)256 * 1024 * 1024)

static struct arena *arena;

static int
start(void **state)
{
	(void)state;
	arena = arena_new(TESTS_ARENA_BYTES);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

#endif
