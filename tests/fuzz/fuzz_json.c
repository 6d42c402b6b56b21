#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool condition)
{
	if (!condition)
		abort();
}

/* Everything is written by our writer, from what the reader says is there. */
static void
copy(struct json *j, const char *key, const struct json_value *v,
    struct arena *arena);

struct target {
	struct json *j;
	struct arena *arena;
	size_t count;
};

static void
copy_member(const char *key, const struct json_value *v, void *argument)
{
	struct target *t = argument;

	must(utf8_valid(key, strlen(key)));
	copy(t->j, key, v, t->arena);
	t->count++;
}

static void
copy(struct json *j, const char *key, const struct json_value *v,
    struct arena *arena)
{
	struct target t = { j, arena, 0 };
	const char *s;
	int64_t n;
	bool truth;
	size_t i;

	switch (json_kind(v)) {
	case JSON_OBJECT:
		json_object(j, key);
		json_keys(v, copy_member, &t);
		must(t.count <= JSON_KEYS_MAX);
		json_end_object(j);
		break;
	case JSON_ARRAY:
		must(json_length(v) <= JSON_ELEMENTS_MAX);
		json_array(j, key);
		for (i = 0; i < json_length(v); i++)
			copy(j, NULL, json_at(v, i), arena);
		json_end_array(j);
		break;
	case JSON_STRING:
		s = json_string(v);
		must(utf8_valid(s, strlen(s)));
		json_text(j, key, s);
		break;
	case JSON_NUMBER:
		if (json_integer(v, &n))
			json_i64(j, key, n);
		else
			json_raw(j, key, json_source(arena, v));
		break;
	case JSON_BOOL:
		must(json_truth(v, &truth));
		json_bool(j, key, truth);
		break;
	case JSON_NULL:
		json_null(j, key);
		break;
	case JSON_ABSENT:
		abort();
	}
}

/*
 * What was accepted is written again by both writers, read again, and is then
 * the same document.
 */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new((size_t)64 * 1024 * 1024);
	const struct json_value *v, *again;
	const char *first, *second;
	struct json j;

	if (json_parse(arena, (const char *)data, size, &v) == OK) {
		json_start(&j, arena, 8 * size + 64);
		copy(&j, NULL, v, arena);
		first = json_text_of(&j);
		must(first != NULL);
		must(json_parse(arena, first, strlen(first), &again) == OK);
		json_start(&j, arena, 8 * size + 64);
		copy(&j, NULL, again, arena);
		second = json_text_of(&j);
		must(strcmp(first, second) == 0);
		first = json_source(arena, v);
		must(json_parse(arena, first, strlen(first), &again) == OK);
		must(strcmp(first, json_source(arena, again)) == 0);
	}
	arena_free(arena);
	return 0;
}
