/*
 * pushd/tail.h -- finds in the event table what no notice told.
 *
 * Row ids are given out before COMMIT, so a lower one may become visible after
 * a higher one.  Ids that were passed over are looked at again until they are
 * there or so old that their transaction must have been rolled back.
 *
 * Owns push_state: its watermark is a row id up to which every event was
 * published or given up; never ahead of that, and at most a second behind.  A
 * new pushd goes on from there, unless that is so long ago that too much would
 * have to be told: then it begins with the present and ends all streams, for
 * among what it leaves out may be who must not listen any more.
 */
#ifndef PUSHD_TAIL_H
#define PUSHD_TAIL_H

#include "base/db.h"

#include <stddef.h>
#include <stdint.h>

extern struct stmt *const tail_sql[];

void tail_start(void);

/** tail_hurry(): look soon; a notice may have been lost. */
void tail_hurry(void);

/** tail_floor(): every event with a row id up to it has been relayed. */
uint64_t tail_floor(void);

/** tail_watermark(): every event with a row id up to it is published. */
uint64_t tail_watermark(void);

size_t tail_gaps(void);

/** tail_end(): save the watermark. */
void tail_end(void);

#endif
