/*
 * http/authorization.h -- the secret in an Authorization header.
 *
 * "Bearer <secret>", or "Basic <base64 of name:secret>", for tools that know
 * nothing else; the name is ignored.
 *
 * Source  RFC 6750, RFC 7617.
 */
#ifndef HTTP_AUTHORIZATION_H
#define HTTP_AUTHORIZATION_H

#include "base/err.h"

struct arena;

/**
 * authorization_secret(arena, header, secret): "" for an absent header.
 * ERR_BAD_INPUT: another scheme, or not as the scheme says: such a caller
 * meant to say who it is, so it is not taken for whoever the cookie names.
 */
enum err authorization_secret(struct arena *arena, const char *header,
    const char **secret);

#endif
