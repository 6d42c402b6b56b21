#include "pushd/watchdog.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "events/board.h"
#include "pushd/loop.h"
#include "pushd/nginx.h"
#include "pushd/outbox.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#define PROBE_MS 5000
#define EAGER_MS 250		/* until the first one has come back */
#define LOST_MS 12000		/* for those who ask; two probes and some */
#define KILL_EVERY_MS 30000
#define STORE_EVERY 6		/* look at the store at every 6th probe */
#define FULL_PERCENT 90
#define PER_CHANNEL (64 * 1024)	/* more than one frame: nothing to wait for */

static struct {
	struct board *board;
	const char *var;
	struct sockaddr_un address;
	struct watch ear;
	struct timer probe;
	int64_t heard_ms, killed_ms;
	unsigned probes, unanswered;
	int64_t unanswered_ms;		/* when the first of those was sent */
} dog = {.ear.fd = -1};

static void
hang_up(void)
{
	if (dog.ear.fd < 0)
		return;
	loop_forget(&dog.ear);
	close(dog.ear.fd);
	dog.ear.fd = -1;
}

/* What arrives is an answer's head, pings (": ") and probes ("data: "). */
static void
hear(void *unused, uint32_t events)
{
	char bytes[4096];
	ssize_t got;

	(void)unused;
	(void)events;
	got = recv(dog.ear.fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		hang_up();
		dog.heard_ms = 0;
		timer_set(&dog.probe, EAGER_MS);
		return;
	}
	if (memmem(bytes, (size_t)got, "data:", 5) == NULL)
		return;
	dog.heard_ms = loop_now();
	dog.unanswered = 0;
	board_round_trip(dog.board, clock_now_ms());
}

static void
prick_up(void)
{
	static const char request[] = "GET /s/p_probe HTTP/1.1\r\n"
	    "Host: push\r\nAccept: text/event-stream\r\n\r\n";
	int fd, done;
	ssize_t sent;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	done = connect(fd, (const struct sockaddr *)&dog.address,
	    sizeof(dog.address));
	sent = done != 0 ? -1 : send(fd, request, sizeof(request) - 1,
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	dog.ear = (struct watch){.fd = fd, .call = hear};
	if (sent != (ssize_t)sizeof(request) - 1 ||
	    !loop_watch(&dog.ear, EPOLLIN)) {
		close(fd);
		dog.ear.fd = -1;
	}
}

static void
bite(const char *why)
{
	if (dog.killed_ms != 0 && loop_now() - dog.killed_ms < KILL_EVERY_MS)
		return;
	if (!nginx_kill(dog.var))
		return;
	log_error("watchdog: killed the push server: %s", why);
	dog.killed_ms = loop_now();
	dog.heard_ms = 0;
	dog.unanswered = 0;
	hang_up();
}

/* "shared memory used: 12K" -> 12; 0 when it is not there. */
static uint64_t
read_figure(const char *text, const char *name)
{
	const char *at = strstr(text, name);
	struct text digits;
	uint64_t value = 0;

	if (at == NULL)
		return 0;
	digits.data = at + strlen(name);
	digits.length = strspn(digits.data, "0123456789");
	return parse_u64(digits, UINT32_MAX, &value) ? value : 0;
}

static void
look_at_store(const char *text)
{
	uint64_t used = read_figure(text, "shared memory used: ") * 1024;
	uint64_t limit = read_figure(text, "shared memory limit: ") * 1024;
	uint64_t channels = read_figure(text, "channels: ");

	if (limit == 0 || used < limit / 100 * FULL_PERCENT)
		return;
	log_warn("watchdog: the push server's store is full to %" PRIu64
	    " %% with %" PRIu64 " channels", used * 100 / limit, channels);
	if (channels * PER_CHANNEL < used)
		bite("its store is full and leaks");
}

/* Probes are counted, and not only the time: when the loop itself was held up,
 * the push server is not to blame. */
static void
send_probe(void *unused)
{
	static const struct channel probe = {0, 0};
	char text[64];
	int length;

	(void)unused;
	if (dog.ear.fd < 0)
		prick_up();
	length = snprintf(text, sizeof(text),
	    "{\"type\":\"probe\",\"number\":%u}", ++dog.probes);
	outbox_ephemeral(&probe, 1, text, (size_t)length);
	if (dog.unanswered++ == 0)
		dog.unanswered_ms = loop_now();
	if (dog.probes % STORE_EVERY == 0)
		outbox_status(look_at_store);
	timer_set(&dog.probe, dog.heard_ms == 0 ? EAGER_MS : PROBE_MS);
	if (dog.unanswered > 2 &&
	    loop_now() - dog.unanswered_ms >= 2 * PROBE_MS)
		bite("probes don't come back");
}

bool
watchdog_good(void)
{
	return dog.heard_ms != 0 && loop_now() - dog.heard_ms < LOST_MS;
}

bool
watchdog_start(struct board *board, const char *var)
{
	int length;

	dog.board = board;
	dog.var = var;
	dog.address.sun_family = AF_UNIX;
	length = snprintf(dog.address.sun_path, sizeof(dog.address.sun_path),
	    "%s/run/push-sub.sock", var);
	if (length < 0 || (size_t)length >= sizeof(dog.address.sun_path)) {
		log_error("watchdog: the path of push-sub.sock is too long");
		return false;
	}
	dog.probe.call = send_probe;
	timer_set(&dog.probe, 0);
	return true;
}

void
watchdog_end(void)
{
	timer_stop(&dog.probe);
	hang_up();
}
