#include <math.h>

/* json-c has types with the names of two functions of our writer. */
#define json_object json_tree
#define json_bool json_c_bool
#include <json-c/json.h>
#undef json_object
#undef json_bool

#include "base/arena.h"
#include "base/json.h"
#include "base/utf8.h"

/* They take what has no length, or clamp to 32 bits. */
#pragma GCC poison json_tokener_parse json_object_get_int

/* The scan goes by recursion, at most JSON_DEPTH_MAX deep. */
struct scan {
	const char *at;
	const char *end;
	unsigned depth;
	unsigned elements;	/* of all arrays */
	bool counting;		/* does not stop at too many of them */
	struct text key;	/* the last one of the outermost object */
	struct text long_key;	/* of the first element too many */
	size_t members;		/* of all objects */
};

/* json-c has no object for null; this stands for it. */
struct json_value {
	char nothing;
};

static const struct json_value null_value;

/* json-c's getters want a pointer to what they may change, and do not. */
static struct json_tree *
tree(const struct json_value *v)
{
	return v == &null_value ? NULL : (struct json_tree *)(uintptr_t)v;
}

static const struct json_value *
value_of(struct json_tree *o)
{
	return o == NULL ? &null_value : (const struct json_value *)o;
}

static bool scan_value(struct scan *s);

static void
skip_blanks(struct scan *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' ||
	    *s->at == '\t' || *s->at == '\r'))
		s->at++;
}

static bool
take(struct scan *s, char c)
{
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

static bool
take_word(struct scan *s, const char *word, size_t length)
{
	if ((size_t)(s->end - s->at) < length ||
	    memcmp(s->at, word, length) != 0)
		return false;
	s->at += length;
	return true;
}

static bool
take_digits(struct scan *s)
{
	const char *start = s->at;

	while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
		s->at++;
	return s->at > start;
}

/* json-c clamps what does not fit, without a word. */
static bool
fits_i64(const char *digits, const char *end, bool negative)
{
	int64_t n = 0;
	int digit;

	for (; digits < end; digits++) {
		digit = *digits - '0';
		if (negative)
			digit = -digit;
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, digit, &n))
			return false;
	}
	return true;
}

/* 1e400 would become infinite, and be written so again. */
static bool
is_finite(const char *start, const char *end)
{
	char text[JSON_NUMBER_MAX + 1] = "";

	memcpy(text, start, (size_t)(end - start));
	return isfinite(strtod(text, NULL));
}

static bool
scan_number(struct scan *s)
{
	const char *start = s->at;
	const char *digits;
	bool negative, integer = true;

	negative = take(s, '-');
	digits = s->at;
	if (!take(s, '0') && !take_digits(s))
		return false;
	if (s->at - start > JSON_NUMBER_MAX ||
	    !fits_i64(digits, s->at, negative))
		return false;
	if (take(s, '.')) {
		integer = false;
		if (!take_digits(s))
			return false;
	}
	if (take(s, 'e') || take(s, 'E')) {
		integer = false;
		if (!take(s, '+'))
			take(s, '-');
		if (!take_digits(s))
			return false;
	}
	if (integer && negative && *digits == '0')
		return false;
	return s->at - start <= JSON_NUMBER_MAX && is_finite(start, s->at);
}

static bool
scan_hex4(struct scan *s, unsigned *unit)
{
	unsigned i, digit;
	char c;

	*unit = 0;
	if (s->end - s->at < 4)
		return false;
	for (i = 0; i < 4; i++) {
		c = *s->at++;
		if (c >= '0' && c <= '9')
			digit = (unsigned)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (unsigned)((c | 0x20) - 'a') + 10;
		else
			return false;
		*unit = *unit << 4 | digit;
	}
	return true;
}

static bool
scan_escape(struct scan *s)
{
	unsigned unit;

	if (s->at == s->end)
		return false;
	if (*s->at != 'u')
		return strchr("\"\\/bfnrt", *s->at++) != NULL;
	s->at++;
	if (!scan_hex4(s, &unit) || unit == 0)
		return false;
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	if (unit > 0xdbff || !take(s, '\\') || !take(s, 'u') ||
	    !scan_hex4(s, &unit))
		return false;
	return unit >= 0xdc00 && unit <= 0xdfff;
}

static bool
scan_string(struct scan *s)
{
	unsigned char c;

	if (!take(s, '"'))
		return false;
	while (s->at < s->end) {
		c = (unsigned char)*s->at++;
		if (c == '"')
			return true;
		if (c < 0x20)
			return false;
		if (c == '\\' && !scan_escape(s))
			return false;
	}
	return false;
}

static bool
scan_array(struct scan *s)
{
	skip_blanks(s);
	if (take(s, ']'))
		return true;
	do {
		if (++s->elements > JSON_ELEMENTS_MAX && !s->counting)
			return false;
		if (s->elements == JSON_ELEMENTS_MAX + 1)
			s->long_key = s->key;
		if (!scan_value(s))
			return false;
	} while (take(s, ','));
	return take(s, ']');
}

static bool
scan_object(struct scan *s)
{
	unsigned keys = 0;
	const char *start;

	skip_blanks(s);
	if (take(s, '}'))
		return true;
	do {
		skip_blanks(s);
		start = s->at;
		if (++keys > JSON_KEYS_MAX || !scan_string(s))
			return false;
		s->members++;
		if (s->depth == 1)
			s->key = (struct text){start + 1,
			    (size_t)(s->at - start) - 2};
		skip_blanks(s);
		if (!take(s, ':') || !scan_value(s))
			return false;
	} while (take(s, ','));
	return take(s, '}');
}

static bool
scan_nested(struct scan *s, bool (*inside)(struct scan *s))
{
	bool good;

	s->at++;
	if (s->depth == JSON_DEPTH_MAX)
		return false;
	s->depth++;
	good = inside(s);
	s->depth--;
	return good;
}

static bool
scan_value(struct scan *s)
{
	bool good;

	skip_blanks(s);
	if (s->at == s->end)
		return false;
	switch (*s->at) {
	case '{':
		good = scan_nested(s, scan_object);
		break;
	case '[':
		good = scan_nested(s, scan_array);
		break;
	case '"':
		good = scan_string(s);
		break;
	case 't':
		good = take_word(s, "true", 4);
		break;
	case 'f':
		good = take_word(s, "false", 5);
		break;
	case 'n':
		good = take_word(s, "null", 4);
		break;
	default:
		good = scan_number(s);
	}
	skip_blanks(s);
	return good;
}

/*
 * How many members json-c kept.  It lets a later key replace an equal earlier
 * one, however they were escaped, so a smaller number than the scan's tells
 * of a duplicate without comparing any key here.
 */
static size_t
count_members(struct json_tree *o)
{
	struct json_object_iterator i, end;
	size_t count = 0, n;

	switch (json_object_get_type(o)) {
	case json_type_object:
		i = json_object_iter_begin(o);
		end = json_object_iter_end(o);
		for (; !json_object_iter_equal(&i, &end);
		    json_object_iter_next(&i))
			count += 1 + count_members(
			    json_object_iter_peek_value(&i));
		return count;
	case json_type_array:
		for (n = 0; n < json_object_array_length(o); n++)
			count += count_members(
			    json_object_array_get_idx(o, n));
		return count;
	default:
		return 0;
	}
}

static void
release(void *o)
{
	json_object_put(o);
}

enum err
json_parse(struct arena *arena, const char *bytes, size_t length,
    const struct json_value **value)
{
	struct scan s = { .at = bytes, .end = bytes + length };
	struct json_tokener *tokener;
	struct json_tree *o;
	enum err e = ERR_BAD_JSON;

	*value = NULL;
	if (length > JSON_BYTES_MAX || !utf8_valid(bytes, length) ||
	    !scan_value(&s) || s.at != s.end)
		return ERR_BAD_JSON;
	tokener = json_tokener_new_ex(JSON_DEPTH_MAX + 2);
	if (tokener == NULL)
		return ERR_BAD_JSON;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	o = json_tokener_parse_ex(tokener, bytes, (int)length);
	/* A number at the top might go on; a blank ends it. */
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		o = json_tokener_parse_ex(tokener, "\n", 1);
	if (json_tokener_get_error(tokener) != json_tokener_success)
		goto out;
	if (o != NULL)
		arena_defer(arena, release, o);
	if (count_members(o) != s.members)
		goto out;
	*value = value_of(o);
	e = OK;
out:
	json_tokener_free(tokener);
	return e;
}

const char *
json_long_list(struct arena *arena, const char *bytes, size_t length)
{
	struct scan s = { .at = bytes, .end = bytes + length,
	    .counting = true, .key = {"", 0} };

	if (length > JSON_BYTES_MAX || !utf8_valid(bytes, length) ||
	    !scan_value(&s) || s.at != s.end ||
	    s.elements <= JSON_ELEMENTS_MAX)
		return NULL;
	return arena_copy(arena, s.long_key.data, s.long_key.length);
}

enum json_kind
json_kind(const struct json_value *v)
{
	if (v == NULL)
		return JSON_ABSENT;
	switch (json_object_get_type(tree(v))) {
	case json_type_boolean:
		return JSON_BOOL;
	case json_type_int:
	case json_type_double:
		return JSON_NUMBER;
	case json_type_string:
		return JSON_STRING;
	case json_type_array:
		return JSON_ARRAY;
	case json_type_object:
		return JSON_OBJECT;
	default:
		return JSON_NULL;
	}
}

const struct json_value *
json_get(const struct json_value *object, const char *key)
{
	struct json_tree *o;

	if (json_kind(object) != JSON_OBJECT ||
	    !json_object_object_get_ex(tree(object), key, &o))
		return NULL;
	return value_of(o);
}

size_t
json_length(const struct json_value *array)
{
	if (json_kind(array) != JSON_ARRAY)
		return 0;
	return json_object_array_length(tree(array));
}

const struct json_value *
json_at(const struct json_value *array, size_t index)
{
	if (index >= json_length(array))
		return NULL;
	return value_of(json_object_array_get_idx(tree(array), index));
}

const char *
json_string(const struct json_value *v)
{
	if (json_kind(v) != JSON_STRING)
		return NULL;
	return json_object_get_string(tree(v));
}

bool
json_integer(const struct json_value *v, int64_t *value)
{
	if (v == NULL || json_object_get_type(tree(v)) != json_type_int)
		return false;
	*value = json_object_get_int64(tree(v));
	return true;
}

bool
json_truth(const struct json_value *v, bool *value)
{
	if (json_kind(v) != JSON_BOOL)
		return false;
	*value = json_object_get_boolean(tree(v));
	return true;
}

void
json_keys(const struct json_value *object,
    void (*visit)(const char *key, const struct json_value *value,
	void *argument),
    void *argument)
{
	struct json_object_iterator i, end;

	if (json_kind(object) != JSON_OBJECT)
		return;
	i = json_object_iter_begin(tree(object));
	end = json_object_iter_end(tree(object));
	for (; !json_object_iter_equal(&i, &end); json_object_iter_next(&i))
		visit(json_object_iter_peek_name(&i),
		    value_of(json_object_iter_peek_value(&i)), argument);
}

const char *
json_source(struct arena *arena, const struct json_value *v)
{
	if (v == NULL)
		return NULL;
	return arena_text(arena, json_object_to_json_string_ext(tree(v),
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}
