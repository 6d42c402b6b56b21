#include "pushd/notices.h"

#include "base/log.h"
#include "events/notice.h"
#include "pushd/door.h"
#include "pushd/loop.h"
#include "pushd/order.h"
#include "pushd/outbox.h"
#include "pushd/registry.h"
#include "pushd/relay.h"
#include "pushd/revoke.h"
#include "pushd/tail.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>

#define WORKERS_MAX 1000
#define PACKETS_MAX 16		/* of one worker per turn */

struct worker {
	struct watch watch;
	bool asks;			/* for a word on the stream it opens */
	uint64_t ticket;		/* which it gets when this is done */
	LIST_ENTRY(worker) link;
};

static struct {
	struct door door;
	LIST_HEAD(, worker) workers;
	size_t count;
	uint64_t packets;
} notices = {.door.watch.fd = -1};

static void
hang_up(struct worker *w)
{
	loop_forget(&w->watch);
	close(w->watch.fd);
	LIST_REMOVE(w, link);
	notices.count--;
	free(w);
}

static void
answer(struct worker *w, char word)
{
	w->asks = false;
	send(w->watch.fd, &word, 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* What is queued for a channel that is open already would meet the new stream
 * before its hello; so the worker waits for it. */
static void
open_channel(struct worker *w, struct channel c)
{
	bool open = registry_open(c);

	registry_expect(c);
	w->ticket = outbox_last_ticket();
	w->asks = true;
	if (!registry_open(c))
		answer(w, NOTICE_REFUSED);
	else if (!open || outbox_done_ticket() >= w->ticket)
		answer(w, NOTICE_ACCEPTED);
}

void
notices_turn(void)
{
	struct worker *w;

	LIST_FOREACH(w, &notices.workers, link)
		if (w->asks && outbox_done_ticket() >= w->ticket)
			answer(w, NOTICE_ACCEPTED);
}

static void
take(struct worker *w, const char *packet, size_t length)
{
	struct notice n;

	if (!notice_parse(packet, length, &n)) {
		log_warn("notices: a packet of %zu bytes is not a notice",
		    length);
		return;
	}
	notices.packets++;
	switch (n.kind) {
	case NOTICE_EVENT:
		order_notice(&n);
		break;
	case NOTICE_TYPING:
	case NOTICE_READ:
		relay_notice(&n);
		break;
	case NOTICE_OPENING:
		open_channel(w, (struct channel){n.conversation_id,
		    n.user_id});
		break;
	case NOTICE_REVOKED:
		revoke_user(n.user_id);
		break;
	}
}

/* All that is there by one system call. */
static void
read_packets(struct worker *w)
{
	static char packets[PACKETS_MAX][NOTICE_PACKET_MAX + 1];
	struct iovec places[PACKETS_MAX];
	struct mmsghdr messages[PACKETS_MAX] = {0};
	int count;

	for (int i = 0; i < PACKETS_MAX; i++) {
		places[i] = (struct iovec){packets[i], sizeof(packets[i])};
		messages[i].msg_hdr.msg_iov = &places[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	count = recvmmsg(w->watch.fd, messages, PACKETS_MAX, MSG_DONTWAIT,
	    NULL);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	for (int i = 0; i < count && messages[i].msg_len > 0; i++)
		take(w, packets[i], messages[i].msg_len);
	if (count > 0 && messages[count - 1].msg_len > 0)
		return;
	/* It may have died between COMMIT and notice. */
	hang_up(w);
	tail_hurry();
}

/* Who has come to tell of a revocation goes before what was said since. */
static void
worker_event(void *argument, uint32_t events)
{
	(void)events;
	door_look(&notices.door);
	read_packets(argument);
}

static void
admit(int fd)
{
	struct worker *w;

	w = notices.count < WORKERS_MAX ? calloc(1, sizeof(*w)) : NULL;
	if (w == NULL) {
		close(fd);
		return;
	}
	w->watch = (struct watch){fd, worker_event, w};
	LIST_INSERT_HEAD(&notices.workers, w, link);
	notices.count++;
	if (loop_watch(&w->watch, EPOLLIN))
		read_packets(w);
	else
		hang_up(w);
}

bool
notices_start(const char *path)
{
	int fd = notice_listen(path);

	return fd >= 0 && door_open(&notices.door, fd, admit);
}

void
notices_end(void)
{
	while (!LIST_EMPTY(&notices.workers))
		hang_up(LIST_FIRST(&notices.workers));
	door_close(&notices.door);
}

uint64_t
notices_count(void)
{
	return notices.packets;
}
