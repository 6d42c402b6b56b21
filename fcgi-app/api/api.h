/*
 * api/api.h -- what the handlers share.
 *
 * Handlers themselves are declared where the route table is (routes.c), by
 * their type: `handler get_users, post_users;`.
 */
#ifndef API_API_H
#define API_API_H

#include "base/err.h"
#include "http/reply.h"
#include "http/request.h"

struct board;
struct config;
struct session_new;
struct user;

/** api_start(config, board): once, before the first request; both are
 * borrowed until the process ends.  board NULL: pushd's health is not known. */
void api_start(const struct config *config, const struct board *board);

extern const struct config *api_config;
extern const struct board *api_board;

/**
 * body_new_password(q, key, username): 8 to 256 characters, as typed, none of
 * those that are tried first; else NULL and a field error.  username NULL: it
 * is not compared.
 */
const char *body_new_password(struct request *q, const char *key,
    const char *username);

/** body_display_name(q, key): cleaned; NULL when absent, or refused. */
const char *body_display_name(struct request *q, const char *key);

/** body_expiry(q, key): a time in the future; 0 when absent, or refused. */
int64_t body_expiry(struct request *q, const char *key);

/**
 * api_new_session(q): one for the browser that asks, whose old one ends, to be
 * started by the model.  api_signed_in(q, p, n, u): after that: 201 {user} and
 * the cookie.
 */
struct session_new *api_new_session(struct request *q);
enum err api_signed_in(struct request *q, struct reply *p,
    const struct session_new *n, const struct user *u);

/** api_session_cookie(p, secret): the cookie, for as long as a session can
 * last. */
void api_session_cookie(struct reply *p, const char *secret);

#endif
