/*
 * model/invites.h -- invitations to the site.
 *
 * Owns the table invites.  An invitation is a code with a number of seats; the
 * code is shown once and only its SHA-256 is stored.  It works as long as a
 * seat is left, it has not expired and who made it is not disabled.
 *
 * Shapes  invite: {id, uses_left, created_by, created_at, expires_at}, and when
 *         made also code and url.
 */
#ifndef MODEL_INVITES_H
#define MODEL_INVITES_H

#include "base/db.h"
#include "base/err.h"
#include "base/json.h"
#include "base/token.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct config;

#define INVITE_USES_MAX 1000
#define INVITES_MAX 200		/* of one user, with a seat left */
#define INVITE_VALID_MS (INT64_C(7) * 24 * 60 * 60 * 1000)

struct invite {
	uint64_t id;
	uint64_t created_by;
	uint64_t uses_left;
	int64_t created_at_ms;
	int64_t expires_at_ms;		/* 0: never */
};

extern struct stmt *const invites_sql[];

/**
 * invite_create(i, code): created_by, uses_left and expires_at_ms of ${i} are
 * given, the rest is filled in.  ERR_CONFLICT: INVITES_MAX are there already.
 */
enum err invite_create(struct invite *i, char code[static TOKEN_SIZE]);

/** invite_url(arena, config, code): what one sends to a friend. */
const char *invite_url(struct arena *arena, const struct config *config,
    const char *code);

/** invite_check(code, i): ERR_LINK_INVALID: unknown, used up or expired. */
enum err invite_check(const char *code, struct invite *i);

/** invite_take(code): use one seat up; inside the transaction that makes the
 * account.  ERR_LINK_INVALID as above. */
enum err invite_take(const char *code);

/** invites_by(arena, user_id, items, count): newest first, also used up and
 * expired ones; user_id 0: everybody's.  At most 1000. */
enum err invites_by(struct arena *arena, uint64_t user_id,
    struct invite **items, size_t *count);

/** invite_delete(user_id, id): user_id 0: anybody's.  ERR_NOT_FOUND. */
enum err invite_delete(uint64_t user_id, uint64_t id);

/** shape_invite(j, key, i, code, url): code NULL but for the one time. */
void shape_invite(struct json *j, const char *key, const struct invite *i,
    const char *code, const char *url);

#endif
