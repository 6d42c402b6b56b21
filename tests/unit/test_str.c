#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/str.h"
#include "tests/unit/in_arena.h"

static struct text
text(const char *s)
{
	return (struct text){.data = s, .length = strlen(s)};
}

static void
texts_are_compared_as_a_whole(void **state)
{
	(void)state;
	assert_true(text_is(text("abc"), "abc"));
	assert_false(text_is(text("abc"), "ab"));
	assert_false(text_is(text("ab"), "abc"));
	assert_false(text_is(text("abc"), "Abc"));
	assert_true(text_is((struct text){0}, ""));
	assert_true(text_is_nocase(text("Content-TYPE"), "content-type"));
	assert_false(text_is_nocase(text("content-typ"), "content-type"));
	assert_false(text_is_nocase(text("@"), "`"));
}

static void
blanks_are_trimmed_on_both_sides(void **state)
{
	(void)state;
	assert_true(text_is(text_trim(text(" \t a b \t")), "a b"));
	assert_true(text_is(text_trim(text(" \t ")), ""));
	assert_true(text_is(text_trim(text("")), ""));
}

static void
a_text_is_split_at_every_separator(void **state)
{
	struct text rest = text("a,,b,"), part;

	(void)state;
	assert_true(text_split(&rest, ',', &part) && text_is(part, "a"));
	assert_true(text_split(&rest, ',', &part) && text_is(part, ""));
	assert_true(text_split(&rest, ',', &part) && text_is(part, "b"));
	assert_true(text_split(&rest, ',', &part) && text_is(part, ""));
	assert_false(text_split(&rest, ',', &part));
}

static bool
is_number(const char *s, uint64_t max, uint64_t wanted)
{
	uint64_t value = 12345;

	return parse_u64(text(s), max, &value) && value == wanted;
}

static void
numbers_within_the_limit_are_read(void **state)
{
	(void)state;
	assert_true(is_number("0", 0, 0));
	assert_true(is_number("7", 7, 7));
	assert_true(is_number("18446744073709551615", UINT64_MAX, UINT64_MAX));
}

static void
a_number_with_a_leading_zero_is_refused(void **state)
{
	(void)state;
	assert_false(is_number("00", 9, 0));
	assert_false(is_number("07", 9, 7));
}

static void
whatever_is_not_digits_alone_is_refused(void **state)
{
	static const char *const bad[] = {
		"", " 1", "1 ", "+1", "-1", "0x1", "1e3", "1.0", "1,0",
		"\xd9\xa1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t value;

		if (parse_u64(text(bad[i]), UINT64_MAX, &value))
			fail_msg("accepted: '%s'", bad[i]);
	}
}

static void
a_number_past_the_limit_is_refused(void **state)
{
	(void)state;
	assert_false(is_number("8", 7, 8));
	assert_false(is_number("18446744073709551616", UINT64_MAX, 0));
	assert_false(is_number("99999999999999999999999", UINT64_MAX, 0));
}

static void
ids_reach_from_one_to_two_to_the_53rd(void **state)
{
	uint64_t id;

	(void)state;
	assert_true(parse_id(text("1"), &id));
	assert_true(parse_id(text("9007199254740991"), &id));
	assert_int_equal(id, ID_MAX);
	assert_false(parse_id(text("0"), &id));
	assert_false(parse_id(text("9007199254740992"), &id));
}

static void
secrets_are_equal_only_when_every_byte_is(void **state)
{
	(void)state;
	assert_true(equal_secret("abcd", "abcd", 4));
	assert_true(equal_secret("abcd", "abce", 3));
	assert_false(equal_secret("abcd", "abce", 4));
	assert_false(equal_secret("\0bcd", "abcd", 4));
	assert_true(equal_secret("", "", 0));
}

static void
a_buffer_grows_up_to_its_cap(void **state)
{
	struct buffer b;

	(void)state;
	buffer_start(&b, arena, 1000);
	for (int i = 0; i < 100; i++)
		buffer_printf(&b, "%05d%s", i, "abcde");
	assert_int_equal(b.length, 1000);
	assert_int_equal(strlen(b.data), 1000);
	assert_memory_equal(b.data + 990, "00099abcde", 11);
	assert_false(buffer_full(&b));
	buffer_char(&b, 'x');
	assert_true(buffer_full(&b));
	assert_int_equal(b.length, 1000);
}

static void
what_does_not_fit_is_dropped_whole_and_for_good(void **state)
{
	struct buffer b;

	(void)state;
	buffer_start(&b, arena, 5);
	buffer_text(&b, "abc");
	buffer_text(&b, "def");
	assert_true(buffer_full(&b));
	buffer_char(&b, 'g');
	assert_string_equal(b.data, "abc");
}

static void
adding_nothing_makes_an_empty_text(void **state)
{
	struct buffer b;

	(void)state;
	buffer_start(&b, arena, 0);
	assert_null(b.data);
	buffer_text(&b, "");
	assert_string_equal(b.data, "");
	assert_false(buffer_full(&b));
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(texts_are_compared_as_a_whole),
		TEST(blanks_are_trimmed_on_both_sides),
		TEST(a_text_is_split_at_every_separator),
		TEST(numbers_within_the_limit_are_read),
		TEST(a_number_with_a_leading_zero_is_refused),
		TEST(whatever_is_not_digits_alone_is_refused),
		TEST(a_number_past_the_limit_is_refused),
		TEST(ids_reach_from_one_to_two_to_the_53rd),
		TEST(secrets_are_equal_only_when_every_byte_is),
		TEST(a_buffer_grows_up_to_its_cap),
		TEST(what_does_not_fit_is_dropped_whole_and_for_good),
		TEST(adding_nothing_makes_an_empty_text),
	};

	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
