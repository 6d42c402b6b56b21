#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <cmocka.h>

#include "base/arena.h"

static struct arena *arena;
static char order[8];

static int
start(void **state)
{
	(void)state;
	arena = arena_new(16 * 1024 * 1024);
	order[0] = '\0';
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void
what_is_handed_out_is_zero_and_aligned(void **state)
{
	(void)state;
	for (size_t size = 1; size < 3000; size = size * 3 + 1) {
		unsigned char *bytes = arena_alloc(arena, size);

		if (size >= alignof(max_align_t))
			assert_int_equal(
			    (uintptr_t)bytes % alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xff, size);
	}
}

static void
memory_is_zero_again_after_a_reset(void **state)
{
	unsigned char *bytes;

	(void)state;
	memset(arena_alloc(arena, 1000), 0xff, 1000);
	arena_reset(arena);
	assert_int_equal(arena_used(arena), 0);
	bytes = arena_alloc(arena, 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(bytes[i], 0);
}

static void
more_than_a_block_is_handed_out_in_one_piece(void **state)
{
	char *small = arena_text(arena, "small");
	char *large = arena_alloc(arena, 3 * 1024 * 1024);

	(void)state;
	memset(large, 'x', 3 * 1024 * 1024);
	assert_string_equal(small, "small");
	assert_string_equal(arena_text(arena, "after"), "after");
	assert_true(arena_used(arena) >= 3 * 1024 * 1024);
}

static void
copies_end_with_a_nul(void **state)
{
	(void)state;
	assert_string_equal(arena_copy(arena, "abcdef", 3), "abc");
	assert_string_equal(arena_copy(arena, NULL, 0), "");
	assert_null(arena_text(arena, NULL));
	assert_string_equal(arena_printf(arena, "%d-%s", 7, "x"), "7-x");
}

static void
remember(void *letter)
{
	size_t length = strlen(order);

	order[length] = *(const char *)letter;
	order[length + 1] = '\0';
}

static void
deferred_calls_run_once_and_backwards(void **state)
{
	char a = 'a', b = 'b';

	(void)state;
	arena_defer(arena, remember, &a);
	arena_defer(arena, remember, &b);
	assert_string_equal(order, "");
	arena_reset(arena);
	assert_string_equal(order, "ba");
	arena_reset(arena);
	assert_string_equal(order, "ba");
	arena_defer(arena, remember, &a);
	arena_wipe(arena);
	assert_string_equal(order, "baa");
}

static void
nothing_can_be_freed(void **state)
{
	(void)state;
	arena_free(NULL);
}

/* How a process ends that asks for so much. */
static int
status_after(size_t limit, size_t size)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct arena *small = arena_new(limit);

		close(STDERR_FILENO);
		arena_alloc(small, 60);
		arena_alloc(small, size);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
the_process_ends_cleanly_when_the_limit_is_reached(void **state)
{
	(void)state;
	assert_int_equal(status_after(100, 40), 0);
	assert_int_equal(status_after(100, 41), EX_OSERR);
	assert_int_equal(status_after(100, SIZE_MAX), EX_OSERR);
	assert_int_equal(status_after(100, SIZE_MAX - 50), EX_OSERR);
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(what_is_handed_out_is_zero_and_aligned),
		TEST(memory_is_zero_again_after_a_reset),
		TEST(more_than_a_block_is_handed_out_in_one_piece),
		TEST(copies_end_with_a_nul),
		TEST(deferred_calls_run_once_and_backwards),
		TEST(nothing_can_be_freed),
		TEST(the_process_ends_cleanly_when_the_limit_is_reached),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
