/*
 * base/digest.h -- SHA-256 of bytes that come piece by piece.
 *
 * For what is in memory at once there is token_hash() (base/token.h).
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/token.h"

#include <stddef.h>

#define DIGEST_TEXT_SIZE HEX_SIZE(TOKEN_HASH_SIZE)

struct digest;

/** digest_start(): never NULL; given back by digest_end(). */
struct digest *digest_start(void);

void digest_add(struct digest *d, const void *bytes, size_t length);

/** digest_end(d, text): the sum in lower-case hex, NUL-terminated; d is gone. */
void digest_end(struct digest *d, char text[static DIGEST_TEXT_SIZE]);

#endif
