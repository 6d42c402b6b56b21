/*
 * base/token.h -- secrets: made of random letters, kept as SHA-256.
 *
 * A secret has 256 bits from getrandom(2), written with letters and digits
 * only (43 of them), so that a fast hash is the right thing to store and a
 * look-up by hash needs no comparison of secrets.
 */
#ifndef BASE_TOKEN_H
#define BASE_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#define TOKEN_SIZE 44		/* 43 characters and a NUL */
#define TOKEN_HASH_SIZE 32
#define HEX_SIZE(bytes) (2 * (bytes) + 1)

/** token_make(out): a new secret. */
void token_make(char out[static TOKEN_SIZE]);

/** token_bytes(out, length): random bytes; ends the process if there are none. */
void token_bytes(void *out, size_t length);

/** token_hash(bytes, length, hash): SHA-256. */
void token_hash(const void *bytes, size_t length,
    uint8_t hash[static TOKEN_HASH_SIZE]);

/** hex_encode(bytes, length, out): lower-case, NUL-terminated. */
void hex_encode(const void *bytes, size_t length, char *out);

/** hex_decode(hex, length, out): length / 2 bytes and a NUL; anything that is
 * no hex digit counts as 0.  For text the database made. */
void hex_decode(const char *hex, size_t length, char *out);

#endif
