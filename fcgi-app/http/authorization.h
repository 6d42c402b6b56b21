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

struct arena;

/**
 * authorization_secret(arena, header): "" for an absent or blank header.  What
 * is of neither form is a secret as a whole, and no token is like that: such a
 * caller meant to say who it is and is nobody, not whoever its cookie names.
 */
const char *authorization_secret(struct arena *arena, const char *header);

#endif
