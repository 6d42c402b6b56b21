/* Statements: values, rows, calls and what is wrong with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/own_database.h"

static struct stmt of_all = { .sql =
	"SELECT name, SUM(height) OVER (), COUNT(*) OVER ()"
	" FROM notes ORDER BY name" };
static struct stmt rename_to = { .sql =
	"UPDATE notes SET name = ? WHERE name = ?" };
static struct stmt nothing = { .sql = "SELECT 1" };
static struct stmt too_long = { .sql =
	"INSERT INTO notes (name) VALUES (REPEAT('x', ?))" };
static struct stmt echo = { .sql = "CALL echo(?)" };
static struct stmt silent = { .sql = "CALL silent()" };
static struct stmt set_height = { .sql = "UPDATE notes SET height = ?" };
static struct stmt less = { .sql =
	"SELECT CAST(LENGTH(?) AS UNSIGNED) - 99" };
static struct stmt unlisted = { .sql = "SELECT 2" };

struct stmt *const own_sql[] = { &of_all, &rename_to, &nothing, &too_long,
	&echo, &silent, &set_height, &less, NULL };

static void
values_come_back_as_they_went_in(void **state)
{
	static const char name[] = "\xc3\xa4\xf0\x9f\x98\x80'\"\\";
	char code[8] = "????????";

	(void)state;
	assert_int_equal(db_exec(&insert, TEXT(name), TEXT(""),
	    BYTES("\0\xff\0", 3), I64(-7)), OK);
	assert_int_equal(db_changed(), 1);
	assert_int_equal(db_query(&by_name, TEXT(name)), OK);
	assert_true(db_next(&by_name));
	assert_int_equal(db_u64(&by_name, 0), db_insert_id());
	assert_string_equal(db_text(&by_name, 1, arena), name);
	assert_string_equal(db_text(&by_name, 2, arena), "");
	assert_int_equal(db_bytes(&by_name, 3, code, sizeof(code)), 3);
	assert_memory_equal(code, "\0\xff\0?????", 8);
	assert_int_equal(db_bytes(&by_name, 3, code, 1), 1);
	assert_int_equal(db_i64(&by_name, 4), -7);
	assert_string_equal(db_text(&by_name, 4, arena), "-7");
	assert_false(db_next(&by_name));
	assert_false(db_next(&by_name));
}

static void
null_is_told_from_nothing(void **state)
{
	char byte;

	(void)state;
	assert_int_equal(db_exec(&insert, TEXT("a"), TEXT(NULL), NONE, NONE),
	    OK);
	assert_int_equal(db_query(&by_name, TEXT("a")), OK);
	assert_true(db_next(&by_name));
	assert_false(db_is_null(&by_name, 0));
	for (unsigned column = 2; column < 5; column++)
		assert_true(db_is_null(&by_name, column));
	assert_null(db_text(&by_name, 2, arena));
	assert_int_equal(db_bytes(&by_name, 3, &byte, 1), 0);
	assert_int_equal(db_u64(&by_name, 4), 0);
	assert_int_equal(db_query(&by_name, TEXT(NULL)), OK);
	assert_false(db_next(&by_name));
}

static void
texts_of_any_length_come_whole(void **state)
{
	static const size_t lengths[] = { 511, 512, 513, 65536, 1000000, 1 };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		size_t code_bytes = lengths[i] < 600 ? lengths[i] : 600;
		char *text = arena_alloc(arena, lengths[i] + 1), *read;
		char code[600];

		memset(text, 'x', lengths[i]);
		text[lengths[i] - 1] = 'y';
		assert_int_equal(db_exec(&clear), OK);
		assert_int_equal(db_exec(&insert, TEXT("a"), TEXT(text),
		    BYTES(text, code_bytes), NONE), OK);
		assert_int_equal(db_query(&by_name, TEXT("a")), OK);
		assert_true(db_next(&by_name));
		read = db_text(&by_name, 2, arena);
		assert_string_equal(read, text);
		assert_int_equal(db_bytes(&by_name, 3, code, sizeof(code)),
		    code_bytes);
		assert_memory_equal(code, text, code_bytes);
		db_done(&by_name);
	}
}

static void
other_statements_run_while_rows_are_read(void **state)
{
	int rows = 0;

	(void)state;
	add("a", 1);
	add("b", 2);
	add("c", 3);
	assert_int_equal(db_query(&of_all), OK);
	while (db_next(&of_all)) {
		assert_int_equal(db_exec(&grow, TEXT("b")), OK);
		assert_int_equal(db_u64(&of_all, 1), 6);
		assert_int_equal(db_u64(&of_all, 2), 3);
		rows++;
	}
	assert_int_equal(rows, 3);
	assert_int_equal(height_of("b"), 5);
}

static void
asking_anew_ends_what_was_open(void **state)
{
	(void)state;
	add("a", 1);
	add("b", 2);
	assert_int_equal(db_query(&of_all), OK);
	assert_true(db_next(&of_all));
	assert_int_equal(db_query(&of_all), OK);
	assert_true(db_next(&of_all));
	assert_string_equal(db_text(&of_all, 0, arena), "a");
	assert_true(db_next(&of_all));
	assert_false(db_next(&of_all));
}

static void
a_duplicate_is_a_conflict(void **state)
{
	(void)state;
	add("a", 1);
	assert_int_equal(db_exec(&insert, TEXT("a"), NONE, NONE, NONE),
	    ERR_CONFLICT);
	assert_true(db_duplicate());
	add("b", 1);
	assert_false(db_duplicate());
	assert_int_equal(db_exec(&rename_to, TEXT("a"), TEXT("b")),
	    ERR_CONFLICT);
	assert_true(db_duplicate());
}

static void
changed_counts_the_rows_that_matched(void **state)
{
	(void)state;
	add("a", 1);
	assert_int_equal(db_exec(&rename_to, TEXT("a"), TEXT("a")), OK);
	assert_int_equal(db_changed(), 1);
	assert_int_equal(db_exec(&rename_to, TEXT("a"), TEXT("b")), OK);
	assert_int_equal(db_changed(), 0);
}

static void
mistakes_of_ours_are_refused(void **state)
{
	(void)state;
	assert_int_equal(db_exec(&grow), ERR_INTERNAL);
	assert_int_equal(db_exec(&grow, U64(1), U64(2)), ERR_INTERNAL);
	assert_int_equal(db_query(&unlisted), ERR_INTERNAL);
	assert_int_equal(db_exec(&too_long, U64(33)), ERR_INTERNAL);
	assert_false(db_duplicate());
	assert_int_equal(db_query(&nothing), OK);
	assert_true(db_next(&nothing));
	assert_true(db_is_null(&nothing, 1));
	assert_int_equal(db_u64(&nothing, 7), 0);
}

static void
a_call_gives_its_first_rows(void **state)
{
	char *text = arena_alloc(arena, 5001);

	(void)state;
	memset(text, 'x', 5000);
	for (int way = 0; way < 3; way++) {
		assert_int_equal(db_query(&echo, TEXT(text)), OK);
		assert_true(db_next(&echo));
		assert_string_equal(db_text(&echo, 0, arena), "a;b");
		assert_string_equal(db_text(&echo, 1, arena), text);
		assert_int_equal(db_u64(&echo, 2), 5000);
		if (way == 0)
			assert_false(db_next(&echo));
		if (way == 1)
			db_done(&echo);
		assert_int_equal(height_of("a"), -1);
		assert_false(db_next(&echo));
	}
	assert_int_equal(db_query(&silent), OK);
	assert_false(db_next(&silent));
	assert_int_equal(db_exec(&echo, TEXT("x")), OK);
	assert_int_equal(db_query(&echo, TEXT("x")), OK);
	assert_int_equal(db_query(&echo, TEXT("y")), OK);
	assert_true(db_next(&echo));
	assert_string_equal(db_text(&echo, 1, arena), "y");
}

static void
a_value_that_is_refused_is_not_logged(void **state)
{
	const char *log;

	(void)state;
	add("secret", 1);
	listen_to_log();
	db_exec(&rename_to, BYTES("secret\xff", 7), TEXT("secret"));
	db_exec(&set_height, TEXT("secret"));
	db_query(&less, TEXT("secret"));
	log = stop_listening();
	assert_non_null(strstr(log, "database: 1366 "));
	assert_non_null(strstr(log, "database: 1690 "));
	assert_null(strstr(log, "secret"));
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(values_come_back_as_they_went_in),
		TEST(null_is_told_from_nothing),
		TEST(texts_of_any_length_come_whole),
		TEST(other_statements_run_while_rows_are_read),
		TEST(asking_anew_ends_what_was_open),
		TEST(a_duplicate_is_a_conflict),
		TEST(changed_counts_the_rows_that_matched),
		TEST(mistakes_of_ours_are_refused),
		TEST(a_call_gives_its_first_rows),
		TEST(a_value_that_is_refused_is_not_logged),
	};

	log_start("test");
	if (!database_installed())
		return SKIPPED;
	return cmocka_run_group_tests_name("db", tests, start_all, stop_all);
}
