/*
 * pushd/hold.h -- so that hello comes first.
 *
 * Between a subscription and the hook that tells of it, other events may go to
 * the same channel; a stream would begin with them.  So from the moment a
 * worker says that somebody will subscribe, what goes to that channel is held,
 * until the hook has come and hello is out, or HOLD_MS have passed.
 */
#ifndef PUSHD_HOLD_H
#define PUSHD_HOLD_H

#include "pushd/channel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOLD_MS 1000

/** hold_start(c): one more is about to subscribe. */
void hold_start(struct channel c);

/** hold_came(c): one has; call after hello.  What is held goes out when it was
 * the last one. */
void hold_came(struct channel c);

/** hold_release(c): what is held goes out now. */
void hold_release(struct channel c);

/** hold_any(): something is held that no ticket tells of. */
bool hold_any(void);

/** hold_take(to, count, json, length, rest): keep the event for the channels
 * that are held, and put the others into rest, which has as much room as to;
 * how many they are. */
size_t hold_take(const struct channel *to, size_t count, const char *json,
    size_t length, struct channel *rest);

void hold_end(void);

#endif
