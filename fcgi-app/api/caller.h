/*
 * api/caller.h -- who is asking.
 */
#ifndef API_CALLER_H
#define API_CALLER_H

#include "base/err.h"
#include "http/request.h"

struct config;

/**
 * caller_find(config, q): fill q->caller by one point SELECT.  A bearer token
 * wins over the session cookie; a dead one is nobody, even beside a living
 * session.  q->caller.user_id stays 0 for nobody, which is OK: whether the
 * route needs somebody is the server's matter.  ERR_UNAVAILABLE or
 * ERR_INTERNAL: the database did not say.
 */
enum err caller_find(const struct config *config, struct request *q);

/**
 * caller_recall(q): fill q->caller from what this worker remembers, without
 * asking the database; q->caller.secret_hash is what has to be made sure of.
 * false: not known, or the connection may have been lost unseen.
 */
bool caller_recall(struct request *q);

#endif
