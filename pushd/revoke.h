/*
 * pushd/revoke.h -- ends subscriptions of who may not listen any more.
 *
 * The event that says why went out before.  Then the channel is closed, and
 * again three seconds later for who was let in just before the revocation and
 * subscribed just after the first closing.  Privacy never rests on this: what
 * is later is not published to them anyway.
 */
#ifndef PUSHD_REVOKE_H
#define PUSHD_REVOKE_H

#include <stdint.h>

/** revoke_user(user_id): all streams of this user. */
void revoke_user(uint64_t user_id);

/** revoke_member(conversation_id, user_id): his stream of that one. */
void revoke_member(uint64_t conversation_id, uint64_t user_id);
void revoke_end(void);

#endif
