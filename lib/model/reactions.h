/*
 * model/reactions.h -- emoji under messages.
 *
 * Owns the table reactions; messages.h reads it where messages are shown.
 */
#ifndef MODEL_REACTIONS_H
#define MODEL_REACTIONS_H

#include "base/db.h"
#include "base/err.h"

#include <stdint.h>

struct arena;
struct message;

#define REACTION_KINDS_MAX 50	/* different emoji under one message */

extern struct stmt *const reactions_sql[];

/**
 * reaction_put, reaction_take: by a member, on a message that is not deleted.
 * The emoji is as emoji_clean() gives it.  Where another form of it is under the
 * message, that one is meant, and named by the event.
 * Both may be repeated; the second time nothing changes.
 * ERR_ARCHIVED.  ERR_CONFLICT: the message is deleted, or has too many different
 * emoji.
 */
enum err reaction_put(struct arena *arena, const struct message *m,
    uint64_t user_id, const char *emoji);
enum err reaction_take(struct arena *arena, const struct message *m,
    uint64_t user_id, const char *emoji);

#endif
