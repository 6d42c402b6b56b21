/* Scripts: of schemas, of migrations, and of what was dumped. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/script.h"
#include "tests/unit/own_database.h"

struct stmt *const own_sql[] = { NULL };

static void
a_script_stops_at_its_first_error(void **state)
{
	static const char wrong[] = "INSERT INTO notes (name) VALUES ('a');\n"
	    "INSERT INTO nowhere VALUES (1);\n"
	    "INSERT INTO notes (name) VALUES ('b');\n";

	(void)state;
	assert_int_equal(db_script(wrong, strlen(wrong)), ERR_INTERNAL);
	assert_int_equal(height_of("a"), 0);
	assert_int_equal(height_of("b"), -1);
}

static void
what_is_there_already_is_a_conflict(void **state)
{
	const struct text statements[] = {
		{"INSERT INTO notes (name) VALUES ('a')", 37},
		{"ALTER TABLE notes ADD COLUMN height INT", 39},
		{"INSERT INTO notes (name) VALUES ('b')", 37},
	};

	(void)state;
	assert_int_equal(db_run(statements, 3), ERR_CONFLICT);
	assert_int_equal(height_of("a"), 0);
	assert_int_equal(height_of("b"), -1);
}

static void
a_value_in_a_script_is_not_logged(void **state)
{
	static const char *const wrong[] = {
		"INSERT INTO notes (name) VALUES\n(_utf8mb4 X'FF5EC2E7');",
		"INSERT INTO notes (name) VALUES\n(7 'secret');",
	};
	const char *log;

	(void)state;
	listen_to_log();
	for (size_t i = 0; i < 2; i++)
		db_script(wrong[i], strlen(wrong[i]));
	log = stop_listening();
	assert_non_null(strstr(log, "script: 1300 "));
	assert_non_null(strstr(log, "script: 1064 "));
	assert_null(strstr(log, "secret"));
	assert_null(strstr(log, "FF5E"));
}

static enum err
hold_for_a_while(void *told)
{
	const struct timespec while_a_try_fails = {1, 500000000};
	enum err e = db_exec(&grow, TEXT("a"));

	if (e == OK && write(*(int *)told, "x", 1) == 1)
		nanosleep(&while_a_try_fails, NULL);
	return e;
}

/* As another process, which ends by itself. */
static pid_t
hold_a(void)
{
	int told[2];
	pid_t child;
	char byte;

	db_close();
	assert_int_equal(pipe2(told, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		enum err e = open_patiently(lists);

		if (e == OK)
			e = db_transaction(hold_for_a_while, &told[1]);
		_exit((int)e);
	}
	assert_int_equal(read(told[0], &byte, 1), 1);
	close(told[0]);
	close(told[1]);
	assert_int_equal(open_patiently(lists), OK);
	return child;
}

static void
what_a_try_before_has_made_is_no_conflict(void **state)
{
	const struct text statements[] = {
		{"CREATE TABLE more (id INT)", 26},
		{"UPDATE notes SET height = 2 * height WHERE name = 'a'", 53},
		{"DROP TABLE more", 15},
	};
	pid_t child;

	(void)state;
	add("a", 4);
	child = hold_a();
	assert_int_equal(db_run(statements, 3), OK);
	assert_int_equal(finish(child), 0);
	assert_int_equal(height_of("a"), 10);
}

static void
a_script_is_taken_apart_as_the_client_does(void **state)
{
	static const char sql[] =
	    "-- one; 'two\n# three;\n"
	    "/* four; */ SELECT ';', \"a\\\";\", `b;`;;\n"
	    "SELECT 5--3; SELECT /* ; */ 1 -- ;\n, 2;\n"
	    "/*!40101 SET x = ';' */;\n"
	    "delimiter //\r\nBEGIN a; b; END //\nDELIMITER ;\nlast";
	static const char *const wanted[] = {
		"SELECT ';', \"a\\\";\", `b;`", "SELECT 5--3",
		"SELECT /* ; */ 1 -- ;\n, 2", "/*!40101 SET x = ';' */",
		"BEGIN a; b; END", "last",
	};
	struct script script;
	struct text statement;

	(void)state;
	script_start(&script, sql, strlen(sql));
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		assert_true(script_next(&script, &statement));
		if (!text_is(statement, wanted[i]))
			fail_msg("%zu is: %.*s", i, (int)statement.length,
			    statement.data);
	}
	assert_false(script_next(&script, &statement));
}

static enum err
keep(void *argument, const struct db_table *table, uint64_t rows,
    const char *sql, size_t length)
{
	struct buffer *kept = argument;

	assert_string_equal(table->name, "notes");
	assert_true(rows > 0);
	buffer_add(kept, sql, length);
	return OK;
}

static const char *
dump(const char *except)
{
	const struct db_table notes = {.name = "notes",
	    .columns = "`id`, `name`, `body`, `code`, `height`",
	    .order = "`id`", .except = except};
	struct buffer kept;

	buffer_start(&kept, arena, 8 * 1024 * 1024);
	assert_int_equal(db_dump(&notes, 1, keep, &kept), OK);
	assert_false(buffer_full(&kept));
	return kept.data == NULL ? "" : kept.data;
}

static void
what_was_dumped_is_loaded_byte_for_byte(void **state)
{
	const char *saved;
	char code[256], *body;

	(void)state;
	for (size_t i = 0; i < sizeof(code); i++)
		code[i] = (char)i;
	body = arena_alloc(arena, 700000);
	memset(body, 'x', 699999);
	assert_int_equal(db_exec(&insert, TEXT("quoted"),
	    TEXT("it's \\ \"two\"\n\tlines; -- \xc3\xa9 \xf0\x9f\x91\x8d"),
	    BYTES(code, sizeof(code)), I64(-1)), OK);
	assert_int_equal(db_exec(&insert, NONE, BYTES("a\0b\0", 4), NONE,
	    NONE), OK);
	assert_int_equal(db_exec(&insert, TEXT(""), TEXT(body), BYTES("", 0),
	    I64(INT32_MAX)), OK);
	add("after the long one", 7);
	saved = dump(NULL);
	assert_int_equal(db_exec(&clear), OK);
	assert_string_equal(dump(NULL), "");
	assert_int_equal(db_script(saved, strlen(saved)), OK);
	assert_string_equal(dump(NULL), saved);
	assert_int_equal(height_of("after the long one"), 7);
	assert_null(strstr(dump("name = 'quoted'"), "quoted"));
}

static enum err
refuse(void *argument, const struct db_table *table, uint64_t rows,
    const char *sql, size_t length)
{
	(void)table;
	(void)rows;
	(void)sql;
	(void)length;
	++*(unsigned *)argument;
	return ERR_TOO_LARGE;
}

static void
a_dump_ends_when_it_is_not_taken(void **state)
{
	const struct db_table twice[] = {
		{.name = "notes", .columns = "`id`", .order = "`id`"},
		{.name = "notes", .columns = "`id`", .order = "`id`"},
	};
	unsigned taken = 0;

	(void)state;
	add("a", 1);
	assert_int_equal(db_dump(twice, 2, refuse, &taken), ERR_TOO_LARGE);
	assert_int_equal(taken, 1);
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(a_script_stops_at_its_first_error),
		TEST(a_value_in_a_script_is_not_logged),
		TEST(what_is_there_already_is_a_conflict),
		TEST(what_a_try_before_has_made_is_no_conflict),
		TEST(what_was_dumped_is_loaded_byte_for_byte),
		TEST(a_dump_ends_when_it_is_not_taken),
		cmocka_unit_test(a_script_is_taken_apart_as_the_client_does),
	};

	log_start("test");
	if (!database_installed())
		return SKIPPED;
	return cmocka_run_group_tests_name("db", tests, start_all, stop_all);
}
