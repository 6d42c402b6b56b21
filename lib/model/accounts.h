/*
 * model/accounts.h -- how an account begins and how it is shut.
 *
 * Writes rows of the table users where other tables are part of the same
 * transaction.
 */
#ifndef MODEL_ACCOUNTS_H
#define MODEL_ACCOUNTS_H

#include "base/db.h"
#include "base/err.h"
#include "model/users.h"

#include <stdbool.h>
#include <stdint.h>

struct config;
struct session_new;

/* An account to be made. */
struct user_new {
	const char *username;		/* valid, not reserved */
	const char *display_name;	/* NULL: the username */
	const char *password;		/* NULL: none yet, or a bot */
	const char *invite;		/* code that is used up; NULL: none */
	bool is_bot;
	bool is_admin;
	struct session_new *session;	/* signs in as well; NULL: does not */
};

extern struct stmt *const accounts_sql[];

/**
 * user_create(arena, config, n, u): a new account and, for a person, "Notes to
 * myself".  One transaction uses the invitation up, makes the account and starts
 * the session.
 * ERR_USERNAME_TAKEN.  ERR_LINK_INVALID: the invitation is unknown, used up or
 * expired.  Hashes the password: half a second.
 */
enum err user_create(struct arena *arena, const struct config *config,
    const struct user_new *n, struct user *u);

/**
 * user_disable(arena, id): may not sign in; sessions, streams and the use of
 * tokens end at once.  Event "session.ended".  user_enable(id): may sign in
 * again; tokens work again.  ERR_NOT_FOUND.
 */
enum err user_disable(struct arena *arena, uint64_t id);
enum err user_enable(uint64_t id);

#endif
