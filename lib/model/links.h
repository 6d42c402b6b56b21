/*
 * model/links.h -- one-time links with which a person sets a password.
 *
 * Owns the table links.  The code is shown once, to whoever hosts the site;
 * only its SHA-256 is stored.  A user has at most one: a new one replaces it.
 */
#ifndef MODEL_LINKS_H
#define MODEL_LINKS_H

#include "base/db.h"
#include "base/err.h"
#include "base/token.h"
#include "model/users.h"

#include <stdint.h>

struct arena;
struct config;
struct session_new;

#define LINK_VALID_MS (INT64_C(3) * 24 * 60 * 60 * 1000)

struct link {
	uint64_t user_id;
	const char *username;
	const char *display_name;
	int64_t expires_at_ms;
};

extern struct stmt *const links_sql[];

/**
 * link_create(user_id, valid_ms, code): ERR_NOT_FOUND: no such person, a bot,
 * or disabled.
 */
enum err link_create(uint64_t user_id, int64_t valid_ms,
    char code[static TOKEN_SIZE]);

/** link_url(arena, config, code): the page that redeems it. */
const char *link_url(struct arena *arena, const struct config *config,
    const char *code);

/** link_check(arena, code, l): ERR_LINK_INVALID: unknown, used or expired. */
enum err link_check(struct arena *arena, const char *code, struct link *l);

/**
 * link_redeem(arena, config, code, password, display_name, session, u):
 * One transaction uses the link up, sets the password and, when it is not NULL,
 * the name, ends all sessions and starts one.  ERR_LINK_INVALID as above; of
 * several at once, one succeeds.  Hashes the password: half a second.
 */
enum err link_redeem(struct arena *arena, const struct config *config,
    const char *code, const char *password, const char *display_name,
    struct session_new *session, struct user *u);

/** links_expire: drop at most limit that are over. */
enum err links_expire(uint64_t limit, uint64_t *deleted);

/** links_drop(user_id): all of the user's; inside a transaction. */
enum err links_drop(uint64_t user_id);

#endif
