/*
 * model/tokens.h -- bearer secrets of scripts.
 *
 * Owns the table tokens.  A secret is "natter_" and 43 letters and digits,
 * shown once; only its SHA-256 is stored.
 *
 * Shapes  token: {id, name, scopes: ["read"], conversation_id, created_at,
 *         expires_at, used_at}.
 */
#ifndef MODEL_TOKENS_H
#define MODEL_TOKENS_H

#include "base/db.h"
#include "base/err.h"
#include "base/json.h"
#include "base/token.h"
#include "model/users.h"

#include <stddef.h>
#include <stdint.h>

#define TOKEN_PREFIX "natter_"
#define TOKEN_SECRET_SIZE (sizeof(TOKEN_PREFIX) - 1 + TOKEN_SIZE)
#define TOKEN_NAME_CHARACTERS 64
#define TOKENS_MAX 100		/* of one user */

#define TOKEN_READ 1u
#define TOKEN_WRITE 2u
#define TOKEN_ADMIN 4u

struct token {
	uint64_t id;
	uint64_t user_id;		/* whom it acts as */
	const char *name;
	unsigned scopes;
	uint64_t conversation_id;	/* sees only this one; 0: all */
	int64_t created_at_ms;
	int64_t expires_at_ms;		/* 0: never */
	int64_t used_at_ms;		/* 0: not yet */
};

extern struct stmt *const tokens_sql[];

/** token_scope(word): its bit; 0: no such scope. */
unsigned token_scope(const char *word);

/**
 * token_create(arena, t, secret): name, scopes, user_id, conversation_id and
 * expires_at_ms of ${t} are given, the rest is filled in.  ERR_NOT_FOUND: the
 * user is not in that conversation, or there is no such user.  ERR_CONFLICT:
 * TOKENS_MAX are there already.
 */
enum err token_create(struct arena *arena, struct token *t,
    char secret[static TOKEN_SECRET_SIZE]);

/**
 * token_caller(arena, secret, t, u): whose it is, by one point SELECT; fills
 * all of ${t} but its name and when it was made.  The scope admin is left
 * out for who is none.  ERR_UNAUTHENTICATED: unknown, expired, or the account
 * is disabled.  Touches used_at_ms at most every five minutes.
 */
enum err token_caller(struct arena *arena, const char *secret,
    struct token *t, struct user *u);

/** tokens_of: newest first, expired ones too. */
enum err tokens_of(struct arena *arena, uint64_t user_id,
    struct token **items, size_t *count);

/** token_delete(arena, user_id, id): and its streams end; event
 * "session.ended".  ERR_NOT_FOUND: not this user's. */
enum err token_delete(struct arena *arena, uint64_t user_id, uint64_t id);

/** tokens_expired(after_ms, until_ms, visit): whose tokens have expired between. */
enum err tokens_expired(int64_t after_ms, int64_t until_ms,
    void (*visit)(uint64_t user_id));

/** shape_token(j, key, t, secret): secret NULL but for the one time. */
void shape_token(struct json *j, const char *key, const struct token *t,
    const char *secret);

#endif
