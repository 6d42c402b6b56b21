/*
 * tests/bench/samples.h -- times that were measured, and their exact
 * percentiles.
 *
 * Units   Nanoseconds; may be negative where two times are compared.
 * Memory  Grows up to SAMPLES_MAX; what comes after is counted, not kept.
 */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#define SAMPLES_MAX ((size_t)8 * 1024 * 1024)

struct samples {
	int64_t *ns;
	size_t count, capacity;
};

/** now_ns(): the monotonic clock. */
int64_t now_ns(void);

/** samples_add(s, ns): Keep one time. */
void samples_add(struct samples *s, int64_t ns);

/** samples_join(to, from): Add all of ${from}. */
void samples_join(struct samples *to, const struct samples *from);

/**
 * samples_print(s, prefix):
 * Print ,"${prefix}p50_ms":..,"${prefix}p99_ms":..,"${prefix}max_ms":.. to
 * standard output; nothing when there are none.  Sorts ${s}.
 */
void samples_print(struct samples *s, const char *prefix);

#endif
