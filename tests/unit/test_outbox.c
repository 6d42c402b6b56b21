/* A stand-in takes the publisher's place: sent[] is what went to it, and the
 * test answers when it likes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "pushd/hold.h"
#include "pushd/loop.h"
#include "pushd/outbox.h"
#include "pushd/publish.h"

static publish_done *done;
static bool busy;
static char sent[300000];
static const struct channel ann = {0, 1}, bob = {0, 2};
static const struct channel both[] = {{0, 1}, {0, 2}};

bool
publish_start(const char *path, publish_done *call)
{
	(void)path;
	done = call;
	busy = false;
	return true;
}

void
publish_end(void)
{
}

void
publish_send(
    enum publish_verb verb, const char *target, const char *body, size_t length)
{
	size_t end = strlen(sent);

	busy = true;
	snprintf(sent + end, sizeof(sent) - end, "%s %s %.*s\n",
	    verb == PUBLISH_POST     ? "POST"
	    : verb == PUBLISH_DELETE ? "DELETE"
				     : "GET",
	    target, (int)length, body == NULL ? "" : body);
}

static void
answer(long status)
{
	busy = false;
	done(status, "{\"messages\":0,\"requested\":0,\"subscribers\": 3}");
	outbox_turn();
}

static int
start(void **state)
{
	(void)state;
	sent[0] = '\0';
	loop_start();
	return outbox_start("unused") ? 0 : -1;
}

/* What is left of one test must not meet the next. */
static int
stop(void **state)
{
	(void)state;
	while (busy)
		answer(201);
	hold_end();
	outbox_end();
	loop_end();
	return 0;
}

static uint64_t
event(const struct channel *to, size_t count, const char *json, uint64_t after)
{
	return outbox_event(to, count, json, strlen(json), after);
}

static void
nothing_waits_when_nothing_is_under_way(void **state)
{
	(void)state;
	event(&ann, 1, "{\"a\":1}", 0);
	outbox_turn();
	assert_string_equal(sent, "POST /pub?id=u_1 {\"a\":1}\n");
}

static void
what_meets_a_waiting_frame_for_the_same_joins_it(void **state)
{
	(void)state;
	event(&ann, 1, "1", 0);
	outbox_turn();
	event(both, 2, "2", 0);
	event(&ann, 1, "3", 0);
	event(both, 2, "4", 0);
	event(&ann, 1, "5", 0);
	answer(201);
	answer(201);
	answer(201);
	assert_string_equal(sent,
	    "POST /pub?id=u_1 1\n"
	    "POST /pub?id=u_1,u_2 [2,4]\nPOST /pub?id=u_1 [3,5]\n");
}

/* Somebody was removed between 1 and 2, so 2 has other recipients than 1. */
static void
an_event_never_goes_before_its_stream(void **state)
{
	uint64_t ticket;

	(void)state;
	event(&bob, 1, "0", 0);
	outbox_turn();
	event(&ann, 1, "other", 0);
	ticket = event(both, 2, "1", 0);
	ticket = event(&ann, 1, "2", ticket);
	event(&ann, 1, "3", ticket);
	answer(201);
	answer(201);
	answer(201);
	assert_string_equal(sent,
	    "POST /pub?id=u_2 0\nPOST /pub?id=u_1 other\n"
	    "POST /pub?id=u_1,u_2 1\nPOST /pub?id=u_1 [2,3]\n");
}

/* As long as it takes, with the pauses after large publications. */
static void
answer_all(void)
{
	if (busy)
		answer(201);
	if (outbox_idle())
		loop_stop();
}

static void
many_channels_are_several_requests(void **state)
{
	struct channel many[600];
	size_t requests = 0;
	const char *at;

	(void)state;
	for (size_t i = 0; i < 600; i++)
		many[i] = (struct channel){0, i + 1};
	event(many, 600, "1", 0);
	outbox_turn();
	answer(201);
	assert_false(busy); /* not at once */
	loop_run(answer_all);
	for (at = sent; (at = strstr(at, "POST")) != NULL; at++)
		requests++;
	assert_int_equal(requests, 3);
	assert_non_null(strstr(sent, "u_250 1\n"));
	assert_non_null(strstr(sent, "?id=u_251,"));
	assert_non_null(strstr(sent, "u_600 1\n"));
}

static void
long_names_are_fewer_per_request(void **state)
{
	struct channel many[250];

	(void)state;
	for (size_t i = 0; i < 250; i++)
		many[i] = (struct channel){
		    UINT64_C(9007199254740991), UINT64_C(9007199254740000) + i};
	event(many, 250, "1", 0);
	outbox_turn();
	assert_true(strlen(sent) < 8100);
	loop_run(answer_all);
	assert_non_null(strstr(sent, "c_9007199254740991_9007199254740249 1"));
}

static void
a_failure_is_tried_again_and_a_refusal_is_not(void **state)
{
	struct outbox_counts counts;

	(void)state;
	event(&ann, 1, "1", 0);
	outbox_turn();
	answer(0);
	assert_false(busy); /* not at once */
	outbox_read_counts(&counts);
	assert_int_equal(counts.retries, 1);
	assert_int_equal(counts.frames, 1);
	usleep(30000);
	loop_run(loop_stop);
	assert_true(busy);
	answer(413);
	outbox_read_counts(&counts);
	assert_int_equal(counts.frames, 0);
	assert_int_equal(counts.dropped, 1);
	assert_int_equal(outbox_done_ticket(), outbox_last_ticket());
}

static uint64_t subscribers_heard;

static void
hear(struct channel to, bool reached, uint64_t subscribers)
{
	assert_int_equal(to.user_id, 1);
	assert_true(reached);
	subscribers_heard = subscribers;
}

static void
asking_tells_the_number_of_subscribers(void **state)
{
	(void)state;
	event(&ann, 1, "0", 0);
	outbox_ask(ann, "1", 1, hear);
	event(&ann, 1, "2", 0);
	outbox_turn();
	answer(201);
	answer(201);
	assert_int_equal(subscribers_heard, 3);
	assert_string_equal(sent, "POST /pub?id=u_1 [0,2]\n"
				  "POST /pub?id=u_1 1\n");
}

static void
closing_comes_after_what_says_why(void **state)
{
	(void)state;
	event(&ann, 1, "why", 0);
	outbox_close(ann);
	outbox_turn();
	answer(201);
	answer(404);
	assert_string_equal(sent, "POST /pub?id=u_1 why\n"
				  "DELETE /pub?id=u_1 \n");
	assert_int_equal(outbox_done_ticket(), outbox_last_ticket());
}

static void
what_comes_after_closing_joins_nothing_before_it(void **state)
{
	(void)state;
	event(&bob, 1, "0", 0);
	outbox_turn();
	event(&ann, 1, "why", 0);
	outbox_close(ann);
	event(&ann, 1, "later", 0);
	answer(201);
	answer(201);
	answer(201);
	answer(201);
	assert_string_equal(sent, "POST /pub?id=u_2 0\n"
				  "POST /pub?id=u_1 why\n"
				  "DELETE /pub?id=u_1 \n"
				  "POST /pub?id=u_1 later\n");
}

static void
a_ticket_is_done_only_after_all_before_it(void **state)
{
	uint64_t first, second;

	(void)state;
	first = event(&ann, 1, "1", 0);
	outbox_turn();
	second = event(&bob, 1, "2", 0);
	assert_true(outbox_done_ticket() < first);
	answer(201);
	assert_int_equal(outbox_done_ticket(), first);
	answer(201);
	assert_int_equal(outbox_done_ticket(), second);
}

static void
what_is_held_comes_after_hello_and_before_the_rest(void **state)
{
	(void)state;
	event(&ann, 1, "0", 0);
	outbox_turn();
	event(&ann, 1, "1", 0);
	hold_start(ann);
	event(both, 2, "2", 0);
	event(&ann, 1, "3", 0);
	assert_true(hold_any());
	outbox_hello(ann, "hello", 5);
	hold_came(ann);
	assert_false(hold_any());
	event(&ann, 1, "4", 0);
	event(both, 2, "5", 0);
	answer(201);
	answer(201);
	answer(201);
	answer(201);
	answer(201);
	assert_string_equal(sent, "POST /pub?id=u_1 0\n"
				  "POST /pub?id=u_1 [1,hello]\n"
				  "POST /pub?id=u_2 2\n"
				  "POST /pub?id=u_1 [2,3,4]\n"
				  "POST /pub?id=u_1,u_2 5\n");
}

static void
who_does_not_come_is_not_waited_for(void **state)
{
	(void)state;
	hold_start(ann);
	hold_start(ann);
	event(&ann, 1, "1", 0);
	hold_came(ann);
	outbox_turn();
	assert_string_equal(sent, "");
	outbox_close(ann);
	outbox_turn();
	answer(201);
	answer(200);
	assert_string_equal(
	    sent, "POST /pub?id=u_1 1\nDELETE /pub?id=u_1 \n");
}

static void
a_frame_stays_below_the_bound(void **state)
{
	static char big[2000];
	const char *line;

	(void)state;
	memset(big, '1', sizeof(big) - 1);
	event(&bob, 1, "0", 0);
	outbox_turn();
	for (int i = 0; i < 60; i++)
		event(&ann, 1, big, 0);
	while (busy)
		answer(201);
	for (line = sent; *line != '\0'; line = strchr(line, '\n') + 1)
		assert_true(strcspn(line, "\n") < OUTBOX_BODY_MAX + 30);
	assert_true(strlen(sent) > (size_t)60 * (sizeof(big) - 1));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(nothing_waits_when_nothing_is_under_way),
	    TEST(what_meets_a_waiting_frame_for_the_same_joins_it),
	    TEST(an_event_never_goes_before_its_stream),
	    TEST(many_channels_are_several_requests),
	    TEST(long_names_are_fewer_per_request),
	    TEST(asking_tells_the_number_of_subscribers),
	    TEST(closing_comes_after_what_says_why),
	    TEST(what_comes_after_closing_joins_nothing_before_it),
	    TEST(a_ticket_is_done_only_after_all_before_it),
	    TEST(what_is_held_comes_after_hello_and_before_the_rest),
	    TEST(who_does_not_come_is_not_waited_for),
	    TEST(a_frame_stays_below_the_bound),
	    TEST(a_failure_is_tried_again_and_a_refusal_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
