#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "pushd/door.h"

#define KNOCKING 3
#define OUT_MS 300

static struct door door;
static struct timer later;
static struct rlimit enough;
static int clients[KNOCKING];
static unsigned entered, turns;

static void
enter(int fd)
{
	close(fd);
	entered++;
}

static void
turn(void)
{
	turns++;
}

/* Listens on a name that the kernel chooses, and has some connect to it. */
static int
listen_and_knock(void)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	socklen_t length = sizeof(name);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&name,
	    sizeof(sa_family_t)), 0);
	assert_int_equal(listen(fd, KNOCKING), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &length),
	    0);
	for (int i = 0; i < KNOCKING; i++) {
		clients[i] = socket(AF_UNIX, SOCK_STREAM, 0);
		assert_int_equal(connect(clients[i],
		    (struct sockaddr *)&name, length), 0);
	}
	return fd;
}

/* None above those that are open. */
static void
take_descriptors_away(void)
{
	struct rlimit now;
	int next = dup(0);

	assert_true(next >= 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &enough), 0);
	now = enough;
	now.rlim_cur = (rlim_t)next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
}

static void
stop(void *unused)
{
	(void)unused;
	loop_stop();
}

static void
give_descriptors_back(void *unused)
{
	(void)unused;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &enough), 0);
	assert_int_equal(entered, 0);
	assert_in_range(turns, 1, 20);
	later.call = stop;
	timer_set(&later, OUT_MS);
}

static void
who_knocks_while_descriptors_are_out_waits_quietly(void **state)
{
	(void)state;
	assert_true(loop_start());
	assert_true(door_open(&door, listen_and_knock(), enter));
	take_descriptors_away();
	later.call = give_descriptors_back;
	timer_set(&later, OUT_MS);
	loop_run(turn);
	assert_int_equal(entered, KNOCKING);
	door_close(&door);
	loop_end();
	for (int i = 0; i < KNOCKING; i++)
		close(clients[i]);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    who_knocks_while_descriptors_are_out_waits_quietly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
