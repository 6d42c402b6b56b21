#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/utf8.h"
#include "tests/unit/in_arena.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static void
the_shortest_form_of_every_code_point_is_valid(void **state)
{
	static const char *const good[] = {
		"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
		"\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
		"\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xef\xbb\xbf",
		"0123456789abcdef\xc3\xa4-0123456789abcdef\x01\x7f",
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(good); i++)
		assert_true(utf8_valid(good[i], strlen(good[i])));
}

static void
overlong_surrogate_and_cut_sequences_are_not(void **state)
{
	static const char *const bad[] = {
		"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41",
		"\xe0\x80\x80", "\xe0\x9f\xbf", "\xe2\x82", "\xe2\x28\xa1",
		"\xe2\x82\x28", "\xed\xa0\x80", "\xed\xbf\xbf",
		"\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf", "\xf0\x9f\x98",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe", "\xff",
	};
	char text[64];
	size_t i, at;
	int length;

	(void)state;
	for (i = 0; i < LENGTH(bad); i++) {
		for (at = 0; at < 20; at++) {
			length = snprintf(text, sizeof(text), "%.*s%s",
			    (int)at, "0123456789abcdefghij", bad[i]);
			assert_false(utf8_valid(text, (size_t)length));
			length = snprintf(text, sizeof(text), "%.*s%sxxxxxxxxx",
			    (int)at, "0123456789abcdefghij", bad[i]);
			assert_false(utf8_valid(text, (size_t)length));
		}
	}
}

static void
a_nul_is_not_text_wherever_it_stands(void **state)
{
	char text[32];
	size_t at;

	(void)state;
	for (at = 0; at < sizeof(text); at++) {
		memset(text, 'a', sizeof(text));
		assert_true(utf8_valid(text, sizeof(text)));
		text[at] = '\0';
		assert_false(utf8_valid(text, sizeof(text)));
	}
}

static void
code_points_are_counted_and_never_cut(void **state)
{
	const char *s = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z";

	(void)state;
	assert_int_equal(utf8_count(""), 0);
	assert_int_equal(utf8_count(s), 5);
	assert_int_equal(utf8_cut(s, 0), 0);
	assert_int_equal(utf8_cut(s, 1), 1);
	assert_int_equal(utf8_cut(s, 2), 3);
	assert_int_equal(utf8_cut(s, 3), 6);
	assert_int_equal(utf8_cut(s, 4), 10);
	assert_int_equal(utf8_cut(s, 5), 11);
	assert_int_equal(utf8_cut(s, 99), 11);
}

static void
what_looks_the_same_folds_to_the_same(void **state)
{
	(void)state;
	assert_string_equal(utf8_fold(arena, "ADMIN"), "admin");
	assert_string_equal(utf8_fold(arena, "\xef\xbd\x81\xef\xbd\x84min"),
	    "admin");
	assert_string_equal(utf8_fold(arena, "e\xcc\x81"), "\xc3\xa9");
	assert_string_equal(utf8_fold(arena, "\xef\xac\x81x"), "fix");
	assert_string_equal(utf8_fold(arena, "STRASSE"),
	    utf8_fold(arena, "stra\xc3\x9f" "e"));
	assert_string_equal(utf8_fold(arena, "a\xe2\x80\x8b" "b"), "ab");
	assert_null(utf8_fold(arena, ""));
	assert_null(utf8_fold(arena, "\xe2\x80\x8b\xc2\xad"));
}

static void
a_shown_name_has_nothing_hidden_in_it(void **state)
{
	static const char *const names[][2] = {
		{"Ann", "Ann"},
		{"  Ann \t\n B.  ", "Ann B."},
		{"\xc2\xa0" "Ann\xe3\x80\x80" "B\xe2\xa0\x80", "Ann B"},
		{"e\xcc\x81", "\xc3\xa9"},
		{"A\xe2\x80\x8bn\xe2\x80\x8dn\xef\xbb\xbf\xc2\xad", "Ann"},
		{"\xe2\x80\xae" "Ann\xe2\x81\xa6" "b\xd8\x9c", "Annb"},
		{"A\x01\x7f\xc2\x81" "b", "Ab"},
		{"A\xf3\xa0\x81\x81\xe3\x85\xa4\xef\xbf\xbf" "b", "Ab"},
		{"\xcc\x81\xcc\x82" "a", "a"},
		{"\xe2\x9d\xa4\xef\xb8\x8f", "\xe2\x9d\xa4\xef\xb8\x8f"},
		{"a\xef\xb8\x8f", "a"},
		{"<b>&\"", "<b>&\""},
		{"\xe5\xbc\xa0\xe4\xbc\x9f", "\xe5\xbc\xa0\xe4\xbc\x9f"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(names); i++)
		assert_string_equal(utf8_clean_name(arena, names[i][0]),
		    names[i][1]);
}

static void
a_name_without_anything_visible_is_none(void **state)
{
	static const char *const names[] = {
		"", " ", "\t\n", "\xc2\xa0", "\xe2\x80\x8b", "\xe3\x85\xa4",
		"\xe2\xa0\x80", "\xe2\x80\xae\xe2\x80\xac", "\xcc\x81",
		"\xef\xb8\x8f", "\xf3\xa0\x81\x81", "\x01", "\xef\xbf\xbe",
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(names); i++)
		assert_null(utf8_clean_name(arena, names[i]));
}

static void
marks_on_one_letter_are_bounded(void **state)
{
	char name[1 + 2 * 500 + 1] = "x";
	const char *clean;
	size_t i;

	(void)state;
	for (i = 0; i < 500; i++)
		memcpy(name + 1 + 2 * i, "\xcc\x96", 3);
	clean = utf8_clean_name(arena, name);
	assert_int_equal(utf8_count(clean), 5);
	/* U+0344 is two marks in one. */
	clean = utf8_clean_name(arena, "x\xcc\x80\xcc\x80\xcd\x84\xcc\x80");
	assert_string_equal(clean, utf8_clean_name(arena, clean));
}

static void
line_ends_are_one_kind_and_controls_are_gone(void **state)
{
	(void)state;
	assert_string_equal(utf8_clean_text(arena, "a\r\nb\rc\nd\r"),
	    "a\nb\nc\nd\n");
	assert_string_equal(utf8_clean_text(arena, "\r\r\n\r\n"), "\n\n\n");
	assert_string_equal(utf8_clean_text(arena, "\x01\x7f" "a\x1b[0m\tb\x0c"),
	    "a[0m\tb");
	assert_string_equal(utf8_clean_text(arena, "  \xc3\xa4  "),
	    "  \xc3\xa4  ");
	assert_string_equal(utf8_clean_text(arena, ""), "");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_shortest_form_of_every_code_point_is_valid),
		cmocka_unit_test(overlong_surrogate_and_cut_sequences_are_not),
		cmocka_unit_test(a_nul_is_not_text_wherever_it_stands),
		cmocka_unit_test(code_points_are_counted_and_never_cut),
		cmocka_unit_test(what_looks_the_same_folds_to_the_same),
		cmocka_unit_test(a_shown_name_has_nothing_hidden_in_it),
		cmocka_unit_test(a_name_without_anything_visible_is_none),
		cmocka_unit_test(marks_on_one_letter_are_bounded),
		cmocka_unit_test(line_ends_are_one_kind_and_controls_are_gone),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
