/*
 * Who gets what.  Stand-ins: the member table (rows[], as of last_seq), the
 * registry (everybody listens), the outbox (sent[]).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/db.h"
#include "events/notice.h"
#include "pushd/database.h"
#include "pushd/outbox.h"
#include "pushd/picture.h"
#include "pushd/registry.h"
#include "pushd/relay.h"
#include "pushd/revoke.h"
#include "pushd/wait.h"

static uint64_t rows[8];
static size_t row_count, row;
static uint64_t last_seq;
static bool database_up;
static unsigned loads;
static char sent[512];
static char revoked[128];

bool
database_ready(void)
{
	return database_up;
}

enum err
db_query_values(struct stmt *stmt, const struct value *values, size_t count)
{
	(void)stmt;
	(void)values;
	(void)count;
	loads++;
	row = 0;
	return OK;
}

bool
db_next(struct stmt *stmt)
{
	(void)stmt;
	return row++ < row_count;
}

void
db_done(struct stmt *stmt)
{
	(void)stmt;
}

uint64_t
db_u64(struct stmt *stmt, unsigned column)
{
	(void)stmt;
	return column == 0 ? last_seq : rows[row - 1];
}

bool
registry_open(struct channel c)
{
	/* 9 listens to single conversations too. */
	return c.conversation_id == 0 || c.user_id == 9;
}

bool
registry_singles(uint64_t user_id)
{
	return user_id == 9;
}

void
registry_of_user(uint64_t user_id, void (*visit)(struct channel c))
{
	visit((struct channel){.user_id = user_id});
	if (registry_singles(user_id))
		visit((struct channel){12, user_id});
}

uint64_t
outbox_event(const struct channel *to, size_t count, const char *json,
    size_t length, uint64_t after)
{
	char name[CHANNEL_TEXT_SIZE];
	size_t end = strlen(sent);

	if (count == 0)
		return after;
	end += (size_t)snprintf(
	    sent + end, sizeof(sent) - end, "%.*s ->", (int)length, json);
	for (size_t i = 0; i < count; i++) {
		channel_format(to[i], name);
		end += (size_t)snprintf(
		    sent + end, sizeof(sent) - end, " %s", name);
	}
	snprintf(sent + end, sizeof(sent) - end, "\n");
	return after + 1;
}

void
outbox_ephemeral(
    const struct channel *to, size_t count, const char *json, size_t length)
{
	outbox_event(to, count, json, length, 0);
}

void
revoke_user(uint64_t user_id)
{
	snprintf(
	    revoked, sizeof(revoked), "user %llu", (unsigned long long)user_id);
}

void
revoke_member(uint64_t conversation_id, uint64_t user_id)
{
	snprintf(revoked, sizeof(revoked), "member %llu of %llu",
	    (unsigned long long)user_id, (unsigned long long)conversation_id);
}

void
wait_moved(char stream, uint64_t stream_id, uint64_t seq)
{
	(void)stream;
	(void)stream_id;
	(void)seq;
}

void
wait_touched(uint64_t user_id)
{
	(void)user_id;
}

static void
members_are(uint64_t seq, size_t count, const uint64_t *ids)
{
	last_seq = seq;
	row_count = count;
	memcpy(rows, ids, count * sizeof(*ids));
}
#define MEMBERS(seq, ...)                                                      \
	members_are(seq,                                                       \
	    sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t),        \
	    (const uint64_t[]){__VA_ARGS__})

static int
start(void **state)
{
	(void)state;
	picture_end();
	sent[0] = revoked[0] = '\0';
	loads = 0;
	database_up = true;
	return 0;
}

static enum err
happens(uint64_t seq, const char *type, uint64_t user_id)
{
	char json[32];
	struct relayed r = {.stream = 'c',
	    .stream_id = 12,
	    .seq = seq,
	    .type = type,
	    .user_id = user_id,
	    .json = json};
	uint64_t ticket = 0;

	r.json_length = (size_t)snprintf(
	    json, sizeof(json), "%llu", (unsigned long long)seq);
	return relay_event(&r, &ticket);
}

static void
members_get_it(void **state)
{
	(void)state;
	MEMBERS(4, 1, 2);
	happens(5, "message.posted", 0);
	assert_string_equal(sent, "5 -> u_1 u_2\n");
	assert_int_equal(loads, 1);
}

static void
nothing_later_reaches_who_was_removed(void **state)
{
	(void)state;
	MEMBERS(4, 1, 2, 3);
	happens(5, "message.posted", 0);
	happens(6, "member.removed", 2);
	happens(7, "message.posted", 0);
	assert_string_equal(sent, "5 -> u_1 u_2 u_3\n6 -> u_1 u_3 u_2\n"
				  "7 -> u_1 u_3\n");
	assert_string_equal(revoked, "member 2 of 12");
	assert_int_equal(loads, 1);
}

static void
who_is_added_gets_it_from_then_on(void **state)
{
	(void)state;
	MEMBERS(4, 1);
	happens(5, "message.posted", 0);
	happens(6, "member.added", 2);
	happens(7, "message.posted", 0);
	assert_string_equal(sent, "5 -> u_1\n6 -> u_1 u_2\n7 -> u_1 u_2\n");
}

/* The table is ahead of the relay: 2 was removed by 7 already.  3, who was
 * added by 6, sees 5 live, as he sees all that was said before he came. */
static void
a_later_picture_leaves_out_but_never_lets_in(void **state)
{
	(void)state;
	MEMBERS(8, 1, 3);
	happens(5, "message.posted", 0);
	happens(6, "member.added", 3);
	happens(7, "member.removed", 2);
	happens(8, "message.posted", 0);
	happens(9, "message.posted", 0);
	assert_string_equal(sent,
	    "5 -> u_1 u_3\n6 -> u_1 u_3\n"
	    "7 -> u_1 u_3 u_2\n8 -> u_1 u_3\n9 -> u_1 u_3\n");
}

static void
an_early_picture_is_not_used(void **state)
{
	(void)state;
	MEMBERS(4, 1, 2);
	happens(5, "message.posted", 0);
	MEMBERS(8, 1);
	happens(8, "message.posted", 0); /* 6 and 7 were never seen */
	assert_string_equal(sent, "5 -> u_1 u_2\n8 -> u_1\n");
	assert_int_equal(loads, 2);
}

static void
without_members_nothing_is_relayed(void **state)
{
	(void)state;
	database_up = false;
	assert_int_equal(happens(5, "message.posted", 0), ERR_UNAVAILABLE);
	assert_string_equal(sent, "");
	database_up = true;
	MEMBERS(5, 1);
	happens(5, "message.posted", 0);
	database_up = false;
	assert_int_equal(happens(6, "message.posted", 0), OK);
	assert_int_equal(happens(8, "message.posted", 0), ERR_UNAVAILABLE);
	assert_string_equal(sent, "5 -> u_1\n6 -> u_1\n");
}

static void
streams_of_one_conversation_get_it_too(void **state)
{
	(void)state;
	MEMBERS(4, 1, 9);
	happens(5, "message.posted", 0);
	assert_string_equal(sent, "5 -> u_1 u_9 c_12_9\n");
}

static void
what_is_of_one_user_goes_to_him_alone(void **state)
{
	struct relayed r = {
	    .stream = 'u', .stream_id = 9, .seq = 1, .type = "read.moved"};
	uint64_t ticket = 0;

	(void)state;
	relay_event(&r, &ticket);
	assert_string_equal(
	    sent, "{\"type\":\"hint\",\"stream\":\"u:9\",\"seq\":1} -> u_9\n");
	assert_string_equal(revoked, "");
}

static void
why_a_session_ended_is_told_on_every_stream_that_closes(void **state)
{
	struct relayed r = {.stream = 'u', .stream_id = 9, .seq = 1,
	    .type = "session.ended", .json = "{}", .json_length = 2};
	uint64_t ticket = 0;

	(void)state;
	relay_event(&r, &ticket);
	assert_string_equal(sent, "{} -> u_9 c_12_9\n");
	assert_string_equal(revoked, "user 9");
}

static void
typing_goes_to_the_others_and_only_from_members(void **state)
{
	struct notice n = {
	    .kind = NOTICE_TYPING, .conversation_id = 12, .user_id = 1,
	    .seq = 4};

	(void)state;
	MEMBERS(4, 1, 2);
	relay_notice(&n);
	n.user_id = 3;
	relay_notice(&n);
	assert_string_equal(sent, "{\"type\":\"typing\",\"conversation_id\":12,"
				  "\"user_id\":1} -> u_2\n");
}

static void
typing_is_dropped_while_a_removal_may_be_on_its_way(void **state)
{
	struct notice n = {.kind = NOTICE_TYPING, .conversation_id = 12,
	    .user_id = 1, .seq = 5};

	(void)state;
	MEMBERS(4, 1, 2);
	relay_notice(&n);
	assert_string_equal(sent, "");
	n.seq = 4;
	relay_notice(&n);
	assert_string_equal(sent, "{\"type\":\"typing\",\"conversation_id\":12,"
				  "\"user_id\":1} -> u_2\n");
}

static void
typing_is_not_for_who_came_later(void **state)
{
	struct notice n = {.kind = NOTICE_TYPING, .conversation_id = 12,
	    .user_id = 1, .seq = 4};
	struct relayed r = {.stream = 'c', .stream_id = 12, .seq = 5,
	    .type = "member.added", .user_id = 3, .json = "{}",
	    .json_length = 2};
	uint64_t ticket = 0;

	(void)state;
	MEMBERS(4, 1, 2);
	relay_event(&r, &ticket);
	sent[0] = '\0';
	relay_notice(&n);
	assert_string_equal(sent, "");
	n.seq = 5;
	relay_notice(&n);
	assert_non_null(strstr(sent, "typing"));
}

static void
read_marks_go_to_the_others(void **state)
{
	struct notice n = {.kind = NOTICE_READ,
	    .conversation_id = 12,
	    .user_id = 1,
	    .seq = 4,
	    .number = 7};

	(void)state;
	MEMBERS(4, 1, 2);
	relay_notice(&n);
	assert_string_equal(sent, "{\"type\":\"read\",\"conversation_id\":12,"
				  "\"user_id\":1,\"read_number\":7} -> u_2\n");
}

#define TEST(name) cmocka_unit_test_setup(name, start)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    TEST(members_get_it),
	    TEST(nothing_later_reaches_who_was_removed),
	    TEST(who_is_added_gets_it_from_then_on),
	    TEST(a_later_picture_leaves_out_but_never_lets_in),
	    TEST(an_early_picture_is_not_used),
	    TEST(without_members_nothing_is_relayed),
	    TEST(streams_of_one_conversation_get_it_too),
	    TEST(what_is_of_one_user_goes_to_him_alone),
	    TEST(why_a_session_ended_is_told_on_every_stream_that_closes),
	    TEST(typing_goes_to_the_others_and_only_from_members),
	    TEST(typing_is_dropped_while_a_removal_may_be_on_its_way),
	    TEST(typing_is_not_for_who_came_later),
	    TEST(read_marks_go_to_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
