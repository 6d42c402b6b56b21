#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "http/problem.h"
#include "tests/unit/in_arena.h"

static void
every_error_has_a_row_of_its_own(void **state)
{
	(void)state;
	for (int e = OK + 1; e < ERR_COUNT; e++) {
		const struct problem *p = problem_of((enum err)e);

		if (p->code == NULL || p->title == NULL || p->detail == NULL)
			fail_msg("error %d has no row", e);
		assert_in_range(p->status, 400, 599);
		for (int other = OK + 1; other < e; other++)
			assert_string_not_equal(p->code,
			    problem_of((enum err)other)->code);
	}
}

static void
what_is_no_error_is_internal(void **state)
{
	(void)state;
	assert_int_equal(problem_of(OK)->status, 500);
	assert_int_equal(problem_of(ERR_COUNT)->status, 500);
}

static struct reply
shaped(struct request *q, enum err e)
{
	struct reply p = {.status = 201, .location = "x", .secret = true,
	    .session_cookie = "x"};

	json_start(&p.json, arena, 1000);
	json_object(&p.json, NULL);
	problem_shape(&p, q, e);
	return p;
}

static void
nothing_of_the_half_made_answer_stays(void **state)
{
	struct request q = {.arena = arena, .request_id = "0123"};
	struct reply p = shaped(&q, ERR_NOT_FOUND);

	(void)state;
	assert_int_equal(p.status, 404);
	assert_null(p.location);
	assert_null(p.session_cookie);
	assert_string_equal(p.content_type, "application/problem+json");
	assert_string_equal(json_text_of(&p.json),
	    "{\"type\":\"about:blank\",\"title\":\"Not found\",\"status\":404,"
	    "\"code\":\"not_found\",\"detail\":\"There is nothing here, or nothing "
	    "that you may see.\",\"instance\":\"0123\"}");
}

static void
field_errors_are_told_for_bad_input_only(void **state)
{
	struct request q = {.arena = arena, .request_id = "0123"};
	struct reply p;

	(void)state;
	request_fault(&q, "/text", "too_long", "At most 2 characters.");
	p = shaped(&q, ERR_BAD_INPUT);
	assert_non_null(strstr(json_text_of(&p.json),
	    "\"errors\":[{\"pointer\":\"/text\",\"code\":\"too_long\","
	    "\"detail\":\"At most 2 characters.\"}]}"));
	p = shaped(&q, ERR_NOT_FOUND);
	assert_null(strstr(json_text_of(&p.json), "errors"));
}

static void
who_has_to_wait_is_told_how_long(void **state)
{
	struct request q = {.arena = arena, .request_id = "0123"};

	(void)state;
	assert_int_equal(shaped(&q, ERR_UNAVAILABLE).retry_after_s, 2);
	assert_int_equal(shaped(&q, ERR_RATE_LIMITED).retry_after_s, 1);
	q.retry_after_s = 17;
	assert_int_equal(shaped(&q, ERR_RATE_LIMITED).retry_after_s, 17);
	assert_int_equal(shaped(&q, ERR_NOT_FOUND).retry_after_s, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_has_a_row_of_its_own),
		cmocka_unit_test(what_is_no_error_is_internal),
		cmocka_unit_test(nothing_of_the_half_made_answer_stays),
		cmocka_unit_test(field_errors_are_told_for_bad_input_only),
		cmocka_unit_test(who_has_to_wait_is_told_how_long),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
