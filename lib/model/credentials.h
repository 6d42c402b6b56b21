/*
 * model/credentials.h -- passwords of accounts.
 *
 * Owns the column users.password.  Every call that names a password costs half
 * a second of scrypt and belongs in the pool for that (docs/architecture.md).
 */
#ifndef MODEL_CREDENTIALS_H
#define MODEL_CREDENTIALS_H

#include "base/db.h"
#include "base/err.h"
#include "base/password.h"
#include "base/token.h"
#include "model/users.h"

#include <stdbool.h>
#include <stdint.h>

extern struct stmt *const credentials_sql[];

/** password_cost(config): what the configuration asks for. */
struct password_cost password_cost(const struct config *config);

/**
 * user_sign_in(arena, config, username, password, u):
 * ERR_BAD_CREDENTIALS: no such account, wrong or no password, disabled; all
 * the same and in the same time.  Stores the hash anew when it was made with
 * other parameters.
 */
enum err user_sign_in(struct arena *arena, const struct config *config,
    const char *username, const char *password, struct user *u);

/**
 * user_change_password(arena, config, user_id, session_id, current, new,
 * secret): set ${new} if ${current} is right.  All other sessions and all
 * links end (event "session.ended"); the session ${session_id} goes on with a
 * new secret, unless it is 0.  ERR_BAD_CREDENTIALS: ${current} is wrong.
 */
enum err user_change_password(struct arena *arena, const struct config *config,
    uint64_t user_id, uint64_t session_id, const char *current_password,
    const char *new_password, char secret[static TOKEN_SIZE]);

/** users_any_password(any): somebody can sign in already. */
enum err users_any_password(bool *any);

/** password_store(user_id, stored): the bare column, inside a transaction.
 * ERR_NOT_FOUND: no such account. */
enum err password_store(uint64_t user_id, const char *stored);

#endif
