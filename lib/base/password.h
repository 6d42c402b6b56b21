/*
 * base/password.h -- scrypt with its parameters beside the hash.
 *
 * Stored  "$scrypt$ln=15,r=8,p=3$<salt base64>$<hash base64>", 16 bytes of salt,
 *         32 of hash.  Parameters are read from the stored text within bounds
 *         (ln 13..17, r 8, p 1..16), so that a row can't ask for a gigabyte.
 * Cost    32 MiB and about half a second; callers bound how many run at once.
 * Source  RFC 7914; libscrypt.
 */
#ifndef BASE_PASSWORD_H
#define BASE_PASSWORD_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define PASSWORD_STORED_SIZE 160
#define PASSWORD_CHARACTERS_MIN 8
#define PASSWORD_CHARACTERS_MAX 256

struct password_cost {
	unsigned log2_n;	/* 15 */
	unsigned r;		/* 8 */
	unsigned p;		/* 3 */
};

/** password_hash(password, cost, stored): ERR_INTERNAL when cost is out of
 * bounds. */
enum err password_hash(const char *password, const struct password_cost *cost,
    char stored[static PASSWORD_STORED_SIZE]);

/**
 * password_verify(password, stored): true when it matches.  stored NULL (no
 * such user, or no password set) takes the same time and is false.
 */
bool password_verify(const char *password, const char *stored,
    const struct password_cost *cost);

/** password_outdated(stored, cost): hashed with other parameters than cost. */
bool password_outdated(const char *stored, const struct password_cost *cost);

/**
 * password_weak(password, username): the reason it is refused ("common", "like_username"), or NULL.
 * Length is the caller's matter.
 */
const char *password_weak(const char *password, const char *username);

#endif
