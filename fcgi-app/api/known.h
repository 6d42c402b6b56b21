/*
 * api/known.h -- callers that this worker has asked the database about lately.
 *
 * By the SHA-256 of the secret that they show, never by the secret.  What it
 * says was so a moment ago: only who has it made sure of by the statement that
 * does the thing itself may go by it (ROUTE_SURE in http/route.h).
 *
 * Memory  Places for 256 callers, about 100 KiB when all are taken; a newcomer
 *         takes the place of who would go first.
 */
#ifndef API_KNOWN_H
#define API_KNOWN_H

#include "base/token.h"
#include "http/request.h"

/** known_keep(hash, caller, until_ms): until then (wall ms), or until somebody
 * else needs the place.  Everything is copied. */
void known_keep(const uint8_t hash[static TOKEN_HASH_SIZE],
    const struct caller *caller, int64_t until_ms);

void known_forget(const uint8_t hash[static TOKEN_HASH_SIZE]);

/** known_find(hash): valid until the next call of known_keep() or
 * known_forget(), with its secret_hash set; NULL: not known. */
const struct caller *known_find(const uint8_t hash[static TOKEN_HASH_SIZE]);

#endif
