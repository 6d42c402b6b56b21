#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "events/board.h"

static char path[64];

static int
start(void **state)
{
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/tmp/natter-board-XXXXXX");
	fd = mkstemp(path);
	close(fd);
	return fd >= 0 ? 0 : -1;
}

static int
stop(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void
a_reader_sees_what_pushd_shows(void **state)
{
	struct board *reader = board_open(path, false);
	struct board *writer = board_open(path, true);

	(void)state;
	assert_non_null(reader);
	assert_non_null(writer);
	assert_false(board_online(reader, 42));
	board_set(writer, 42, BOARD_ONLINE | BOARD_SINGLE);
	assert_true(board_online(reader, 42));
	assert_false(board_online(reader, 43));
	board_alive(writer, 1000);
	board_round_trip(writer, 2000);
	assert_int_equal(board_alive_at_ms(reader), 1000);
	assert_int_equal(board_round_trip_at_ms(reader), 2000);
	board_close(reader);
	board_close(writer);
}

static void
a_reader_changes_nothing(void **state)
{
	struct board *reader = board_open(path, false);

	(void)state;
	board_set(reader, 7, BOARD_ONLINE);
	board_alive(reader, 1);
	assert_false(board_online(reader, 7));
	board_close(reader);
}

static void
users_past_the_end_are_offline(void **state)
{
	struct board *board = board_open(path, true);

	(void)state;
	board_set(board, BOARD_USERS_MAX, BOARD_ONLINE);
	assert_false(board_online(board, BOARD_USERS_MAX));
	board_set(board, BOARD_USERS_MAX - 1, BOARD_ONLINE);
	assert_true(board_online(board, BOARD_USERS_MAX - 1));
	board_close(board);
}

static void
add(uint64_t user_id, unsigned presence, void *argument)
{
	uint64_t *sum = argument;

	*sum += user_id * 10 + presence;
}

static void
the_next_pushd_finds_who_was_there(void **state)
{
	struct board *board = board_open(path, true);
	uint64_t sum = 0;

	(void)state;
	board_set(board, 1, BOARD_ONLINE);
	board_set(board, 5000, BOARD_SINGLE);
	board_close(board);
	board = board_open(path, true);
	board_each(board, add, &sum);
	assert_int_equal(sum, 11 + 50002);
	board_close(board);
}

static void
without_a_board_everybody_is_offline(void **state)
{
	(void)state;
	assert_null(board_open("/nonexistent/board", false));
	assert_false(board_online(NULL, 1));
	assert_int_equal(board_alive_at_ms(NULL), 0);
	assert_int_equal(board_round_trip_at_ms(NULL), 0);
	board_close(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(a_reader_sees_what_pushd_shows),
	    TEST(a_reader_changes_nothing),
	    TEST(users_past_the_end_are_offline),
	    TEST(the_next_pushd_finds_who_was_there),
	    TEST(without_a_board_everybody_is_offline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
