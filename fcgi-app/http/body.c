#include "base/arena.h"
#include "base/clock.h"
#include "base/utf8.h"
#include "http/request.h"

bool
request_bad(const struct request *q)
{
	return q->error_count > 0;
}

void
request_fault(struct request *q, const char *pointer, const char *code,
    const char *detail)
{
	if (q->error_count == REQUEST_ERRORS_MAX)
		return;
	q->errors[q->error_count++] =
	    (struct field_error){pointer, code, detail};
}

static void
fault(struct request *q, const char *key, const char *code, const char *detail)
{
	request_fault(q, arena_printf(q->arena, "/%s", key), code, detail);
}

/* NULL: absent, or null. */
static const struct json_value *
find(const struct request *q, const char *key)
{
	const struct json_value *v = json_get(q->json, key);

	return json_kind(v) == JSON_NULL ? NULL : v;
}

static const struct json_value *
demand(struct request *q, const char *key)
{
	const struct json_value *v = find(q, key);

	if (v == NULL)
		fault(q, key, "required", "This is missing.");
	return v;
}

bool
body_has(const struct request *q, const char *key)
{
	return find(q, key) != NULL;
}

bool
body_is_null(const struct request *q, const char *key)
{
	return json_kind(json_get(q->json, key)) == JSON_NULL;
}

static const char *
text_of(struct request *q, const char *key, const struct json_value *v,
    size_t min, size_t max)
{
	const char *text = json_string(v);
	size_t count;

	if (text == NULL) {
		fault(q, key, "type", "A text in quotes.");
		return NULL;
	}
	count = utf8_count(text);
	if (count >= min && count <= max)
		return text;
	if (count > max)
		fault(q, key, "too_long",
		    arena_printf(q->arena, "At most %zu characters.", max));
	else if (min == 1)
		fault(q, key, "too_short", "This may not be empty.");
	else
		fault(q, key, "too_short",
		    arena_printf(q->arena, "At least %zu characters.", min));
	return NULL;
}

const char *
body_text(struct request *q, const char *key, size_t min, size_t max)
{
	const struct json_value *v = demand(q, key);

	return v == NULL ? NULL : text_of(q, key, v, min, max);
}

const char *
body_text_optional(struct request *q, const char *key, size_t min, size_t max)
{
	const struct json_value *v = find(q, key);

	return v == NULL ? NULL : text_of(q, key, v, min, max);
}

static uint64_t
u64_of(struct request *q, const char *key, const struct json_value *v,
    uint64_t min, uint64_t max, uint64_t fallback)
{
	int64_t value;

	if (json_kind(v) != JSON_NUMBER) {
		fault(q, key, "type", "A number.");
		return fallback;
	}
	if (json_integer(v, &value) && value >= 0 && (uint64_t)value >= min &&
	    (uint64_t)value <= max)
		return (uint64_t)value;
	fault(q, key, "range",
	    arena_printf(q->arena, "A whole number from %llu to %llu.",
		(unsigned long long)min, (unsigned long long)max));
	return fallback;
}

uint64_t
body_u64(struct request *q, const char *key, uint64_t min, uint64_t max)
{
	const struct json_value *v = demand(q, key);

	return v == NULL ? 0 : u64_of(q, key, v, min, max, 0);
}

uint64_t
body_u64_optional(struct request *q, const char *key, uint64_t min,
    uint64_t max, uint64_t fallback)
{
	const struct json_value *v = find(q, key);

	return v == NULL ? fallback : u64_of(q, key, v, min, max, fallback);
}

uint64_t
body_id(struct request *q, const char *key)
{
	return body_u64(q, key, 1, ID_MAX);
}

uint64_t
body_id_optional(struct request *q, const char *key)
{
	return body_u64_optional(q, key, 1, ID_MAX, 0);
}

bool
body_bool_optional(struct request *q, const char *key, bool fallback)
{
	const struct json_value *v = find(q, key);
	bool value;

	if (v == NULL)
		return fallback;
	if (json_truth(v, &value))
		return value;
	fault(q, key, "type", "Either true or false.");
	return fallback;
}

static int
choice_of(struct request *q, const char *key, const struct json_value *v,
    const char *const *choices)
{
	const char *text = json_string(v);
	struct buffer list;

	buffer_start(&list, q->arena, 1024);
	buffer_text(&list, "One of:");
	for (int i = 0; choices[i] != NULL; i++) {
		if (text != NULL && strcmp(text, choices[i]) == 0)
			return i;
		buffer_printf(&list, "%s %s", i == 0 ? "" : ",", choices[i]);
	}
	buffer_char(&list, '.');
	fault(q, key, text == NULL ? "type" : "choice", list.data);
	return -1;
}

int
body_choice(struct request *q, const char *key, const char *const *choices)
{
	const struct json_value *v = demand(q, key);

	return v == NULL ? -1 : choice_of(q, key, v, choices);
}

int
body_choice_optional(struct request *q, const char *key,
    const char *const *choices, int fallback)
{
	const struct json_value *v = find(q, key);

	return v == NULL ? fallback : choice_of(q, key, v, choices);
}

int64_t
body_time_optional(struct request *q, const char *key)
{
	const struct json_value *v = find(q, key);
	const char *text = json_string(v);
	int64_t at_ms;

	if (v == NULL)
		return 0;
	if (text != NULL && clock_parse(text, &at_ms) && at_ms > 0)
		return at_ms;
	fault(q, key, "time", "A time such as 2030-01-31T12:00:00Z.");
	return 0;
}

size_t
body_ids_optional(struct request *q, const char *key, size_t max,
    const uint64_t **ids)
{
	const struct json_value *v = find(q, key);
	size_t count = json_length(v);
	uint64_t *list;

	*ids = NULL;
	if (v == NULL)
		return 0;
	if (json_kind(v) != JSON_ARRAY || count > max) {
		fault(q, key, json_kind(v) != JSON_ARRAY ? "type" : "too_long",
		    arena_printf(q->arena, "A list of at most %zu ids.", max));
		return 0;
	}
	list = arena_alloc(q->arena, (count + 1) * sizeof(*list));
	for (size_t i = 0; i < count; i++) {
		const char *place = arena_printf(q->arena, "%s/%zu", key, i);

		list[i] = u64_of(q, place, json_at(v, i), 1, ID_MAX, 0);
	}
	*ids = list;
	return count;
}
