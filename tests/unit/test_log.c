#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"

static struct arena *arena;
static int pipe_ends[2];
static int standard_error;

/* Standard error goes into a pipe, from which the tests read. */
static int
start(void **state)
{
	(void)state;
	arena = arena_new(1024 * 1024);
	standard_error = dup(STDERR_FILENO);
	if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0)
		return 1;
	dup2(pipe_ends[1], STDERR_FILENO);
	log_start("app");
	log_request(NULL);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	dup2(standard_error, STDERR_FILENO);
	close(standard_error);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	arena_free(arena);
	return 0;
}

static const char *
logged(void)
{
	char *bytes = arena_alloc(arena, 8192);
	ssize_t n = read(pipe_ends[0], bytes, 8191);

	assert_true(n > 0);
	assert_int_equal(bytes[n - 1], '\n');
	assert_ptr_equal(strchr(bytes, '\n'), bytes + n - 1);
	return bytes;
}

static const char *
logged_all(void)
{
	char *bytes = arena_alloc(arena, 8192);

	assert_true(read(pipe_ends[0], bytes, 8191) > 0);
	return bytes;
}

static const char *
member(const char *line, const char *key)
{
	const struct json_value *v;

	if (json_parse(arena, line, strlen(line), &v) != OK)
		fail_msg("not JSON: %s", line);
	return json_string(json_get(v, key));
}

static void
a_line_says_when_who_and_what(void **state)
{
	const char *line;
	int64_t at_ms;

	(void)state;
	log_warn("%d of %s", 3, "four");
	line = logged();
	assert_string_equal(member(line, "level"), "warn");
	assert_string_equal(member(line, "role"), "app");
	assert_string_equal(member(line, "text"), "3 of four");
	assert_true(clock_parse(member(line, "at"), &at_ms));
	assert_null(member(line, "request"));
}

static void
a_request_is_named_until_the_next_one(void **state)
{
	(void)state;
	log_request("r\"1");
	log_info("a");
	assert_string_equal(member(logged(), "request"), "r\"1");
	log_request("r2");
	log_error("b");
	assert_string_equal(member(logged(), "request"), "r2");
	log_request(NULL);
	log_error("c");
	assert_null(member(logged(), "request"));
}

static void
no_text_can_forge_a_line(void **state)
{
	const char *line;

	(void)state;
	log_error("a\n{\"level\":\"info\"}\r\x1b[31m\"\\\x7f");
	line = logged();
	assert_string_equal(member(line, "level"), "error");
	assert_string_equal(member(line, "text"),
	    "a\n{\"level\":\"info\"}\r\x1b[31m\"\\\x7f");
	for (const char *c = line; c[1] != '\0'; c++)
		assert_true(*c >= ' ' && *c < 127);
}

static void
bytes_that_are_not_text_leave_the_line_valid(void **state)
{
	(void)state;
	log_error("\xff\xc0\x80\xed\xa0\x80");
	assert_non_null(member(logged(), "text"));
}

static void
long_texts_are_cut(void **state)
{
	char *text = arena_alloc(arena, 10000);

	(void)state;
	memset(text, '\\', 9999);
	log_error("%s", text);
	assert_true(strlen(logged()) <= 4096);
	memset(text, '\x01', 9999);
	log_error("%s", text);
	assert_non_null(member(logged(), "text"));
}

static void
a_reader_that_stands_still_never_blocks_the_writer(void **state)
{
	int64_t began_at_ms;

	(void)state;
	while (write(pipe_ends[1], "xxxxxxxx", 8) > 0)
		continue;
	began_at_ms = clock_monotonic_ms();
	log_error("lost");
	assert_true(clock_monotonic_ms() - began_at_ms < 2000);
}

static void
errno_stays_as_it_was(void **state)
{
	(void)state;
	errno = EDOM;
	log_error("x");
	assert_int_equal(errno, EDOM);
}

static void
people_get_words_and_the_lines_go_elsewhere(void **state)
{
	int lines[2];
	char kept[256] = "";

	(void)state;
	assert_int_equal(pipe2(lines, O_CLOEXEC | O_NONBLOCK), 0);
	log_in_words(lines[1]);
	log_info("made");
	log_warn("a \"b\" \n\x1b[0m");
	log_in_words(-1);
	log_error("gone");
	log_in_lines();
	assert_string_equal(logged_all(), "app: a \"b\" ??[0m\napp: gone\n");
	assert_true(read(lines[0], kept, sizeof(kept) - 1) > 0);
	assert_non_null(strstr(kept, "\"text\":\"made\"}\n{"));
	assert_null(strstr(kept, "gone"));
	close(lines[0]);
	close(lines[1]);
}

int
main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, start, stop)
	const struct CMUnitTest tests[] = {
		TEST(a_line_says_when_who_and_what),
		TEST(a_request_is_named_until_the_next_one),
		TEST(no_text_can_forge_a_line),
		TEST(bytes_that_are_not_text_leave_the_line_valid),
		TEST(long_texts_are_cut),
		TEST(a_reader_that_stands_still_never_blocks_the_writer),
		TEST(errno_stays_as_it_was),
		TEST(people_get_words_and_the_lines_go_elsewhere),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
