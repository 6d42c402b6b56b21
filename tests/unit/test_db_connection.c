/* The connection: as it is opened, lost, and opened anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "tests/unit/own_database.h"

static struct stmt nothing = { .sql = "SELECT 1" };
static struct stmt session = { .sql =
	"SELECT @@sql_mode, @@time_zone, @@collation_connection,"
	" @@innodb_lock_wait_timeout, @@local_infile" };
static struct stmt sleep_for = { .sql = "SELECT SLEEP(?)" };
static struct stmt misspelt = { .sql = "SELECT id, nme FROM notes" };
static struct stmt absent = { .sql = "CALL not_there(?)" };

struct stmt *const own_sql[] = { &nothing, &session, &sleep_for, NULL };
static struct stmt *const misspelt_sql[] = { &misspelt, NULL };
static struct stmt *const *const wrong_lists[] = { misspelt_sql, NULL };
static struct stmt *const absent_sql[] = { &absent, NULL };
static struct stmt *const *const absent_lists[] = { absent_sql, NULL };

static void
the_session_is_strict_and_in_utc(void **state)
{
	(void)state;
	assert_int_equal(db_query(&session), OK);
	assert_true(db_next(&session));
	assert_non_null(strstr(db_text(&session, 0, arena),
	    "STRICT_TRANS_TABLES"));
	assert_string_equal(db_text(&session, 1, arena), "+00:00");
	assert_string_equal(db_text(&session, 2, arena),
	    "utf8mb4_unicode_520_ci");
	assert_int_equal(db_u64(&session, 3), 1);
}

static void
a_connection_that_went_between_requests_is_replaced(void **state)
{
	(void)state;
	add("a", 4);
	db_exec(&kill_self);
	assert_int_equal(db_ready(), OK);
	assert_int_equal(height_of("a"), 4);
}

static void
the_first_query_after_a_restart_is_answered(void **state)
{
	(void)state;
	add("a", 4);
	restart_server();
	assert_int_equal(db_ready(), OK);
	assert_int_equal(height_of("a"), 4);
	restart_server();
	assert_int_equal(db_ready(), OK);
	assert_int_equal(db_transaction(add_two, "a"), ERR_CONFLICT);
	assert_int_equal(db_exec(&grow, TEXT("a")), OK);
	assert_int_equal(height_of("a"), 5);
}

static void
a_change_is_never_asked_twice(void **state)
{
	(void)state;
	add("a", 4);
	restart_server();
	assert_int_equal(db_ready(), OK);
	assert_int_equal(db_exec(&grow, TEXT("a")), ERR_UNAVAILABLE);
	assert_int_equal(db_query(&nothing), ERR_UNAVAILABLE);
	assert_int_equal(db_ready(), OK);
	assert_int_equal(height_of("a"), 4);
}

static void
an_answer_that_does_not_come_is_not_waited_for(void **state)
{
	int64_t began_at_ms = clock_monotonic_ms();

	(void)state;
	assert_int_equal(db_ready(), OK);
	assert_int_equal(db_query(&sleep_for, U64(20)), ERR_UNAVAILABLE);
	assert_true(clock_monotonic_ms() - began_at_ms < 2500);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(db_ready(), ERR_UNAVAILABLE);
	assert_true(clock_monotonic_ms() - began_at_ms < 3000);
	while (db_ready() != OK) {
		assert_true(clock_monotonic_ms() - began_at_ms < 6000);
		usleep(20000);
	}
}

static void
a_statement_that_does_not_fit_the_schema_stops_the_start(void **state)
{
	(void)state;
	db_close();
	assert_int_equal(db_open(&config, wrong_lists), ERR_INTERNAL);
	db_close();
	assert_int_equal(db_ready(), ERR_UNAVAILABLE);
}

static void
a_procedure_that_is_not_there_stops_the_start(void **state)
{
	(void)state;
	db_close();
	assert_int_equal(db_open(&config, absent_lists), ERR_INTERNAL);
	db_close();
}

static void
a_dead_database_is_told_at_once(void **state)
{
	int64_t began_at_ms;

	(void)state;
	kill_server();
	assert_int_equal(db_query(&nothing), ERR_UNAVAILABLE);
	began_at_ms = clock_monotonic_ms();
	for (int i = 0; i < 1000; i++)
		assert_int_equal(db_ready(), ERR_UNAVAILABLE);
	assert_int_equal(db_exec(&clear), ERR_UNAVAILABLE);
	assert_int_equal(db_transaction(add_two, "b"), ERR_UNAVAILABLE);
	assert_true(clock_monotonic_ms() - began_at_ms < 500);
	start_server();
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(the_session_is_strict_and_in_utc),
		TEST(a_connection_that_went_between_requests_is_replaced),
		TEST(the_first_query_after_a_restart_is_answered),
		TEST(a_change_is_never_asked_twice),
		TEST(an_answer_that_does_not_come_is_not_waited_for),
		TEST(a_statement_that_does_not_fit_the_schema_stops_the_start),
		TEST(a_procedure_that_is_not_there_stops_the_start),
		TEST(a_dead_database_is_told_at_once),
	};

	log_start("test");
	if (!database_installed())
		return SKIPPED;
	return cmocka_run_group_tests_name("db", tests, start_all, stop_all);
}
