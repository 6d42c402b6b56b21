#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/form.h"
#include "tests/unit/in_arena.h"

#define T(s) ((struct text){s, sizeof(s) - 1})

static struct request
with_query(const char *query)
{
	struct request q = {.arena = arena};

	if (form_parse(arena, (struct text){query, strlen(query)}, &q.query,
		&q.query_count) != OK)
		fail_msg("refused: %s", query);
	return q;
}

static void
escapes_are_decoded_once(void **state)
{
	const char *out;

	(void)state;
	assert_int_equal(form_decode(arena, T("a%20b+c%2Bd%2525"), true, &out),
	    OK);
	assert_string_equal(out, "a b c+d%25");
	assert_int_equal(form_decode(arena, T("a+b%c3%a4"), false, &out), OK);
	assert_string_equal(out, "a+b\xc3\xa4");
	assert_int_equal(form_decode(arena, T(""), false, &out), OK);
	assert_string_equal(out, "");
}

static void
what_is_not_an_escape_or_not_text_is_refused(void **state)
{
	static const char *const bad[] = {"%", "%4", "a%", "%zz", "%4g", "%u00e4",
	    "%00", "a%00b", "%ff", "%c3", "%c0%80", "%ed%a0%80", "\xff", "% 41",
	    "%+1", "%-1"};
	const char *out;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct text t = {bad[i], strlen(bad[i])};

		if (form_decode(arena, t, false, &out) != ERR_BAD_INPUT)
			fail_msg("taken: %s", bad[i]);
	}
}

static void
pairs_are_taken_apart(void **state)
{
	struct request q = with_query("a=1&&b=%26%3d&c&=x&d=e=f&");

	(void)state;
	assert_int_equal(q.query_count, 5);
	assert_string_equal(q.query[0].name, "a");
	assert_string_equal(q.query[1].value, "&=");
	assert_string_equal(q.query[2].name, "c");
	assert_string_equal(q.query[2].value, "");
	assert_string_equal(q.query[3].name, "");
	assert_string_equal(q.query[4].value, "e=f");
	assert_int_equal(with_query("").query_count, 0);
}

static void
too_many_pairs_are_refused(void **state)
{
	const struct parameter *items;
	char query[200] = "";
	size_t count;

	(void)state;
	for (size_t i = 0; i <= REQUEST_QUERY_MAX; i++)
		memcpy(query + 2 * i, "a&", 2);
	assert_int_equal(form_parse(arena,
	    (struct text){query, 2 * REQUEST_QUERY_MAX}, &items, &count), OK);
	assert_int_equal(count, REQUEST_QUERY_MAX);
	assert_int_equal(form_parse(arena,
	    (struct text){query, 2 * REQUEST_QUERY_MAX + 2}, &items, &count),
	    ERR_BAD_INPUT);
}

static void
parameters_are_read_within_bounds(void **state)
{
	struct request q = with_query("limit=50&q=h%C3%A4&empty=&big=201&x=1e3");

	(void)state;
	assert_int_equal(query_u64(&q, "limit", 1, 200, 7), 50);
	assert_int_equal(query_u64(&q, "absent", 1, 200, 7), 7);
	assert_string_equal(query_text(&q, "q", 2), "h\xc3\xa4");
	assert_string_equal(query_text(&q, "empty", 2), "");
	assert_null(query_text(&q, "absent", 2));
	assert_true(query_has(&q, "empty"));
	assert_false(query_has(&q, "absent"));
	assert_false(request_bad(&q));
	assert_int_equal(query_u64(&q, "big", 1, 200, 7), 7);
	assert_string_equal(q.errors[0].pointer, "?big");
	query_u64(&q, "x", 1, 2000, 7);
	query_u64(&q, "empty", 1, 200, 7);
	query_text(&q, "q", 1);
	assert_int_equal(q.error_count, 4);
}

static void
a_parameter_that_stands_twice_is_refused(void **state)
{
	struct request q = with_query("a=1&a=2&b=1&b=1");

	(void)state;
	assert_null(query_text(&q, "a", 10));
	assert_int_equal(query_u64(&q, "b", 1, 9, 5), 5);
	assert_int_equal(q.error_count, 2);
	assert_string_equal(q.errors[0].code, "repeated");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_are_decoded_once),
		cmocka_unit_test(what_is_not_an_escape_or_not_text_is_refused),
		cmocka_unit_test(pairs_are_taken_apart),
		cmocka_unit_test(too_many_pairs_are_refused),
		cmocka_unit_test(parameters_are_read_within_bounds),
		cmocka_unit_test(a_parameter_that_stands_twice_is_refused),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
