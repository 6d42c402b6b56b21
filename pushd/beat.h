/*
 * pushd/beat.h -- hello to who has come, heartbeats to who is there.
 *
 * Shapes  hello {epoch, user_id}; heartbeat {at, epoch, last_seq, sum}.
 *         last_seq is the end of the user's own stream, sum adds up the ends
 *         of his conversations: a client whose own figures differ has missed
 *         something.  On a single conversation's channel last_seq is that
 *         conversation's, and there is no sum.  Figures are left out while the
 *         database is away.
 */
#ifndef PUSHD_BEAT_H
#define PUSHD_BEAT_H

#include "base/db.h"
#include "base/err.h"
#include "pushd/channel.h"
#include "pushd/outbox.h"

#include <stdbool.h>
#include <stdint.h>

extern struct stmt *const beat_sql[];

/** beat_hello(c): closes the channel instead when the database was never
 * reached. */
void beat_hello(struct channel c);

/** beat_send(c, call): false: this user may not listen there any more, or the
 * database was never reached; the channel is then being closed and call will not
 * come. */
bool beat_send(struct channel c, outbox_answer *call);

/** beat_figures(user_id, last_seq, sum): as in a heartbeat. */
enum err beat_figures(uint64_t user_id, uint64_t *last_seq, uint64_t *sum);

/** beat_each_conversation(user_id, visit): the channels of single
 * conversations that this user may listen to. */
void beat_each_conversation(uint64_t user_id,
    void (*visit)(struct channel c));

#endif
