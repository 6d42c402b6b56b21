#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pushd/ask.h"

static struct ask
asked(const char *request)
{
	struct ask a;

	ask_parse(request, strlen(request), &a);
	return a;
}

static struct ask
got(const char *target)
{
	char request[512];

	snprintf(request, sizeof(request),
	    "GET %s HTTP/1.1\r\nHost: wait\r\n\r\n", target);
	return asked(request);
}

static void
a_wait_names_stream_place_and_time(void **state)
{
	struct ask a = got("/wait?stream=c:12&after=5&for=25");

	(void)state;
	assert_int_equal(a.kind, ASK_WAIT);
	assert_int_equal(a.stream, 'c');
	assert_int_equal(a.stream_id, 12);
	assert_int_equal(a.after, 5);
	assert_int_equal(a.for_s, 25);
	a = got("/wait?after=7&for=1&sum=90&stream=s:42");
	assert_int_equal(a.kind, ASK_WAIT);
	assert_int_equal(a.stream, 's');
	assert_int_equal(a.sum, 90);
}

static void
hooks_name_a_channel(void **state)
{
	struct ask a = got("/came?channel=u_42");

	(void)state;
	assert_int_equal(a.kind, ASK_CAME);
	assert_int_equal(a.channel.conversation_id, 0);
	assert_int_equal(a.channel.user_id, 42);
	a = got("/gone?channel=c_12_42");
	assert_int_equal(a.kind, ASK_GONE);
	assert_int_equal(a.channel.conversation_id, 12);
	assert_int_equal(a.channel.user_id, 42);
}

static void
everything_else_is_refused(void **state)
{
	static const char *const targets[] = {"/", "/wait", "/wait?",
	    "/wait?stream=c:12", "/wait?stream=c:12&after=5",
	    "/wait?stream=c:12&for=5", "/wait?stream=x:12&after=5&for=25",
	    "/wait?stream=c:0&after=5&for=25",
	    "/wait?stream=c:12&after=05&for=25",
	    "/wait?stream=c:12&after=5&for=61",
	    "/wait?stream=c:12&after=5&for=25&for=25",
	    "/wait?stream=c:12&after=5&for=25&sum=1",
	    "/wait?stream=s:12&after=5&for=25",
	    "/wait?stream=c:12&after=5&for=25&x=1",
	    "/wait?stream=c:12&after=5&for=25&",
	    "/wait?stream=c:12&after=9007199254740992&for=25",
	    "/came?channel=", "/came?channel=u_", "/came?channel=u_1,u_2",
	    "/came?channel=c_1", "/came?channel=c_1_2_3",
	    "/came?channel=p_probe", "/came?channel=u_01",
	    "/came?channel=u_1&x=1", "/status?x", "/Status"};

	(void)state;
	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++)
		if (got(targets[i]).kind != ASK_BAD)
			fail_msg("taken: %s", targets[i]);
}

static void
only_a_whole_get_request_counts(void **state)
{
	static char long_one[ASK_SIZE_MAX];

	(void)state;
	assert_int_equal(asked("").kind, ASK_MORE);
	assert_int_equal(asked("GET /status HTTP/1.1\r\n").kind, ASK_MORE);
	assert_int_equal(
	    asked("GET /status HTTP/1.0\r\n\r\n").kind, ASK_STATUS);
	assert_int_equal(asked("POST /status HTTP/1.1\r\n\r\n").kind, ASK_BAD);
	assert_int_equal(asked("GET  /status HTTP/1.1\r\n\r\n").kind, ASK_BAD);
	assert_int_equal(asked("GET /status HTTP/2.0\r\n\r\n").kind, ASK_BAD);
	assert_int_equal(asked("GET /status\r\n\r\n").kind, ASK_BAD);
	assert_int_equal(
	    asked("GET /status HTTP/1.1\r\n\r\nGET ").kind, ASK_BAD);
	assert_int_equal(asked("\r\n\r\n").kind, ASK_BAD);
	memset(long_one, 'x', sizeof(long_one) - 1);
	assert_int_equal(asked(long_one).kind, ASK_MORE);
	struct ask a;
	ask_parse(long_one, sizeof(long_one), &a);
	assert_int_equal(a.kind, ASK_BAD);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_wait_names_stream_place_and_time),
	    cmocka_unit_test(hooks_name_a_channel),
	    cmocka_unit_test(everything_else_is_refused),
	    cmocka_unit_test(only_a_whole_get_request_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
