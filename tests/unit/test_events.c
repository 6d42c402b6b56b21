/*
 * What an event tells; those whose conversation is read from the database are
 * in tests/api/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/events.h"
#include "model/messages.h"
#include "tests/unit/in_arena.h"

static struct event
event_of(const char *type)
{
	return (struct event){.stream = 'c', .stream_id = 12, .seq = 345,
	    .type = type, .at_ms = 1, .actor_id = 42, .number = 7,
	    .user_id = 43, .detail = "admin"};
}

static void
a_change_of_role_says_who_and_what(void **state)
{
	struct event ev = event_of("member.changed");

	(void)state;
	assert_string_equal(event_json(arena, &ev),
	    "{\"type\":\"member.changed\",\"stream\":\"c:12\",\"seq\":345,"
	    "\"at\":\"1970-01-01T00:00:00.001Z\",\"actor_id\":42,"
	    "\"user_id\":43,\"role\":\"admin\"}");
}

/* Its reader would take it for the whole event and never ask. */
static void
a_message_that_is_not_known_is_not_told_without_it(void **state)
{
	struct message m = {.id = 99, .number = 7, .text = "hello",
	    .html = "<p>hello</p>"};
	struct event posted = event_of("message.posted");
	struct event edited = event_of("message.edited");

	(void)state;
	assert_null(event_json(arena, &posted));
	assert_null(event_json(arena, &edited));
	posted.message = edited.message = &m;
	assert_non_null(strstr(event_json(arena, &posted), "\"hello\""));
	assert_non_null(strstr(event_json(arena, &edited), "\"hello\""));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_of_role_says_who_and_what),
		cmocka_unit_test(
		    a_message_that_is_not_known_is_not_told_without_it),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
