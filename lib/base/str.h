/*
 * base/str.h -- a borrowed piece of text, and a text that grows up to a cap.
 *
 * Strings of the product are NUL-terminated UTF-8 without NUL inside (the JSON
 * wrapper and the form reader refuse it).  struct text is for parsers, whose
 * input is not terminated.
 *
 * Memory  A buffer grows inside its arena.  Past its cap it stays as it is and
 *         remembers: buffer_full() is then true and further text is dropped.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct text {
	const char *data;	/* borrowed; not NUL-terminated */
	size_t length;		/* bytes */
};

struct buffer {
	struct arena *arena;
	char *data;		/* NUL-terminated once anything was added */
	size_t length;		/* bytes, without the NUL */
	size_t capacity;
	size_t cap;		/* never longer than this */
	bool full;
};

/** text_is(t, s): the same bytes as the C string s. */
bool text_is(struct text t, const char *s);

/** text_is_nocase(t, s): the same, ASCII letters of either case. */
bool text_is_nocase(struct text t, const char *s);

/** text_trim(t): without blanks and tabs on both sides. */
struct text text_trim(struct text t);

/**
 * text_split(rest, separator, part): take the piece before the next separator
 * out of *rest into *part; false when *rest was used up (data is NULL).
 */
bool text_split(struct text *rest, char separator, struct text *part);

/**
 * parse_u64(t, max, value): digits only, whole input, no leading zero but "0"
 * itself, at most max.  The only reader of numbers from strangers.
 */
bool parse_u64(struct text t, uint64_t max, uint64_t *value);

/** parse_id(t, id): parse_u64 within 1 .. 2^53-1. */
bool parse_id(struct text t, uint64_t *id);

#define ID_MAX ((UINT64_C(1) << 53) - 1)

/** equal_secret(a, b, length): compare in constant time. */
bool equal_secret(const void *a, const void *b, size_t length);

/** text_like(arena, s): s with %, _ and \ escaped, for SQL's LIKE. */
char *text_like(struct arena *arena, const char *s);

void buffer_start(struct buffer *b, struct arena *arena, size_t cap);
void buffer_add(struct buffer *b, const char *bytes, size_t length);
void buffer_text(struct buffer *b, const char *s);
void buffer_char(struct buffer *b, char c);
void buffer_printf(struct buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** buffer_full(b): something did not fit. */
bool buffer_full(const struct buffer *b);

#endif
