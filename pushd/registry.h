/*
 * pushd/registry.h -- which channels somebody listens to.
 *
 * A channel is open from the moment a worker says that somebody is about to
 * subscribe, so that nothing is missed between the subscription and the first
 * heartbeat, until Nchan says twice that it has no subscriber.  A user is
 * present while at least one of his channels was seen to have one; that is
 * what the board and presence events say.
 */
#ifndef PUSHD_REGISTRY_H
#define PUSHD_REGISTRY_H

#include "pushd/channel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct board;

/** registry_start(board): takes over who may be online from the board. */
void registry_start(struct board *board);
void registry_end(void);

/** registry_turn(): the heartbeats that are due, as far as there is time. */
void registry_turn(void);

/** registry_expect(c): a worker sends somebody there. */
void registry_expect(struct channel c);
/** registry_came, registry_gone: what Nchan's hooks say. */
void registry_came(struct channel c);
void registry_gone(struct channel c);

/** registry_open(c): events for it are worth publishing. */
bool registry_open(struct channel c);

/** registry_forget(c): nobody may listen there any more. */
void registry_forget(struct channel c);

/** registry_close_all(): whatever is open ends; who may listen comes again. */
void registry_close_all(void);

/** registry_knows(user_id): has an open channel. */
bool registry_knows(uint64_t user_id);

/** registry_of_user(user_id, visit): his open channels. */
void registry_of_user(uint64_t user_id, void (*visit)(struct channel c));

/** registry_singles(user_id): has open channels of single conversations. */
bool registry_singles(uint64_t user_id);

bool registry_present(uint64_t user_id);
size_t registry_count(void);	/* open channels */

#endif
