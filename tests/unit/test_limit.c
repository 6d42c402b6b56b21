#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/config.h"
#include "http/counter.h"
#include "http/limit.h"

#define SECOND INT64_C(1000000)
#define NOON (INT64_C(43200) * SECOND)

static char var[] = "/tmp/limit-XXXXXX";
static struct config config = {.var = var};

static enum err
take(const char *subject, uint32_t per_minute, int64_t now_us)
{
	unsigned retry_after_s = 0;
	enum err e = limit_take(subject, per_minute, now_us, &retry_after_s);

	if (e == ERR_RATE_LIMITED)
		assert_true(retry_after_s >= 1);
	else
		assert_int_equal(retry_after_s, 0);
	return e;
}

static void
so_many_pass_at_once_and_no_more(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(take("a", 10, NOON), OK);
	assert_int_equal(take("a", 10, NOON), ERR_RATE_LIMITED);
	assert_int_equal(take("b", 10, NOON), OK);
}

static void
one_comes_back_at_a_time(void **state)
{
	unsigned retry_after_s;

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(take("a", 10, NOON), OK);
	assert_int_equal(limit_take("a", 10, NOON, &retry_after_s),
	    ERR_RATE_LIMITED);
	assert_int_equal(retry_after_s, 6);
	assert_int_equal(take("a", 10, NOON + 6 * SECOND - 1),
	    ERR_RATE_LIMITED);
	assert_int_equal(take("a", 10, NOON + 6 * SECOND), OK);
	assert_int_equal(take("a", 10, NOON + 6 * SECOND), ERR_RATE_LIMITED);
	for (int i = 0; i < 10; i++)
		assert_int_equal(take("a", 10, NOON + 70 * SECOND), OK);
	assert_int_equal(take("a", 10, NOON + 70 * SECOND), ERR_RATE_LIMITED);
}

static void
a_refused_call_does_not_make_it_worse(void **state)
{
	(void)state;
	assert_int_equal(take("a", 1, NOON), OK);
	for (int i = 0; i < 100; i++)
		assert_int_equal(take("a", 1, NOON + SECOND), ERR_RATE_LIMITED);
	assert_int_equal(take("a", 1, NOON + 60 * SECOND), OK);
}

static void
nought_switches_a_limit_off(void **state)
{
	(void)state;
	for (int i = 0; i < 10000; i++)
		assert_int_equal(take("a", 0, NOON), OK);
}

static void
a_crowd_pushes_out_who_is_almost_done(void **state)
{
	char subject[32];

	(void)state;
	for (unsigned i = 0; i < 3 * LIMIT_SLOTS; i++) {
		snprintf(subject, sizeof(subject), "stranger %u", i);
		assert_int_equal(take(subject, 2, NOON), OK);
	}
	for (int i = 0; i < 600; i++)
		assert_int_equal(take("busy", 600, NOON), OK);
	assert_int_equal(take("busy", 600, NOON), ERR_RATE_LIMITED);
}

static void
workers_count_together(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	for (int worker = 0; worker < 2; worker++) {
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			limit_start(&config);
			for (int i = 0; i < 50; i++) {
				if (take("a", 100, NOON) != OK)
					_exit(1);
			}
			_exit(0);
		}
		waitpid(pid, &status, 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(take("a", 100, NOON), ERR_RATE_LIMITED);
}

static void
a_broken_file_is_emptied_and_a_missing_folder_is_no_harm(void **state)
{
	char nowhere[] = "/nonexistent";
	struct config other = {.var = nowhere};
	char path[100];
	FILE *f;

	(void)state;
	assert_int_equal(take("a", 1, NOON), OK);
	assert_int_equal(take("a", 1, NOON), ERR_RATE_LIMITED);
	limit_stop();
	snprintf(path, sizeof(path), "%s/run/limits", var);
	f = fopen(path, "r+");
	assert_non_null(f);
	fputs("nonsense", f);
	fclose(f);
	limit_start(&config);
	assert_int_equal(take("a", 1, NOON), OK);
	limit_start(&other);
	assert_int_equal(take("a", 1, NOON), OK);
	assert_int_equal(take("a", 1, NOON), ERR_RATE_LIMITED);
}

static void
a_caller_is_a_user_or_an_address(void **state)
{
	struct arena *arena = arena_new(1024 * 1024);
	struct config c = {.limit_read = 1, .limit_address = 1,
	    .limit_sign_in_account = 1};
	struct request q = {.arena = arena, .config = &c,
	    .address = "2001:db8:1:2::1"};
	const struct route read = {.limit = LIMIT_READ};

	(void)state;
	q.caller.user_id = 7;
	assert_int_equal(limit_check(&q, &read), OK);
	assert_int_equal(limit_check(&q, &read), ERR_RATE_LIMITED);
	assert_in_range(q.retry_after_s, 1, 60);
	q.caller.token_id = 7;
	assert_int_equal(limit_check(&q, &read), ERR_RATE_LIMITED);
	q.caller.user_id = 8;
	assert_int_equal(limit_check(&q, &read), OK);
	q.caller = (struct caller){0};
	assert_int_equal(limit_check(&q, &read), OK);
	q.address = "2001:db8:1:2:ffff::5";
	assert_int_equal(limit_address(&q), ERR_RATE_LIMITED);
	q.address = "2001:db8:1:3::1";
	assert_int_equal(limit_address(&q), OK);
	q.address = "::ffff:10.0.0.1";
	assert_int_equal(limit_address(&q), OK);
	q.address = "::ffff:10.0.0.2";
	assert_int_equal(limit_address(&q), OK);
	assert_int_equal(limit_sign_in_account(&q, "Ann"), OK);
	assert_int_equal(limit_sign_in_account(&q, "ann"), ERR_RATE_LIMITED);
	arena_free(arena);
}

static void
answers_are_counted_by_route_and_class(void **state)
{
	(void)state;
	counter_start(&config, 3);
	counter_add(0, 204);
	counter_add(0, 200);
	counter_add(3, 404);
	counter_add(4, 404);
	counter_add(1, 700);
	assert_int_equal(counter_rows(), 3);
	assert_int_equal(counter_value(0, 2), 2);
	assert_int_equal(counter_value(3, 4), 1);
	assert_int_equal(counter_value(1, 2), 0);
	counter_start(&config, 3);
	assert_int_equal(counter_value(0, 2), 2);
	counter_start(&config, 4);
	assert_int_equal(counter_value(0, 2), 0);
	counter_stop();
	assert_int_equal(counter_value(0, 2), 0);
}

static void
path_of(const char *name, char out[static 100])
{
	snprintf(out, 100, "%s/%s", var, name);
}

/* Each test starts with an empty table. */
static int
start(void **state)
{
	char path[100];

	(void)state;
	limit_stop();
	path_of("run/limits", path);
	unlink(path);
	limit_start(&config);
	return 0;
}

static int
make_folder(void **state)
{
	char path[100];

	(void)state;
	if (mkdtemp(var) == NULL)
		return -1;
	path_of("run", path);
	return mkdir(path, 0700);
}

static int
remove_folder(void **state)
{
	char path[100];

	(void)state;
	limit_stop();
	path_of("run/limits", path);
	unlink(path);
	path_of("run/counters", path);
	unlink(path);
	path_of("run", path);
	rmdir(path);
	return rmdir(var);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(so_many_pass_at_once_and_no_more, start),
		cmocka_unit_test_setup(one_comes_back_at_a_time, start),
		cmocka_unit_test_setup(
		    a_refused_call_does_not_make_it_worse, start),
		cmocka_unit_test_setup(nought_switches_a_limit_off, start),
		cmocka_unit_test_setup(
		    a_crowd_pushes_out_who_is_almost_done, start),
		cmocka_unit_test_setup(workers_count_together, start),
		cmocka_unit_test_setup(
		    a_broken_file_is_emptied_and_a_missing_folder_is_no_harm,
		    start),
		cmocka_unit_test_setup(
		    a_caller_is_a_user_or_an_address, start),
		cmocka_unit_test(answers_are_counted_by_route_and_class),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
