#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/str.h"
#include "events/notice.h"

static const char json[] = "{\"type\":\"message.posted\"}";

static struct notice
an_event(void)
{
	return (struct notice){.kind = NOTICE_EVENT,
	    .stream = 'c',
	    .stream_id = 12,
	    .seq = 345,
	    .event_id = 678,
	    .type = "message.posted",
	    .json = json,
	    .json_length = sizeof(json) - 1};
}

static void
assert_not_a_notice(const char *packet)
{
	struct notice n;

	if (notice_parse(packet, strlen(packet), &n))
		fail_msg("taken: %s", packet);
}

static void
an_event_travels_whole(void **state)
{
	struct notice sent = an_event(), got;
	char packet[NOTICE_PACKET_MAX];
	size_t length = notice_format(&sent, packet);

	(void)state;
	assert_memory_equal(packet, "E c 12 345 678 message.posted 0 {", 33);
	assert_true(notice_parse(packet, length, &got));
	assert_int_equal(got.kind, NOTICE_EVENT);
	assert_int_equal(got.stream, 'c');
	assert_int_equal(got.stream_id, 12);
	assert_int_equal(got.seq, 345);
	assert_int_equal(got.event_id, 678);
	assert_string_equal(got.type, "message.posted");
	assert_int_equal(got.user_id, 0);
	assert_int_equal(got.json_length, sizeof(json) - 1);
	assert_memory_equal(got.json, json, got.json_length);
}

static void
a_big_event_travels_without_its_json(void **state)
{
	static char big[NOTICE_JSON_MAX + 2];
	struct notice sent = an_event(), got;
	char packet[NOTICE_PACKET_MAX];
	size_t length;

	(void)state;
	sent.json = big;
	sent.json_length = NOTICE_JSON_MAX + 1;
	length = notice_format(&sent, packet);
	assert_true(notice_parse(packet, length, &got));
	assert_null(got.json);
	assert_int_equal(got.json_length, 0);
}

static void
the_other_kinds_travel_too(void **state)
{
	static const char *const packets[] = {
	    "T 12 42 678", "R 12 42 678 345", "R 12 42 678 0", "O 42 0",
	    "O 42 12", "K 42"};
	char packet[NOTICE_PACKET_MAX];
	struct notice n;
	size_t length;

	(void)state;
	for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
		assert_true(notice_parse(packets[i], strlen(packets[i]), &n));
		length = notice_format(&n, packet);
		assert_int_equal(length, strlen(packets[i]));
		assert_memory_equal(packet, packets[i], length);
	}
	assert_true(notice_parse("R 12 42 678 345", 15, &n));
	assert_int_equal(n.conversation_id, 12);
	assert_int_equal(n.user_id, 42);
	assert_int_equal(n.seq, 678);
	assert_int_equal(n.number, 345);
}

static void
what_is_not_a_notice_is_refused(void **state)
{
	(void)state;
	assert_not_a_notice("");
	assert_not_a_notice("E");
	assert_not_a_notice("X 1 2");
	assert_not_a_notice("T 12");
	assert_not_a_notice("T 12 42");
	assert_not_a_notice("T 12 42 ");
	assert_not_a_notice("T 12 42 1 7");
	assert_not_a_notice("T  12 42 7");
	assert_not_a_notice("T 012 42 7");
	assert_not_a_notice("T 0 42 7");
	assert_not_a_notice("T -1 42 7");
	assert_not_a_notice("K 9007199254740992");
	assert_not_a_notice("E x 1 1 0 message.posted 0");
	assert_not_a_notice("E c 1 0 0 message.posted 0");
	assert_not_a_notice("E c 1 1 0 Message 0");
	assert_not_a_notice("E c 1 1 0 message.posted");
	assert_not_a_notice("E c 1 1 0 message.posted 0 []");
	assert_not_a_notice("E c 1 1 0 message.posted 0 ");
	assert_not_a_notice("E c 1 1 0 message_of_a_name_that_is_too_long 0");
}

static void
an_event_of_a_nameless_type_is_not_sent(void **state)
{
	struct notice n = an_event();
	char packet[NOTICE_PACKET_MAX];

	(void)state;
	n.type[0] = '\0';
	assert_int_equal(notice_format(&n, packet), 0);
	n = an_event();
	n.stream = 'x';
	assert_int_equal(notice_format(&n, packet), 0);
}

static int
accept_worker(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);

	assert_true(fd >= 0);
	return fd;
}

static void
a_worker_finds_the_pushd_after_the_one_that_died(void **state)
{
	struct notice n = an_event();
	char path[] = "/tmp/natter-notice-XXXXXX", packet[NOTICE_PACKET_MAX];
	char socket_path[64];
	int listener, fd;

	(void)state;
	assert_non_null(mkdtemp(path));
	snprintf(socket_path, sizeof(socket_path), "%s/s", path);
	notice_connect(socket_path);
	notice_send(&n); /* nobody there: dropped */
	usleep(110000);  /* and not tried again for 100 ms */

	listener = notice_listen(socket_path);
	assert_true(listener >= 0);
	notice_send(&n);
	fd = accept_worker(listener);
	assert_true(recv(fd, packet, sizeof(packet), 0) > 0);
	close(fd);
	close(listener); /* as by kill -9: the socket file stays */

	listener = notice_listen(socket_path);
	assert_true(listener >= 0);
	notice_send(&n);
	fd = accept_worker(listener);
	assert_true(recv(fd, packet, sizeof(packet), 0) > 0);
	close(fd);
	close(listener);
	unlink(socket_path);
	rmdir(path);
}

static void
a_pushd_that_does_not_read_costs_notices_not_time(void **state)
{
	struct notice n = an_event();
	char path[] = "/tmp/natter-notice-XXXXXX", socket_path[64];
	int listener;

	(void)state;
	assert_non_null(mkdtemp(path));
	snprintf(socket_path, sizeof(socket_path), "%s/s", path);
	listener = notice_listen(socket_path);
	notice_connect(socket_path);
	for (int i = 0; i < 10000; i++)
		notice_send(&n);
	close(listener);
	unlink(socket_path);
	rmdir(path);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_event_travels_whole),
	    cmocka_unit_test(a_big_event_travels_without_its_json),
	    cmocka_unit_test(the_other_kinds_travel_too),
	    cmocka_unit_test(what_is_not_a_notice_is_refused),
	    cmocka_unit_test(an_event_of_a_nameless_type_is_not_sent),
	    cmocka_unit_test(a_worker_finds_the_pushd_after_the_one_that_died),
	    cmocka_unit_test(a_pushd_that_does_not_read_costs_notices_not_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
