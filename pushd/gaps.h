/*
 * pushd/gaps.h -- ranges of row ids that were passed over.
 *
 * Units   since_ms is monotonic.  Ranges are in order and don't touch; when
 *         there are more than GAPS_MAX, the oldest is given up.
 */
#ifndef PUSHD_GAPS_H
#define PUSHD_GAPS_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define GAPS_MAX 256

/** gaps_add(first, last, since): higher than all that are known. */
void gaps_add(uint64_t first, uint64_t last, int64_t since_ms);

/** gaps_remove(id): it was found. */
void gaps_remove(uint64_t id);

/** gaps_expire(since): give up what is known since then or longer. */
void gaps_expire(int64_t since_ms);

/** gaps_each(look): call look for every range, which may remove from it; stops
 * at the first error and returns it. */
enum err gaps_each(enum err (*look)(uint64_t first, uint64_t last));

/** gaps_first(): the lowest id that is missing; 0: none. */
uint64_t gaps_first(void);
size_t gaps_count(void);	/* ranges */
void gaps_end(void);

#endif
