/*
 * tests/bench/usage.h -- processor time of groups of processes between two
 * moments.
 *
 * Source  /proc/PID/task/TID/schedstat, whose first number is nanoseconds of
 *         processor time; /proc/stat for the whole machine.
 */
#ifndef BENCH_USAGE_H
#define BENCH_USAGE_H

#include <stdint.h>

/** usage_group(text): Watch a group, "name=PID,PID,..."; kept by reference. */
void usage_group(const char *text);

/** usage_begin(), usage_end(): The two moments. */
void usage_begin(void);
void usage_end(void);

/**
 * usage_print(operations):
 * Print ,"cpu_us":{"name":microseconds per operation, ...},"own_cores":..,
 * "foreign_cores":.. (used by nobody we know) to standard output.
 */
void usage_print(uint64_t operations);

#endif
