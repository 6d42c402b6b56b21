/*
 * http/limit.h -- how often somebody may call.
 *
 * A limit of n per minute lets n calls through at once and then one every
 * 60/n seconds (GCRA: one time stamp per caller and limit).  The stamps stand
 * in VAR/run/limits, shared by all workers, found by a keyed hash, written
 * without locks.  When the table is crowded the stamp that would go first goes
 * early: a stranger with many addresses can soften limits, not fill memory.
 *
 * Units   Microseconds of the monotonic clock.
 * Source  ITU-T I.371 annex A (GCRA).
 */
#ifndef HTTP_LIMIT_H
#define HTTP_LIMIT_H

#include "base/err.h"
#include "http/request.h"
#include "http/route.h"

#include <stddef.h>
#include <stdint.h>

#define LIMIT_SLOTS 65536u

struct config;

/** limit_start(config): map VAR/run/limits; limit_stop() lets go of it. */
void limit_start(const struct config *config);
void limit_stop(void);

/**
 * limit_take(subject, per_minute, now_us, retry_after_s): count one call of
 * subject ("send user 42").  ERR_RATE_LIMITED: too many; *retry_after_s, at
 * least 1, says when the next one would pass, and this one does not count.
 * per_minute 0: no limit.
 */
enum err limit_take(const char *subject, uint32_t per_minute, int64_t now_us,
    unsigned *retry_after_s);

/**
 * limit_check(q, route): what the route's column says, for the signed-in
 * account, its tokens included, or else for the address (an IPv6 one with its
 * whole /64).  So who has a session is not kept from a password by strangers at
 * the same address.  Sets q->retry_after_s.
 */
enum err limit_check(struct request *q, const struct route *route);

/** limit_address(q): one call of somebody who is not signed in. */
enum err limit_address(struct request *q);

/** limit_sign_in_account(q, username): one try to sign in as username, whether
 * it exists or not.  To be called before the password is looked at. */
enum err limit_sign_in_account(struct request *q, const char *username);

#endif
