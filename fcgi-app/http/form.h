/*
 * http/form.h -- percent-encoding and name=value pairs.
 *
 * Strict: an escape is two hex digits, nothing decodes to NUL, and what comes
 * out is UTF-8.  Everything else is ERR_BAD_INPUT.
 *
 * Memory  What is decoded is in the caller's arena.
 * Source  RFC 3986, 2.1; the URL Standard's application/x-www-form-urlencoded.
 */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include "base/err.h"
#include "base/str.h"
#include "http/request.h"

#include <stdbool.h>
#include <stddef.h>

/** form_decode(arena, in, plus, out): plus: '+' is a blank. */
enum err form_decode(struct arena *arena, struct text in, bool plus,
    const char **out);

/** form_parse(arena, in, items, count): at most REQUEST_QUERY_MAX pairs. */
enum err form_parse(struct arena *arena, struct text in,
    const struct parameter **items, size_t *count);

#endif
