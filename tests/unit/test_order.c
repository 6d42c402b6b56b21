/*
 * Stand-ins take the place of the relay and of the event table: table[] is what
 * is committed, relayed[] what came out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena.h"
#include "events/notice.h"
#include "model/events.h"
#include "pushd/database.h"
#include "pushd/loop.h"
#include "pushd/order.h"
#include "pushd/picture.h"
#include "pushd/relay.h"

static uint64_t committed;   /* seqs of the stream in the table: 1 .. this */
static uint64_t log_from;    /* the log has only seqs from here on */
static uint64_t first_since; /* first seq past the watermark */
static bool database_up;
static bool relay_knows; /* recipients can be worked out */
static char relayed[256];
static unsigned pictures_forgotten;
static bool picture_is_older; /* than the words that the table has */

bool
database_ready(void)
{
	return database_up;
}

enum err
relay_event(const struct relayed *r, uint64_t *ticket)
{
	size_t length = strlen(relayed);

	if (!relay_knows)
		return ERR_UNAVAILABLE;
	++*ticket;
	assert_false(r->stream == 'c' && r->json != NULL &&
	    strcmp(r->json, "sql") == 0 && picture_is_older);
	snprintf(relayed + length, sizeof(relayed) - length, "%s%llu%s",
	    length > 0 ? " " : "", (unsigned long long)r->seq,
	    r->json == NULL ? "hint" : r->json);
	return OK;
}

void
picture_forget(uint64_t conversation_id)
{
	(void)conversation_id;
	pictures_forgotten++;
	picture_is_older = false;
}

enum err
event_first_seq_since(
    char stream, uint64_t stream_id, uint64_t id, uint64_t *seq)
{
	(void)stream;
	(void)stream_id;
	(void)id;
	*seq = first_since;
	return OK;
}

enum err
events_after(struct arena *arena, char stream, uint64_t stream_id,
    uint64_t after, size_t limit, struct event_page *page)
{
	uint64_t last = committed < after + limit ? committed : after + limit;

	*page = (struct event_page){.last_seq = committed};
	if (after + 1 < log_from)
		return ERR_RESYNC;
	page->items = arena_alloc(arena, (limit + 1) * sizeof(struct event));
	for (uint64_t seq = after + 1; seq <= last; seq++)
		page->items[page->count++] = (struct event){.stream = stream,
		    .stream_id = stream_id,
		    .seq = seq,
		    .type = "message.posted"};
	return OK;
}

const char *
event_json(struct arena *arena, const struct event *ev)
{
	(void)arena;
	(void)ev;
	picture_is_older = true;
	return "sql";
}

static uint64_t
floor_of_tail(void)
{
	return 0;
}

static int
start(void **state)
{
	(void)state;
	committed = 0;
	log_from = 1;
	first_since = 1;
	database_up = relay_knows = true;
	relayed[0] = '\0';
	pictures_forgotten = 0;
	loop_start();
	order_start(floor_of_tail);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	order_end();
	loop_end();
	return 0;
}

static void
notice(uint64_t seq)
{
	struct notice n = {.kind = NOTICE_EVENT,
	    .stream = 'c',
	    .stream_id = 12,
	    .seq = seq,
	    .type = "message.posted",
	    .json = "",
	    .json_length = 1};

	order_notice(&n);
}

static void
end_turns(void)
{
	static int turns;

	if (++turns % 4 == 0)
		loop_stop();
}

static void
let_time_pass(void)
{
	/* Long enough for the pending list's 50 ms. */
	usleep(60000);
	loop_run(end_turns);
}

static void
what_is_next_goes_out_at_once(void **state)
{
	(void)state;
	committed = 3;
	notice(1);
	notice(2);
	notice(3);
	assert_string_equal(relayed, "1 2 3");
}

static void
what_is_old_goes_out_once(void **state)
{
	(void)state;
	committed = 2;
	notice(1);
	notice(1);
	notice(2);
	notice(1);
	assert_int_equal(order_reached('c', 12, 2), OK);
	assert_string_equal(relayed, "1 2");
}

static void
what_comes_early_waits_for_the_others(void **state)
{
	(void)state;
	committed = 4;
	notice(3);
	notice(4);
	notice(3);
	assert_string_equal(relayed, "");
	notice(1);
	notice(2);
	assert_string_equal(relayed, "1 2 3 4");
}

static void
a_lost_notice_is_read_from_the_table(void **state)
{
	(void)state;
	committed = 3;
	notice(1);
	notice(3);
	let_time_pass();
	assert_string_equal(relayed, "1 2sql 3");
}

static void
the_tail_brings_what_no_notice_told(void **state)
{
	uint64_t last;

	(void)state;
	committed = 120;
	notice(1);
	relayed[0] = '\0';
	assert_int_equal(order_reached('c', 12, 120), OK);
	assert_true(order_last('c', 12, &last));
	assert_int_equal(last, 120);
	assert_memory_equal(relayed, "2sql 3sql 4sql", 14);
}

static void
a_stream_begins_after_the_watermark(void **state)
{
	(void)state;
	committed = 9;
	first_since = 8;
	notice(9);
	assert_string_equal(relayed, "");
	notice(8);
	assert_string_equal(relayed, "8 9");
}

static void
an_event_below_the_watermark_is_old(void **state)
{
	(void)state;
	committed = 9;
	first_since = 0;
	notice(9);
	assert_string_equal(relayed, "");
}

static void
without_the_database_a_stream_begins_with_the_event(void **state)
{
	(void)state;
	database_up = false;
	notice(9);
	assert_string_equal(relayed, "9");
	notice(11);
	relayed[0] = '\0';
	order_end();
	assert_string_equal(relayed, "");
}

static void
what_can_not_be_relayed_comes_again_by_the_tail(void **state)
{
	(void)state;
	committed = 2;
	relay_knows = false;
	notice(1);
	notice(2);
	assert_int_equal(order_reached('c', 12, 2), ERR_UNAVAILABLE);
	assert_string_equal(relayed, "");
	relay_knows = true;
	assert_int_equal(order_reached('c', 12, 2), OK);
	assert_string_equal(relayed, "1sql 2sql");
}

static void
what_the_log_has_lost_is_left_out_and_members_are_read_anew(void **state)
{
	(void)state;
	committed = 9;
	notice(1);
	log_from = 8;
	assert_int_equal(order_reached('c', 12, 6), OK);
	assert_int_equal(pictures_forgotten, 1);
	log_from = 1;
	assert_int_equal(order_reached('c', 12, 7), OK);
	assert_string_equal(relayed, "1 7sql");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(what_is_next_goes_out_at_once),
	    TEST(what_is_old_goes_out_once),
	    TEST(what_comes_early_waits_for_the_others),
	    TEST(the_tail_brings_what_no_notice_told),
	    TEST(a_stream_begins_after_the_watermark),
	    TEST(an_event_below_the_watermark_is_old),
	    TEST(without_the_database_a_stream_begins_with_the_event),
	    TEST(what_can_not_be_relayed_comes_again_by_the_tail),
	    TEST(what_the_log_has_lost_is_left_out_and_members_are_read_anew),
	    TEST(a_lost_notice_is_read_from_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
