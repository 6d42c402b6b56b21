/*
 * pushd/recipients.h -- the list of channels an event goes to, being made.
 *
 * One list, used again for every event; a channel is added only when it is
 * open, and never twice as long as every user is added once.
 */
#ifndef PUSHD_RECIPIENTS_H
#define PUSHD_RECIPIENTS_H

#include "pushd/channel.h"

#include <stddef.h>
#include <stdint.h>

/** recipients_start(): an empty list. */
void recipients_start(void);

/** recipients_add_all(user_id): the channel with all of the user's events.
 * recipients_add(user_id, conversation_id): that, and the one with this
 * conversation only.  recipients_add_every(user_id): all that the user has. */
void recipients_add_all(uint64_t user_id);
void recipients_add_every(uint64_t user_id);
void recipients_add(uint64_t user_id, uint64_t conversation_id);

/** Good until the next start. */
const struct channel *recipients_list(void);
size_t recipients_count(void);
void recipients_end(void);

#endif
