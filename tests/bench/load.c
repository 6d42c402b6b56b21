/*
 * load -- ask and listen at the same time, and print what was measured as one
 * JSON object.
 *
 *	load --to ADDRESS --requests FILE --senders N
 *	     [--followers FILE --copies N] [--warm MS] [--window MS]
 *	     [--most N] [--usage NAME=PID,...]...
 *	load --followers FILE --hold
 *
 * --most: end after so many requests.  --hold: say "open" and wait until
 * standard input ends.
 */
#include <errno.h>
#include <getopt.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "tests/bench/follower.h"
#include "tests/bench/ledger.h"
#include "tests/bench/samples.h"
#include "tests/bench/sender.h"
#include "tests/bench/usage.h"

#define SENDERS_MAX 256
#define BATCH 256
#define SETTLE_MS 2000
#define ERRORS_MAX 100

static struct {
	const char *address, *followers_file;
	size_t sender_count, follower_count;
	int64_t warm_ms, window_ms;
	uint64_t most;
	bool hold;
	unsigned copies;
	struct sender senders[SENDERS_MAX];
	struct follower *followers;
	int epoll;
	bool sending;
} load = {.warm_ms = 1000, .window_ms = 3000, .most = LEDGER_MAX};

/* Senders have the numbers below SENDERS_MAX, followers those above. */
static void
watch(int fd, uint64_t number)
{
	struct epoll_event e = {.events = EPOLLIN, .data.u64 = number};

	if (epoll_ctl(load.epoll, EPOLL_CTL_ADD, fd, &e) != 0)
		die("epoll");
}

static void
hear_sender(uint64_t number)
{
	struct sender *s = &load.senders[number];
	bool reconnected;

	if (!sender_hear(s, &reconnected))
		return;
	if (reconnected)
		watch(s->link.fd, number);
	if (ledger_errors() > ERRORS_MAX) {
		errno = EPROTO;
		die("too many refusals");
	}
	if (load.sending && ledger_sent() < load.most)
		sender_send(s);
}

static void
turn(int wait_ms)
{
	struct epoll_event events[BATCH];
	int count = epoll_wait(load.epoll, events, BATCH, wait_ms);

	for (int i = 0; i < count; i++) {
		uint64_t number = events[i].data.u64;

		if (number < SENDERS_MAX)
			hear_sender(number);
		else
			follower_hear(&load.followers[number - SENDERS_MAX]);
	}
}

static void
run_until(int64_t end_ns)
{
	while (now_ns() < end_ns &&
	    (ledger_sent() < load.most || !ledger_settled()))
		turn(1);
}

static void
settle(void)
{
	int64_t end_ns = now_ns() + SETTLE_MS * 1000000;

	while (!ledger_settled() && now_ns() < end_ns)
		turn(10);
}

static void
measure(void)
{
	int64_t begin_ns, end_ns;
	uint64_t answered;

	for (size_t i = 0; i < load.sender_count; i++) {
		sender_open(&load.senders[i], load.address);
		watch(load.senders[i].link.fd, i);
	}
	load.sending = true;
	for (size_t i = 0; i < load.sender_count; i++)
		sender_send(&load.senders[i]);
	run_until(now_ns() + load.warm_ms * 1000000);
	usage_begin();
	begin_ns = now_ns();
	ledger_window(true);
	run_until(begin_ns + load.window_ms * 1000000);
	ledger_window(false);
	end_ns = now_ns();
	usage_end();
	load.sending = false;
	settle();
	printf("{");
	answered = ledger_print((double)(end_ns - begin_ns) / 1e9);
	if (load.follower_count > 0)
		followers_print();
	usage_print(answered);
	printf("}\n");
}

static void
hold(void)
{
	char end;

	puts("open");
	fflush(stdout);
	while (read(STDIN_FILENO, &end, 1) > 0)
		continue;
}

static int64_t
number_of(const char *text)
{
	return strtoll(text, NULL, 10);
}

static void
take(int option, const char *value)
{
	switch (option) {
	case 't': load.address = value; break;
	case 'r': sender_plan(value); break;
	case 's': load.sender_count = (size_t)number_of(value); break;
	case 'f': load.followers_file = value; break;
	case 'c': load.copies = (unsigned)number_of(value); break;
	case 'w': load.warm_ms = number_of(value); break;
	case 'd': load.window_ms = number_of(value); break;
	case 'm': load.most = (uint64_t)number_of(value); break;
	case 'u': usage_group(value); break;
	case 'h': load.hold = true; break;
	default: exit(2);
	}
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {{"to", 1, NULL, 't'},
	    {"requests", 1, NULL, 'r'}, {"senders", 1, NULL, 's'},
	    {"followers", 1, NULL, 'f'}, {"copies", 1, NULL, 'c'},
	    {"warm", 1, NULL, 'w'}, {"window", 1, NULL, 'd'},
	    {"most", 1, NULL, 'm'}, {"usage", 1, NULL, 'u'},
	    {"hold", 0, NULL, 'h'}, {NULL, 0, NULL, 0}};
	struct rlimit files;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take(option, optarg);
	if (load.sender_count > SENDERS_MAX ||
	    (load.sender_count == 0) != load.hold)
		return 2;
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	load.epoll = epoll_create1(EPOLL_CLOEXEC);
	ledger_start(load.copies);
	if (load.followers_file != NULL)
		load.followers = followers_open(load.followers_file,
		    &load.follower_count);
	for (size_t i = 0; i < load.follower_count; i++)
		watch(load.followers[i].link.fd, SENDERS_MAX + i);
	if (load.hold)
		hold();
	else
		measure();
	return 0;
}
