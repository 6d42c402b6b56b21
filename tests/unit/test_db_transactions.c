/* Transactions: all or nothing, repeated or not. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/own_database.h"

static struct stmt half = { .sql = "CALL half()" };

struct stmt *const own_sql[] = { &half, NULL };

static void
a_transaction_is_all_or_nothing(void **state)
{
	(void)state;
	assert_int_equal(db_transaction(add_two, "a"), ERR_CONFLICT);
	assert_int_equal(height_of("a"), -1);
	assert_int_equal(db_transaction(add_two, "b"), OK);
	assert_int_equal(height_of("a"), 1);
	assert_int_equal(height_of("b"), 1);
}

static enum err
nest(void *argument)
{
	(void)argument;
	assert_int_equal(db_ready(), ERR_INTERNAL);
	return db_transaction(add_two, "b");
}

static void
transactions_do_not_nest(void **state)
{
	(void)state;
	assert_int_equal(db_transaction(nest, NULL), ERR_INTERNAL);
	assert_int_equal(height_of("a"), -1);
	assert_int_equal(db_transaction(add_two, "b"), OK);
}

/*
 * Two processes take the same two rows in opposite order; whoever goes second
 * into the trap is chosen by the server.
 */
struct order {
	const char *first, *second;
	int tries;
	int told, wait_for;	/* pipe ends: both hold their first row */
};

static enum err
take_both(void *argument)
{
	struct order *order = argument;
	char byte = 'x';
	enum err e = db_exec(&grow, TEXT(order->first));

	if (e != OK)
		return e;
	if (order->tries++ == 0) {
		assert_int_equal(write(order->told, &byte, 1), 1);
		assert_int_equal(read(order->wait_for, &byte, 1), 1);
	}
	return db_exec(&grow, TEXT(order->second));
}

static void
a_deadlock_is_resolved_by_trying_again(void **state)
{
	int to_child[2], to_parent[2], status;
	struct order order = {.first = "a", .second = "b"};
	pid_t child;

	(void)state;
	add("a", 0);
	add("b", 0);
	assert_int_equal(pipe2(to_child, O_CLOEXEC), 0);
	assert_int_equal(pipe2(to_parent, O_CLOEXEC), 0);
	db_close();
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct order other = {.first = "b", .second = "a",
			.told = to_parent[1], .wait_for = to_child[0]};
		enum err e = open_patiently(lists);

		if (e == OK)
			e = db_transaction(take_both, &other);
		_exit(e == OK ? other.tries : 100);
	}
	assert_int_equal(open_patiently(lists), OK);
	order.told = to_child[1];
	order.wait_for = to_parent[0];
	assert_int_equal(db_transaction(take_both, &order), OK);
	status = finish(child);
	assert_true(WIFEXITED(status));
	assert_int_equal(order.tries + WEXITSTATUS(status), 3);
	assert_int_equal(height_of("a"), 2);
	assert_int_equal(height_of("b"), 2);
	close(to_child[0]);
	close(to_child[1]);
	close(to_parent[0]);
	close(to_parent[1]);
}

static int bodies;

static enum err
lose_half_way(void *argument)
{
	enum err e = db_exec(&grow, TEXT("a"));

	(void)argument;
	bodies++;
	assert_int_equal(e, OK);
	assert_int_equal(db_exec(&kill_self), ERR_UNAVAILABLE);
	assert_int_equal(db_exec(&grow, TEXT("a")), ERR_UNAVAILABLE);
	return OK;
}

static void
a_transaction_that_lost_its_connection_is_not_repeated(void **state)
{
	(void)state;
	add("a", 4);
	bodies = 0;
	assert_int_equal(db_transaction(lose_half_way, NULL), ERR_UNAVAILABLE);
	assert_int_equal(bodies, 1);
	assert_int_equal(db_ready(), OK);
	assert_int_equal(height_of("a"), 4);
}

static enum err
call_half(void *argument)
{
	(void)argument;
	return db_exec(&half);
}

static void
a_call_that_was_interrupted_leaves_nothing_behind(void **state)
{
	(void)state;
	add("a", 4);
	assert_int_equal(db_retrying(call_half, NULL), ERR_UNAVAILABLE);
	assert_int_equal(db_transaction(add_two, "b"), ERR_CONFLICT);
	assert_int_equal(height_of("a"), 4);
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(a_transaction_is_all_or_nothing),
		TEST(transactions_do_not_nest),
		TEST(a_deadlock_is_resolved_by_trying_again),
		TEST(a_transaction_that_lost_its_connection_is_not_repeated),
		TEST(a_call_that_was_interrupted_leaves_nothing_behind),
	};

	log_start("test");
	if (!database_installed())
		return SKIPPED;
	return cmocka_run_group_tests_name("db", tests, start_all, stop_all);
}
