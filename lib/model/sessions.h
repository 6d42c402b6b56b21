/*
 * model/sessions.h -- signed-in browsers.
 *
 * Owns the table sessions.  A session is a random secret in a cookie; only its
 * SHA-256 is stored.  Ending sessions is an event "session.ended" in the user's
 * stream and a NOTICE_REVOKED to pushd, after COMMIT.
 *
 * Reasons  "signed_out", "revoked", "password_changed", "disabled", and
 *         "token_revoked", which ends no session but closes streams as well.
 */
#ifndef MODEL_SESSIONS_H
#define MODEL_SESSIONS_H

#include "base/db.h"
#include "base/err.h"
#include "base/token.h"
#include "model/users.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct config;
struct event;

#define SEEN_EVERY_MS (5 * 60 * 1000)	/* last uses are written so often */

struct session {
	uint64_t id;
	uint64_t user_id;
	int64_t created_at_ms, seen_at_ms, expires_at_ms;
	const char *user_agent;
	const char *address;
};

/* A session to be made.  The one that the browser came with ends, so nobody who
 * knows its cookie, or planted it, shares what comes. */
struct session_new {
	const char *user_agent;
	const char *address;
	uint64_t old_user_id, old_id;	/* what it came with; 0: nothing */
	char *secret;			/* TOKEN_SIZE bytes, filled in */
	struct event *ended;		/* session_begin()'s own */
};

extern struct stmt *const sessions_sql[];

/**
 * session_start(arena, config, n, u):
 * A new session for ${u}, and the end of the browser's old one.
 * ERR_BAD_CREDENTIALS: the account was disabled meanwhile, or its password is
 * no longer ${u}->password (NULL: not compared).
 */
enum err session_start(struct arena *arena, const struct config *config,
    struct session_new *n, const struct user *u);

/**
 * session_caller(arena, config, secret, session, user): whose it is, by one
 * point SELECT; all but where from.  ERR_UNAUTHENTICATED: unknown, expired, idle too long, or the
 * account is disabled.  Touches seen_at_ms at most every five minutes.
 */
enum err session_caller(struct arena *arena, const struct config *config,
    const char *secret, struct session *session, struct user *user);

/** sessions_of: those that are alive, newest use first, at most 200. */
enum err sessions_of(struct arena *arena, const struct config *config,
    uint64_t user_id, struct session **items, size_t *count);

/** session_end(arena, user_id, id, reason): ERR_NOT_FOUND: not this user's. */
enum err session_end(struct arena *arena, uint64_t user_id, uint64_t id,
    const char *reason);

/** sessions_end_others(arena, user_id, keep_id, reason): keep_id 0: all. */
enum err sessions_end_others(struct arena *arena, uint64_t user_id,
    uint64_t keep_id, const char *reason);

/** sessions_expire(config, visit, limit, deleted): drop at most limit that are
 * over or idle too long; before that visit is called with whose they are. */
enum err sessions_expire(const struct config *config,
    void (*visit)(uint64_t user_id), uint64_t limit, uint64_t *deleted);

/*
 * Parts for transactions of other models that begin or end sessions too:
 *
 *	session_begin(arena, config, n, u)                         inside
 *	session_begun(arena, n)                                    after COMMIT
 *	sessions_drop(user_id, keep_id, actor_id, reason, &ended)  inside
 *	sessions_note(user_id, actor_id, reason, &ended)           inside
 *	session_renew(user_id, id, secret)                         inside
 *	sessions_announce(arena, &ended)                           after COMMIT
 *
 * sessions_drop() writes the event first, and so takes the lock of the user's
 * row before any other; sessions_note() writes nothing but the event; actor_id
 * 0 is the system.  session_begin() is session_start() without a transaction.
 */
enum err session_begin(struct arena *arena, const struct config *config,
    struct session_new *n, const struct user *u);
void session_begun(struct arena *arena, const struct session_new *n);
enum err sessions_drop(uint64_t user_id, uint64_t keep_id, uint64_t actor_id,
    const char *reason, struct event *ended);
enum err sessions_note(uint64_t user_id, uint64_t actor_id,
    const char *reason, struct event *ended);
/** session_renew: a new secret for it; ERR_NOT_FOUND: it ended meanwhile. */
enum err session_renew(uint64_t user_id, uint64_t id,
    char secret[static TOKEN_SIZE]);
void sessions_announce(struct arena *arena, const struct event *ended);

#endif
