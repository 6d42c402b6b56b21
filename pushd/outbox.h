/*
 * pushd/outbox.h -- what leaves for the push nginx, in order.
 *
 * A queue of frames; one request is under way at a time.  Like a group commit:
 * an event that meets a waiting frame for the same channels joins it, so that
 * nothing waits when nothing is under way, and a burst goes out in few requests.
 * A publication to many channels counts as under way for a few milliseconds
 * more, in which the public nginx carries it on.
 *
 * Shapes  A frame's body is one event, or an array of events in order, of at
 *         most OUTBOX_BODY_MAX bytes.
 * Order   Every frame has a ticket; a frame is done (published, or given up)
 *         only after all with a lower ticket.
 * Failure A frame is tried again with growing pauses until it is
 *         OUTBOX_AGE_MS old, then given up: its readers find the gap by seq.
 *         Requests that close channels are never given up.
 */
#ifndef PUSHD_OUTBOX_H
#define PUSHD_OUTBOX_H

#include "pushd/channel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OUTBOX_BODY_MAX (48u * 1024)
#define OUTBOX_BYTES_MAX (16u * 1024 * 1024)
#define OUTBOX_AGE_MS 30000
#define OUTBOX_CHANNELS_MAX 250	/* in one request; Nchan takes 255 */

struct outbox_counts {
	uint64_t events;	/* taken in */
	uint64_t published;	/* requests that succeeded */
	uint64_t retries;
	uint64_t dropped;	/* frames given up */
	size_t frames;		/* waiting now */
	size_t bytes;
};

typedef void outbox_answer(struct channel to, bool reached,
    uint64_t subscribers);
typedef void outbox_text(const char *answer);

bool outbox_start(const char *publisher_socket);
void outbox_end(void);

/** outbox_event(to, count, json, length, after): an event for these channels,
 * in no frame before the ticket ${after}; the ticket it got. */
uint64_t outbox_event(const struct channel *to, size_t count,
    const char *json, size_t length, uint64_t after);

/** outbox_barrier(): what comes from now on joins no frame that waits. */
void outbox_barrier(void);

/** outbox_ephemeral: the same, for what is worth nothing later: dropped when
 * the queue is long. */
void outbox_ephemeral(const struct channel *to, size_t count,
    const char *json, size_t length);

/** outbox_hello: an event for one channel, whether it is held (pushd/hold.h) or
 * not. */
void outbox_hello(struct channel to, const char *json, size_t length);

/** outbox_ask(to, json, length, call): publish alone, and tell how many
 * subscribers the channel has. */
void outbox_ask(struct channel to, const char *json, size_t length,
    outbox_answer *call);

/** outbox_close(to): end all subscriptions of a channel; who has them gets
 * nothing that comes later. */
void outbox_close(struct channel to);

/** outbox_status(call): Nchan's own status page; "" when it can't be had. */
void outbox_status(outbox_text *call);

/** outbox_turn(): send the next when nothing is under way. */
void outbox_turn(void);

/** outbox_idle(): there is nothing to send, and nothing is under way. */
bool outbox_idle(void);

uint64_t outbox_last_ticket(void);
uint64_t outbox_done_ticket(void);
void outbox_read_counts(struct outbox_counts *counts);

#endif
