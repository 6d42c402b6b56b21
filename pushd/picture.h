/*
 * pushd/picture.h -- who is a member of a conversation, as of a seq.
 *
 * A picture is loaded by one statement, which sees members and last_seq at the
 * same instant, and then kept exact by applying membership events in order of
 * seq.  A picture that is later than an event is safe: it can only leave out
 * somebody who has gone since.  An earlier one is never used.
 *
 * Memory  Pictures belong to this file and are dropped when unused for long;
 *         a pointer is good until the next call.
 */
#ifndef PUSHD_PICTURE_H
#define PUSHD_PICTURE_H

#include "base/db.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct picture;		/* opaque */

extern struct stmt *const picture_sql[];

/**
 * picture_for(conversation_id, seq, p): as of seq - 1 or later; seq 0: any.
 * ERR_UNAVAILABLE: not known, and the database is away.  A conversation that
 * does not exist has no members.
 */
enum err picture_for(uint64_t conversation_id, uint64_t seq,
    struct picture **p);

/** picture_apply(p, seq, type, user_id): the event seq has happened. */
void picture_apply(struct picture *p, uint64_t seq, const char *type,
    uint64_t user_id);

/** picture_users(p, count): sorted. */
const uint64_t *picture_users(const struct picture *p, size_t *count);
bool picture_has(const struct picture *p, uint64_t user_id);

/** picture_is_of(p, seq): the members at that seq are known to be those of the
 * picture: every event up to it is there, and nobody came or went since. */
bool picture_is_of(const struct picture *p, uint64_t seq);

/** picture_forget(conversation_id): load it afresh next time. */
void picture_forget(uint64_t conversation_id);
void picture_end(void);

#endif
