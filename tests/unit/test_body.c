#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/request.h"
#include "tests/unit/in_arena.h"

static struct request
with_body(const char *json)
{
	struct request q = {.arena = arena};

	if (json_parse(arena, json, strlen(json), &q.json) != OK)
		fail_msg("not JSON: %s", json);
	return q;
}

static bool
is_sentence(const char *s)
{
	return *s >= 'A' && *s <= 'Z' && s[strlen(s) - 1] == '.';
}

static void
refused_as(const struct request *q, const char *pointer, const char *code)
{
	assert_int_equal(q->error_count, 1);
	assert_string_equal(q->errors[0].pointer, pointer);
	assert_string_equal(q->errors[0].code, code);
	assert_true(is_sentence(q->errors[0].detail));
	assert_true(request_bad(q));
}

static void
texts_are_counted_in_characters(void **state)
{
	struct request q = with_body("{\"a\":\"h\xc3\xa4\",\"n\":null,\"e\":\"\"}");

	(void)state;
	assert_string_equal(body_text(&q, "a", 1, 2), "h\xc3\xa4");
	assert_null(body_text_optional(&q, "n", 1, 2));
	assert_null(body_text_optional(&q, "absent", 1, 2));
	assert_string_equal(body_text_optional(&q, "e", 0, 2), "");
	assert_true(body_has(&q, "a"));
	assert_false(body_has(&q, "n"));
	assert_true(body_is_null(&q, "n"));
	assert_false(body_is_null(&q, "a"));
	assert_false(body_is_null(&q, "absent"));
	assert_false(request_bad(&q));
	assert_null(body_text(&q, "a", 1, 1));
	refused_as(&q, "/a", "too_long");
}

static void
a_text_may_be_missing_short_or_no_text(void **state)
{
	struct request q = with_body("{\"e\":\"\",\"n\":null,\"i\":7}");

	(void)state;
	assert_null(body_text(&q, "absent", 1, 9));
	refused_as(&q, "/absent", "required");
	q.error_count = 0;
	assert_null(body_text(&q, "n", 1, 9));
	refused_as(&q, "/n", "required");
	q.error_count = 0;
	assert_null(body_text(&q, "e", 1, 9));
	refused_as(&q, "/e", "too_short");
	q.error_count = 0;
	assert_null(body_text_optional(&q, "i", 1, 9));
	refused_as(&q, "/i", "type");
}

static void
ids_are_whole_numbers_from_one(void **state)
{
	static const char *const bad[] = {"{\"a\":0}", "{\"a\":-1}",
	    "{\"a\":1.0}", "{\"a\":1e2}", "{\"a\":9007199254740992}"};
	struct request q = with_body("{\"a\":9007199254740991}");

	(void)state;
	assert_int_equal(body_id(&q, "a"), ID_MAX);
	assert_int_equal(body_id_optional(&q, "b"), 0);
	assert_false(request_bad(&q));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		q = with_body(bad[i]);
		assert_int_equal(body_id(&q, "a"), 0);
		refused_as(&q, "/a", "range");
	}
	q = with_body("{\"a\":\"7\"}");
	assert_int_equal(body_id_optional(&q, "a"), 0);
	refused_as(&q, "/a", "type");
	q = with_body("{}");
	assert_int_equal(body_id(&q, "a"), 0);
	refused_as(&q, "/a", "required");
}

static void
numbers_have_bounds_and_a_fallback(void **state)
{
	struct request q = with_body("{\"a\":5}");

	(void)state;
	assert_int_equal(body_u64(&q, "a", 5, 5), 5);
	assert_int_equal(body_u64_optional(&q, "b", 1, 9, 3), 3);
	assert_false(request_bad(&q));
	assert_int_equal(body_u64_optional(&q, "a", 6, 9, 7), 7);
	refused_as(&q, "/a", "range");
}

static void
truth_is_not_a_number_or_a_word(void **state)
{
	struct request q = with_body("{\"t\":true,\"f\":false,\"i\":1}");

	(void)state;
	assert_true(body_bool_optional(&q, "t", false));
	assert_false(body_bool_optional(&q, "f", true));
	assert_true(body_bool_optional(&q, "absent", true));
	assert_false(request_bad(&q));
	body_bool_optional(&q, "i", false);
	refused_as(&q, "/i", "type");
}

static void
a_choice_is_one_of_the_list(void **state)
{
	static const char *const kinds[] = {"direct", "group", NULL};
	struct request q = with_body("{\"a\":\"group\",\"b\":\"Group\"}");

	(void)state;
	assert_int_equal(body_choice(&q, "a", kinds), 1);
	assert_int_equal(body_choice_optional(&q, "absent", kinds, 5), 5);
	assert_false(request_bad(&q));
	assert_int_equal(body_choice(&q, "b", kinds), -1);
	refused_as(&q, "/b", "choice");
	assert_string_equal(q.errors[0].detail, "One of: direct, group.");
	q.error_count = 0;
	assert_int_equal(body_choice(&q, "absent", kinds), -1);
	refused_as(&q, "/absent", "required");
}

static void
a_time_is_rfc_3339(void **state)
{
	struct request q = with_body("{\"a\":\"2026-01-02T03:04:05.678Z\","
	    "\"b\":\"tomorrow\",\"c\":7}");

	(void)state;
	assert_int_equal(body_time_optional(&q, "a"), INT64_C(1767323045678));
	assert_int_equal(body_time_optional(&q, "absent"), 0);
	assert_false(request_bad(&q));
	assert_int_equal(body_time_optional(&q, "b"), 0);
	refused_as(&q, "/b", "time");
	body_time_optional(&q, "c");
	assert_int_equal(q.error_count, 2);
}

static void
a_list_of_ids_says_which_one_is_wrong(void **state)
{
	struct request q = with_body("{\"a\":[3,1,2],\"b\":[1,\"x\"],\"c\":{}}");
	const uint64_t *ids;

	(void)state;
	assert_int_equal(body_ids_optional(&q, "a", 3, &ids), 3);
	assert_int_equal(ids[0], 3);
	assert_int_equal(ids[2], 2);
	assert_int_equal(body_ids_optional(&q, "absent", 3, &ids), 0);
	assert_false(request_bad(&q));
	body_ids_optional(&q, "b", 3, &ids);
	refused_as(&q, "/b/1", "type");
	q.error_count = 0;
	assert_int_equal(body_ids_optional(&q, "a", 2, &ids), 0);
	refused_as(&q, "/a", "too_long");
	q.error_count = 0;
	assert_int_equal(body_ids_optional(&q, "c", 2, &ids), 0);
	refused_as(&q, "/c", "type");
}

static void
only_so_many_faults_are_told(void **state)
{
	struct request q = with_body("{}");

	(void)state;
	for (size_t i = 0; i < 3 * REQUEST_ERRORS_MAX; i++)
		body_text(&q, "a", 1, 2);
	assert_int_equal(q.error_count, REQUEST_ERRORS_MAX);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_counted_in_characters),
		cmocka_unit_test(a_text_may_be_missing_short_or_no_text),
		cmocka_unit_test(ids_are_whole_numbers_from_one),
		cmocka_unit_test(numbers_have_bounds_and_a_fallback),
		cmocka_unit_test(truth_is_not_a_number_or_a_word),
		cmocka_unit_test(a_choice_is_one_of_the_list),
		cmocka_unit_test(a_time_is_rfc_3339),
		cmocka_unit_test(a_list_of_ids_says_which_one_is_wrong),
		cmocka_unit_test(only_so_many_faults_are_told),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
