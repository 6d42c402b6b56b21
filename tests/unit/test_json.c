#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/json.h"
#include "tests/unit/in_arena.h"

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define BYTES(s) {s, sizeof(s) - 1}

static const struct json_value *
parsed(const char *source)
{
	const struct json_value *v;

	if (json_parse(arena, source, strlen(source), &v) != OK)
		fail_msg("refused: %s", source);
	return v;
}

static void
refused(const char *bytes, size_t length)
{
	const struct json_value *v;

	if (json_parse(arena, bytes, length, &v) != ERR_BAD_JSON)
		fail_msg("accepted: %.*s", (int)length, bytes);
	assert_null(v);
}

static void
strict_documents_of_any_kind_are_accepted(void **state)
{
	static const char *const good[] = {
		"{}", "[]", " [ ] ", "\t\r\n{\n}\n", "null", "true", "false",
		"\"\"", "\"x\"", "0", "7", "-1", "12 ", "1.5", "-0.5", "1e3",
		"1E+3", "1e-3", "0.1e1",
		"{\"\":1}", "{\"a\":{\"a\":[1,{\"a\":null}]}}",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e4\"",
		"\"\\ud83d\\ude00 \xf0\x9f\x98\x80 \xc3\xa4\"",
		"\"\x7f\"", "\"\\u007f\\u0001\"", "9223372036854775807",
		"-9223372036854775808", "[[[[[[[[1]]]]]]]]",
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(good); i++)
		parsed(good[i]);
}

static void
what_json_c_would_let_through_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t length;
	} bad[] = {
		BYTES(""), BYTES(" "), BYTES("\n"), BYTES("\0"), BYTES("nul"),
		BYTES("NaN"), BYTES("[NaN]"), BYTES("Infinity"),
		BYTES("-Infinity"), BYTES("nan"), BYTES("True"), BYTES("NULL"),
		BYTES("'a'"), BYTES("{'a':1}"), BYTES("{a:1}"),
		BYTES("/* */{}"), BYTES("{}// x"), BYTES("[1,]"),
		BYTES("{\"a\":1,}"), BYTES("[,1]"), BYTES("[1,,2]"),
		BYTES("[1 2]"), BYTES("{\"a\" 1}"), BYTES("{\"a\":}"),
		BYTES("{\"a\"}"), BYTES("{1:2}"), BYTES("{}{}"), BYTES("{}}"),
		BYTES("[]]"), BYTES("1 2"), BYTES("{} x"), BYTES("[1"),
		BYTES("{\"a\":1"), BYTES("\"a"), BYTES("\""), BYTES("\"\\\""),
		BYTES("\xef\xbb\xbf{}"), BYTES("\xff\xfe{\0}\0"),
		BYTES("{}\0"), BYTES("\"a\0b\""), BYTES("\f{}"),
		BYTES("\xc2\xa0{}"),
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(bad); i++)
		refused(bad[i].bytes, bad[i].length);
}

static void
numbers_are_as_the_rfc_writes_them(void **state)
{
	static const char *const bad[] = {
		"-", "+1", "01", "-01", "00", ".5", "-.5", "2.", "2.e3", "1e",
		"1e+", "1ee3", "0x10", "1_000", "1e1.5", "--1", "-0",
		"1e400", "-1e400", "9223372036854775808",
		"-9223372036854775809", "18446744073709551615",
		"18446744073709551616", "99999999999999999999",
		"1.00000000000000000000", "1e0000000000000000001",
		"123456789012345678901234567890123456789012345678901234567890",
		"\xd9\xa1",
	};
	char document[160];
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(bad); i++) {
		refused(bad[i], strlen(bad[i]));
		snprintf(document, sizeof(document), "{\"a\":[%s]}", bad[i]);
		refused(document, strlen(document));
	}
}

static void
strings_hold_no_raw_control_and_only_well_formed_text(void **state)
{
	static const char *const bad[] = {
		"\x01", "\t", "\n", "\r", "\x1f", "\\x", "\\u", "\\u12",
		"\\u12g4", "\\U0041", "\\'", "\\0", "\\u0000", "a\\u0000b",
		"\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud83d\\u0041",
		"\\ud83dx", "\\ud83d\\", "\\ud83d\\n", "\xc0\x80", "\xc1\xbf",
		"\xe0\x80\x80", "\xf0\x80\x80\x80", "\xed\xa0\x80",
		"\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe",
		"\xff", "\x80", "\xe2\x82", "\xc3",
	};
	char document[64];
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(bad); i++) {
		snprintf(document, sizeof(document), "\"%s\"", bad[i]);
		refused(document, strlen(document));
		snprintf(document, sizeof(document), "{\"%s\":1}", bad[i]);
		refused(document, strlen(document));
	}
}

static void
a_key_stands_only_once_however_it_is_escaped(void **state)
{
	static const char *const bad[] = {
		"{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":1}",
		"{\"\":1,\"\":1}", "[{\"x\":{\"b\":{},\"c\":0,\"b\":{}}}]",
		"{\"a\":{\"b\":1,\"c\":2},\"a\":1}",
		"{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":1}",
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(bad); i++)
		refused(bad[i], strlen(bad[i]));
	parsed("{\"a\":{\"a\":1},\"A\":{\"a\":1}}");
}

static void
depth_keys_and_elements_are_bounded(void **state)
{
	static char document[200000];
	size_t i;
	unsigned keys, elements;

	(void)state;
	memset(document, '[', 100000);
	refused(document, 100000);
	for (i = 0; i + 5 < sizeof(document); i += 5)
		memcpy(document + i, "{\"a\":", 5);
	refused(document, i);
	memset(document, '[', 9);
	memset(document + 9, ']', 9);
	refused(document, 18);
	for (keys = 64; keys <= 65; keys++) {
		i = 0;
		document[i++] = '{';
		for (unsigned k = 0; k < keys; k++)
			i += (size_t)snprintf(document + i, 16, "%s\"%u\":0",
			    k > 0 ? "," : "", k);
		document[i++] = '}';
		document[i] = '\0';
		if (keys == 64)
			parsed(document);
		else
			refused(document, i);
	}
	for (elements = 1000; elements <= 1001; elements++) {
		i = 0;
		document[i++] = '[';
		for (unsigned k = 0; k < elements; k++)
			i += (size_t)snprintf(document + i, 16, "%s0",
			    k > 0 ? "," : "");
		document[i++] = ']';
		document[i] = '\0';
		if (elements == 1000)
			assert_int_equal(json_length(parsed(document)), 1000);
		else
			refused(document, i);
	}
}

static void
a_list_that_is_too_long_is_told_from_what_is_no_json(void **state)
{
	static char document[8192];
	size_t i;

	(void)state;
	i = (size_t)snprintf(document, 32, "{\"a\":{\"b\":1},\"ids\":[0");
	for (unsigned k = 1; k < 1001; k++)
		i += (size_t)snprintf(document + i, 16, ",0");
	i += (size_t)snprintf(document + i, 32, "],\"c\":[2]}");
	refused(document, i);
	assert_string_equal(json_long_list(arena, document, i), "ids");
	assert_null(json_long_list(arena, document, i - 1));
	assert_null(json_long_list(arena, "[0]", 3));
	document[0] = '[';
	assert_null(json_long_list(arena, document, i));
}

static void
values_are_found_by_key_and_index(void **state)
{
	const struct json_value *v;
	int64_t n = 0;
	bool truth = false;

	(void)state;
	v = parsed("{\"n\":-7,\"t\":true,\"s\":\"\\u00e4\\n\",\"z\":null,"
	    "\"a\":[1,null],\"d\":1.0}");
	assert_int_equal(json_kind(v), JSON_OBJECT);
	assert_true(json_integer(json_get(v, "n"), &n));
	assert_int_equal(n, -7);
	assert_true(json_truth(json_get(v, "t"), &truth));
	assert_true(truth);
	assert_string_equal(json_string(json_get(v, "s")), "\xc3\xa4\n");
	assert_int_equal(json_kind(json_get(v, "z")), JSON_NULL);
	assert_int_equal(json_kind(json_get(v, "none")), JSON_ABSENT);
	assert_int_equal(json_length(json_get(v, "a")), 2);
	assert_true(json_integer(json_at(json_get(v, "a"), 0), &n));
	assert_int_equal(json_kind(json_at(json_get(v, "a"), 1)), JSON_NULL);
	assert_null(json_at(json_get(v, "a"), 2));
	assert_int_equal(json_kind(json_get(v, "d")), JSON_NUMBER);
}

static void
a_value_of_another_kind_is_not_converted(void **state)
{
	const struct json_value *v;
	int64_t n;
	bool truth;

	(void)state;
	v = parsed("{\"d\":1.0,\"e\":1e2,\"s\":\"1\",\"t\":true,\"z\":null}");
	assert_false(json_integer(json_get(v, "d"), &n));
	assert_false(json_integer(json_get(v, "e"), &n));
	assert_false(json_integer(json_get(v, "s"), &n));
	assert_false(json_integer(json_get(v, "t"), &n));
	assert_false(json_integer(json_get(v, "z"), &n));
	assert_false(json_integer(NULL, &n));
	assert_false(json_truth(json_get(v, "s"), &truth));
	assert_false(json_truth(json_get(v, "z"), &truth));
	assert_null(json_string(json_get(v, "d")));
	assert_null(json_string(json_get(v, "z")));
	assert_null(json_get(json_get(v, "s"), "x"));
	assert_null(json_get(NULL, "x"));
	assert_int_equal(json_length(v), 0);
	assert_null(json_at(v, 0));
}

static void
visit(const char *key, const struct json_value *value, void *argument)
{
	struct buffer *b = argument;

	buffer_printf(b, "%s=%d ", key, (int)json_kind(value));
}

static void
members_are_visited_in_order_of_appearance(void **state)
{
	struct buffer b;

	(void)state;
	buffer_start(&b, arena, 100);
	json_keys(parsed("{\"b\":1,\"a\":null,\"c\":[]}"), visit, &b);
	assert_string_equal(b.data, "b=3 a=1 c=5 ");
	json_keys(parsed("[1]"), visit, &b);
	json_keys(NULL, visit, &b);
	assert_string_equal(b.data, "b=3 a=1 c=5 ");
}

static void
a_value_is_written_again_as_it_was(void **state)
{
	static const char *const same[] = {
		"{\"a\":[1,-2,1.50,1e3,true,null,\"/\\n\xc3\xa4\"],\"b\":{}}",
		"null", "[]", "\"x\"", "9223372036854775807",
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(same); i++)
		assert_string_equal(json_source(arena, parsed(same[i])),
		    same[i]);
	assert_string_equal(json_source(arena, parsed(" { \"a\" : 1 } ")),
	    "{\"a\":1}");
	assert_null(json_source(arena, NULL));
}

static void
the_writer_makes_compact_documents(void **state)
{
	struct json j;

	(void)state;
	json_start(&j, arena, 1000);
	assert_string_equal(json_text_of(&j), "");
	json_object(&j, NULL);
	json_u64(&j, "u", UINT64_MAX);
	json_i64(&j, "i", INT64_MIN);
	json_i64(&j, "p", 5);
	json_u64(&j, "z", 0);
	json_array(&j, "a");
	json_array(&j, NULL);
	json_end_array(&j);
	json_text(&j, NULL, "x");
	json_bool(&j, NULL, true);
	json_object(&j, NULL);
	json_end_object(&j);
	json_null(&j, NULL);
	json_end_array(&j);
	json_text(&j, "n", NULL);
	json_bool(&j, "f", false);
	json_raw(&j, "r", "{\"k\":[1]}");
	json_raw(&j, "rn", NULL);
	json_time(&j, "t", 0);
	json_time(&j, "at", 1763805600123);
	json_end_object(&j);
	assert_string_equal(json_text_of(&j),
	    "{\"u\":18446744073709551615,\"i\":-9223372036854775808,\"p\":5,"
	    "\"z\":0,\"a\":[[],\"x\",true,{},null],\"n\":null,\"f\":false,"
	    "\"r\":{\"k\":[1]},\"rn\":null,\"t\":null,"
	    "\"at\":\"2025-11-22T10:00:00.123Z\"}");
}

static void
the_writer_escapes_what_could_break_out(void **state)
{
	struct json j;

	(void)state;
	json_start(&j, arena, 1000);
	json_text(&j, NULL, "\"\\/\b\f\n\r\t\x01\x1f\x7f \xc3\xa4 "
	    "\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa\xe2\x82\xac"
	    "\xf0\x9f\x98\x80");
	assert_string_equal(json_text_of(&j),
	    "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f \xc3\xa4 "
	    "\\u2028\\u2029\xe2\x80\xaa\xe2\x82\xac\xf0\x9f\x98\x80\"");
}

static void
a_key_may_be_odd_or_long(void **state)
{
	static const char *const keys[] = {
		"", "a\"b", "\n", "\xe2\x82\xac",
		"0123456789012345678901234567890123456789012345678901234567890",
		"01234567890123456789012345678901234567890123456789012345678901",
		("012345678901234567890123456789012345678901234567890123456789"
		"0123456789\"0123456789012345678901234567890123456789"),
	};
	const struct json_value *v;
	struct json j;
	int64_t n;
	size_t i;

	(void)state;
	json_start(&j, arena, 1000);
	json_object(&j, NULL);
	for (i = 0; i < LENGTH(keys); i++)
		json_u64(&j, keys[i], i);
	json_end_object(&j);
	v = parsed(json_text_of(&j));
	for (i = 0; i < LENGTH(keys); i++) {
		assert_true(json_integer(json_get(v, keys[i]), &n));
		assert_int_equal(n, i);
	}
}

static void
what_was_written_reads_back_the_same(void **state)
{
	const struct json_value *v;
	struct json j;
	char text[2] = "";
	int c;

	(void)state;
	for (c = 1; c < 128; c++) {
		text[0] = (char)c;
		json_start(&j, arena, 1000);
		json_object(&j, NULL);
		json_text(&j, text, text);
		json_end_object(&j);
		v = parsed(json_text_of(&j));
		assert_string_equal(json_string(json_get(v, text)), text);
	}
}

static void
past_its_cap_there_is_no_document(void **state)
{
	struct json j;

	(void)state;
	json_start(&j, arena, 9);
	json_object(&j, NULL);
	json_text(&j, "a", "1");
	json_end_object(&j);
	assert_string_equal(json_text_of(&j), "{\"a\":\"1\"}");
	json_start(&j, arena, 8);
	json_object(&j, NULL);
	json_text(&j, "a", "1");
	json_end_object(&j);
	assert_null(json_text_of(&j));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(strict_documents_of_any_kind_are_accepted),
		cmocka_unit_test(what_json_c_would_let_through_is_refused),
		cmocka_unit_test(numbers_are_as_the_rfc_writes_them),
		cmocka_unit_test(
		    strings_hold_no_raw_control_and_only_well_formed_text),
		cmocka_unit_test(a_key_stands_only_once_however_it_is_escaped),
		cmocka_unit_test(depth_keys_and_elements_are_bounded),
		cmocka_unit_test(
		    a_list_that_is_too_long_is_told_from_what_is_no_json),
		cmocka_unit_test(values_are_found_by_key_and_index),
		cmocka_unit_test(a_value_of_another_kind_is_not_converted),
		cmocka_unit_test(members_are_visited_in_order_of_appearance),
		cmocka_unit_test(a_value_is_written_again_as_it_was),
		cmocka_unit_test(the_writer_makes_compact_documents),
		cmocka_unit_test(the_writer_escapes_what_could_break_out),
		cmocka_unit_test(a_key_may_be_odd_or_long),
		cmocka_unit_test(what_was_written_reads_back_the_same),
		cmocka_unit_test(past_its_cap_there_is_no_document),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
