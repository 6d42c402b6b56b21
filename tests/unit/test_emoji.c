#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/emoji.h"
#include "tests/unit/in_arena.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static void
one_emoji_has_one_form(void **state)
{
	/* As keyboards send it, and how else it is written. */
	static const char *const forms[][2] = {
		{"❤\uFE0F", "❤"},
		{"❤\uFE0F", "❤\uFE0F\uFE0F"},
		{"⭐", "⭐\uFE0F"},
		{"✅", "✅\uFE0F"},
		{"👍", "👍\uFE0F"},
		{"✌🏽", "✌\uFE0F🏽"},
		{"1\uFE0F\u20E3", "1\u20E3"},
		{"#\uFE0F\u20E3", "#\u20E3"},
		{"©\uFE0F", "©"},
		{"🅰\uFE0F", "🅰"},
		{"🇫🇷", "🇫🇷"},
		{"👁\uFE0F\u200D🗨\uFE0F", "👁\u200D🗨"},
		{"👁\uFE0F\u200D🗨\uFE0F", "👁\uFE0F\u200D🗨"},
		{"🏳\uFE0F\u200D🌈", "🏳\u200D🌈"},
		{"🏴\u200D☠\uFE0F", "🏴\u200D☠"},
		{"👩🏻\u200D❤\uFE0F\u200D💋\u200D👨🏼",
		    "👩🏻\u200D❤\u200D💋\u200D👨🏼"},
		{":party_parrot:", ":party_parrot:"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(forms); i++) {
		assert_string_equal(emoji_clean(arena, forms[i][0]),
		    forms[i][0]);
		assert_string_equal(emoji_clean(arena, forms[i][1]),
		    forms[i][0]);
	}
}

static void
what_is_not_one_emoji_is_none(void **state)
{
	static const char *const none[] = {
		"", " ", "a", "1", "1\uFE0F", "1❤", "hello", "::", ":A:",
		"👍👍", "\uFE0F", "\u200D", "\uFE0F👍", "\u200D👍",
		/* One character, but with U+FE0F longer than 64 bytes. */
		"❤\u200D❤\u200D❤\u200D❤\u200D❤\u200D❤\u200D❤\u200D❤",
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(none); i++)
		assert_null(emoji_clean(arena, none[i]));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_emoji_has_one_form),
		cmocka_unit_test(what_is_not_one_emoji_is_none),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
