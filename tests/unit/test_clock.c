#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clock.h"

static void
is_written(int64_t at_ms, const char *wanted)
{
	char text[CLOCK_TEXT_SIZE];

	clock_format(at_ms, text);
	assert_string_equal(text, wanted);
}

static void
is_read(const char *text, int64_t wanted)
{
	int64_t at_ms = -1;

	if (!clock_parse(text, &at_ms))
		fail_msg("refused: %s", text);
	assert_int_equal(at_ms, wanted);
}

static void
times_are_written_in_utc_with_milliseconds(void **state)
{
	(void)state;
	is_written(0, "1970-01-01T00:00:00.000Z");
	is_written(INT64_C(1795341600000), "2026-11-22T10:00:00.000Z");
	is_written(INT64_C(951782399999), "2000-02-28T23:59:59.999Z");
	is_written(INT64_C(951868800000), "2000-03-01T00:00:00.000Z");
	is_written(-1, "1969-12-31T23:59:59.999Z");
}

static void
times_outside_of_four_digit_years_are_cut(void **state)
{
	(void)state;
	is_written(INT64_MAX, "9999-12-31T23:59:59.999Z");
	is_written(INT64_MIN, "0000-01-01T00:00:00.000Z");
}

static void
every_day_comes_back_as_it_was_written(void **state)
{
	char text[CLOCK_TEXT_SIZE], other[CLOCK_TEXT_SIZE];
	struct tm tm;

	(void)state;
	for (int64_t day = -200000; day < 200000; day += 3) {
		int64_t at_ms = day * 86400000 + 45296789;
		time_t at = (time_t)(day * 86400 + 45296);

		clock_format(at_ms, text);
		is_read(text, at_ms);
		gmtime_r(&at, &tm);
		strftime(other, sizeof(other), "%Y-%m-%dT%H:%M:%S.789Z", &tm);
		assert_string_equal(text, other);
	}
}

static void
any_offset_and_fraction_is_read(void **state)
{
	const int64_t at_ms = INT64_C(1795341600000);

	(void)state;
	is_read("2026-11-22T10:00:00Z", at_ms);
	is_read("2026-11-22t10:00:00z", at_ms);
	is_read("2026-11-22T10:00:00+00:00", at_ms);
	is_read("2026-11-22T15:30:00+05:30", at_ms);
	is_read("2026-11-21T23:59:00-10:01", at_ms);
	is_read("2026-11-22T10:00:00.5Z", at_ms + 500);
	is_read("2026-11-22T10:00:00.123999999Z", at_ms + 123);
	is_read("2016-12-31T23:59:60Z", INT64_C(1483228800000));
	is_read("2024-02-29T00:00:00Z", INT64_C(1709164800000));
}

static void
what_is_not_a_time_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "2026", "2026-11-22", "2026-11-22T10:00", "1795341600000",
		"2026-11-22T10:00:00", "2026-11-22 10:00:00Z",
		"2026-11-22T10:00:00.Z", "2026-11-22T10:00:00Z ",
		" 2026-11-22T10:00:00Z", "2026-11-22T10:00:00+0530",
		"2026-11-22T10:00:00+24:00", "2026-11-22T10:00:00+05:60",
		"2026-13-01T10:00:00Z", "2026-00-01T10:00:00Z",
		"2026-02-29T10:00:00Z", "2100-02-29T10:00:00Z",
		"2026-04-31T10:00:00Z", "2026-11-00T10:00:00Z",
		"2026-11-22T24:00:00Z", "2026-11-22T10:60:00Z",
		"2026-11-22T10:00:61Z", "-026-11-22T10:00:00Z",
		"2026-1-22T10:00:00Z", "02026-11-22T10:00:00Z",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int64_t at_ms;

		if (clock_parse(bad[i], &at_ms))
			fail_msg("accepted: '%s'", bad[i]);
	}
}

static void
the_clocks_run_forwards(void **state)
{
	int64_t us = clock_monotonic_us(), ms = clock_monotonic_ms();

	(void)state;
	assert_true(clock_now_ms() > INT64_C(1700000000000));
	assert_true(clock_monotonic_us() >= us);
	assert_true(ms >= us / 1000 && ms - us / 1000 < 10000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_written_in_utc_with_milliseconds),
		cmocka_unit_test(times_outside_of_four_digit_years_are_cut),
		cmocka_unit_test(every_day_comes_back_as_it_was_written),
		cmocka_unit_test(any_offset_and_fraction_is_read),
		cmocka_unit_test(what_is_not_a_time_is_refused),
		cmocka_unit_test(the_clocks_run_forwards),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
