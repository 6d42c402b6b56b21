/*
 * http/cookie.h -- the one cookie: whose browser this is.
 *
 * Name    __Host-natter_session on https at the root of a host,
 *         __Secure-natter_session on https below a path, natter_session on
 *         http.  A cookie with another of these names is not ours.
 * Source  RFC 6265bis, 4.1.3 (prefixes), 5.6.
 */
#ifndef HTTP_COOKIE_H
#define HTTP_COOKIE_H

#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct config;

/** cookie_name(config): as above. */
const char *cookie_name(const struct config *config);

/**
 * cookie_find(header, name, value): how often name stands in one Cookie
 * header; *value is the last one's.  A value that is not letters and digits,
 * 1 to 64 of them, counts, but is left empty.
 */
size_t cookie_find(const char *header, const char *name, struct text *value);

/** cookie_header(arena, config, secret, age_s): what Set-Cookie says; an empty
 * secret clears the cookie. */
const char *cookie_header(struct arena *arena, const struct config *config,
    const char *secret, int64_t age_s);

#endif
