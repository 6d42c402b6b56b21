/*
 * pushd/watchdog.h -- kills a push nginx that no longer pushes.
 *
 * Nchan can say 2xx and deliver nothing (research on 1.3.6: after the death of
 * a worker, a step of the clock, a full store).  So pushd is a subscriber
 * itself: what it publishes to the channel p_probe has to come back.  When two
 * in a row don't, or the store is full while hardly anything is in use, the
 * push nginx is killed; `natter up` starts it anew and clients catch up.
 */
#ifndef PUSHD_WATCHDOG_H
#define PUSHD_WATCHDOG_H

#include <stdbool.h>

struct board;

/** watchdog_start(board, var): the round trips are shown on the board. */
bool watchdog_start(struct board *board, const char *var);
void watchdog_end(void);

/** watchdog_good(): the last round trip was less than 12 s ago. */
bool watchdog_good(void);

#endif
