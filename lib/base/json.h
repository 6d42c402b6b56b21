/*
 * base/json.h -- JSON out by a small writer, JSON in through a strict gate.
 *
 * In      The raw bytes are checked before json-c sees them: UTF-8, size,
 *         depth, elements, keys per object, duplicate keys, NUL in keys and
 *         strings, lone surrogates, numbers as RFC 8259 writes them, at most
 *         20 characters, finite, and without a point within int64_t; no -0.  What json-c would quietly repair is refused.
 * Out     The writer puts text into the caller's arena and cannot fail; when
 *         its cap is reached json_text_of() gives NULL.
 * Memory  Parsed values live until the arena is reset.
 * Source  RFC 8259.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct json_value;	/* borrowed from the arena that parsed it */

enum json_kind {
	JSON_ABSENT,	/* no such key */
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

#define JSON_DEPTH_MAX 8
#define JSON_KEYS_MAX 64
#define JSON_ELEMENTS_MAX 1000	/* of all arrays together */
#define JSON_NUMBER_MAX 20	/* characters */
#define JSON_BYTES_MAX (16 * 1024 * 1024)

/**
 * json_parse(arena, bytes, length, value):
 * One document, any kind at the top.  ERR_BAD_JSON: not strict JSON or past a
 * limit.  Nothing of the input is ever logged.
 */
enum err json_parse(struct arena *arena, const char *bytes, size_t length,
    const struct json_value **value);

/**
 * json_long_list(arena, bytes, length): the key of a document that would be
 * taken if all its arrays together were shorter: below which the first element
 * too many stands.  NULL: something else is wrong.  Reads, and keeps nothing.
 */
const char *json_long_list(struct arena *arena, const char *bytes,
    size_t length);

/** json_kind(v): NULL counts as absent. */
enum json_kind json_kind(const struct json_value *v);

/** json_get(object, key): NULL when absent or not an object. */
const struct json_value *json_get(const struct json_value *object,
    const char *key);

size_t json_length(const struct json_value *array);
const struct json_value *json_at(const struct json_value *array, size_t index);

/** json_string(v): its text (never with a NUL inside), or NULL. */
const char *json_string(const struct json_value *v);

/** json_integer(v, value): a number without fraction or exponent, in range. */
bool json_integer(const struct json_value *v, int64_t *value);

bool json_truth(const struct json_value *v, bool *value);

/** json_keys(object, visit, argument): every member, in order of appearance. */
void json_keys(const struct json_value *object,
    void (*visit)(const char *key, const struct json_value *value,
	void *argument),
    void *argument);

/** json_source(arena, v): the value written again, compact; for storing.
 * NULL when absent. */
const char *json_source(struct arena *arena, const struct json_value *v);

struct json {
	struct buffer out;
	uint32_t depth;
	bool first;
};

/* The writer.  key is NULL at the top and inside arrays. */
void json_start(struct json *j, struct arena *arena, size_t cap_bytes);
void json_object(struct json *j, const char *key);
void json_array(struct json *j, const char *key);
void json_end_object(struct json *j);
void json_end_array(struct json *j);
void json_u64(struct json *j, const char *key, uint64_t value);
void json_i64(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);
/** json_text(j, key, s): a string; NULL is written as null. */
void json_text(struct json *j, const char *key, const char *s);
/** json_time(j, key, at_ms): RFC 3339; 0 is written as null. */
void json_time(struct json *j, const char *key, int64_t at_ms);
/** json_raw(j, key, source): text that is JSON already. */
void json_raw(struct json *j, const char *key, const char *source);

/** json_text_of(j): the document, or NULL when the cap was reached. */
const char *json_text_of(const struct json *j);

#endif
