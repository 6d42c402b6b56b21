/*
 * model/reactions.h -- emoji under messages.
 *
 * Owns the table reactions; messages.h reads it where messages are shown.
 */
#ifndef MODEL_REACTIONS_H
#define MODEL_REACTIONS_H

#include "base/db.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct message;

#define EMOJI_BYTES_MAX 64
#define REACTION_KINDS_MAX 50	/* different emoji under one message */

extern struct stmt *const reactions_sql[];

/** emoji_valid(s): one emoji (up to 16 code points of the emoji blocks that are
 * one character; keycaps), or a name like :party_parrot:. */
bool emoji_valid(const char *s);

/**
 * reaction_put, reaction_take: by a member, on a message that is not deleted.
 * Both may be repeated; the second time nothing changes.
 * ERR_ARCHIVED.  ERR_CONFLICT: the message is deleted, or has too many different
 * emoji.
 */
enum err reaction_put(struct arena *arena, const struct message *m,
    uint64_t user_id, const char *emoji);
enum err reaction_take(struct arena *arena, const struct message *m,
    uint64_t user_id, const char *emoji);

#endif
