#include "pushd/wait.h"

#include "events/listen.h"
#include "model/events.h"
#include "pushd/ask.h"
#include "pushd/beat.h"
#include "pushd/database.h"
#include "pushd/door.h"
#include "pushd/loop.h"
#include "pushd/order.h"
#include "pushd/registry.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <uthash.h>

#define CONNECTIONS_MAX (WAIT_MAX + 500)
#define ARRIVE_MS 5000		/* to send the whole request */
#define DOUBT_MS 1000		/* to wait when SQL can't say */
#define STATUS_SIZE 1024

struct room {
	struct room_key {
		uint64_t kind;			/* 'c', 'u' or 's' */
		uint64_t id;
	} key;
	LIST_HEAD(, guest) guests;
	UT_hash_handle hh;
};

struct guest {
	struct watch watch;
	struct timer timer;
	LIST_ENTRY(guest) link;		/* of all */
	LIST_ENTRY(guest) mate;		/* of the same room */
	struct room *room;		/* NULL: not waiting */
	uint64_t after;
	char *request;			/* until it is complete */
	size_t length;
};

static struct {
	struct door door;
	LIST_HEAD(, guest) guests;
	struct room *rooms;
	size_t count;			/* connections */
	size_t waiting;
	size_t syncs;			/* of those, for 's' streams */
	size_t (*status)(char *text, size_t size);
} hall = {.door.watch.fd = -1};

static struct room *
find_room(char kind, uint64_t id)
{
	struct room_key key = {(uint64_t)kind, id};
	struct room *r;

	HASH_FIND(hh, hall.rooms, &key, sizeof(key), r);
	return r;
}

static void
leave_room(struct guest *g)
{
	struct room *r = g->room;

	if (r == NULL)
		return;
	LIST_REMOVE(g, mate);
	g->room = NULL;
	hall.waiting--;
	if (r->key.kind == 's')
		hall.syncs--;
	if (!LIST_EMPTY(&r->guests))
		return;
	HASH_DELETE(hh, hall.rooms, r);
	free(r);
}

static void
goodbye(struct guest *g)
{
	leave_room(g);
	timer_stop(&g->timer);
	loop_forget(&g->watch);
	close(g->watch.fd);
	LIST_REMOVE(g, link);
	hall.count--;
	free(g->request);
	free(g);
}

/* Answers are shorter than any socket's buffer, so one try is enough. */
static void
answer(struct guest *g, const char *text, size_t length)
{
	ssize_t sent = send(g->watch.fd, text, length,
	    MSG_DONTWAIT | MSG_NOSIGNAL);

	(void)sent;
	goodbye(g);
}

#define ANSWER(g, text) answer(g, text, sizeof(text) - 1)

static void
let_go(struct guest *g)
{
	ANSWER(g, "HTTP/1.1 200 OK\r\nX-Accel-Redirect: /_waited\r\n"
	    "Content-Length: 0\r\nConnection: close\r\n\r\n");
}

static void
time_is_up(void *argument)
{
	struct guest *g = argument;

	if (g->room != NULL)
		let_go(g);
	else
		goodbye(g);
}

static void
enter_room(struct guest *g, const struct ask *a, int64_t for_ms)
{
	struct room *r = find_room(a->stream, a->stream_id);

	if (r == NULL) {
		r = calloc(1, sizeof(*r));
		if (r == NULL)
			abort();
		r->key = (struct room_key){(uint64_t)a->stream, a->stream_id};
		LIST_INIT(&r->guests);
		HASH_ADD(hh, hall.rooms, key, sizeof(r->key), r);
	}
	g->room = r;
	g->after = a->after;
	LIST_INSERT_HEAD(&r->guests, g, mate);
	hall.waiting++;
	if (a->stream == 's')
		hall.syncs++;
	free(g->request);
	g->request = NULL;
	timer_set(&g->timer, for_ms);
}

static enum err
last_seq_of(const struct ask *a, uint64_t *last_seq)
{
	if (order_last(a->stream, a->stream_id, last_seq))
		return OK;
	if (!database_ready())
		return ERR_UNAVAILABLE;
	return event_last_seq(a->stream, a->stream_id, last_seq);
}

/*
 * Between the worker's look and this guest's arrival the stream may have
 * moved, so look once more.
 */
static void
receive_guest(struct guest *g, const struct ask *a)
{
	uint64_t last_seq = 0, sum = 0;
	enum err e;

	if (hall.waiting >= WAIT_MAX || a->for_s == 0) {
		let_go(g);
		return;
	}
	if (a->stream == 's')
		e = beat_figures(a->stream_id, &last_seq, &sum);
	else
		e = last_seq_of(a, &last_seq);
	if (e == ERR_NOT_FOUND || last_seq > a->after ||
	    (e == OK && sum != a->sum))
		let_go(g);
	else
		enter_room(g, a, e == OK ? (int64_t)a->for_s * 1000 : DOUBT_MS);
}

static void
answer_status(struct guest *g)
{
	char text[STATUS_SIZE + 128], body[STATUS_SIZE];
	size_t length = hall.status(body, sizeof(body));
	int made = snprintf(text, sizeof(text), "HTTP/1.1 200 OK\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n"
	    "Connection: close\r\n\r\n%.*s", length, (int)length, body);

	answer(g, text, (size_t)made);
}

static void
serve(struct guest *g)
{
	struct ask a;

	ask_parse(g->request, g->length, &a);
	switch (a.kind) {
	case ASK_MORE:
		return;
	case ASK_WAIT:
		receive_guest(g, &a);
		return;
	case ASK_CAME:
		registry_came(a.channel);
		break;
	case ASK_GONE:
		registry_gone(a.channel);
		break;
	case ASK_STATUS:
		answer_status(g);
		return;
	case ASK_BAD:
		ANSWER(g, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n"
		    "Connection: close\r\n\r\n");
		return;
	}
	ANSWER(g, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
	    "Connection: close\r\n\r\n");
}

/* Nothing is to be read from one who waits: an event then means he left. */
static void
guest_event(void *argument, uint32_t events)
{
	struct guest *g = argument;
	ssize_t got;

	(void)events;
	if (g->room != NULL) {
		goodbye(g);
		return;
	}
	got = recv(g->watch.fd, g->request + g->length,
	    ASK_SIZE_MAX - g->length, MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		goodbye(g);
		return;
	}
	g->length += (size_t)got;
	serve(g);
}

static void
admit(int fd)
{
	struct guest *g;

	if (hall.count >= CONNECTIONS_MAX) {
		close(fd);
		return;
	}
	g = calloc(1, sizeof(*g));
	if (g != NULL)
		g->request = malloc(ASK_SIZE_MAX);
	if (g == NULL || g->request == NULL)
		abort();
	g->watch = (struct watch){fd, guest_event, g};
	g->timer.call = time_is_up;
	g->timer.argument = g;
	LIST_INSERT_HEAD(&hall.guests, g, link);
	hall.count++;
	timer_set(&g->timer, ARRIVE_MS);
	if (!loop_watch(&g->watch, EPOLLIN | EPOLLRDHUP))
		goodbye(g);
}

void
wait_moved(char stream, uint64_t stream_id, uint64_t seq)
{
	struct guest *g, *next;
	struct room *r;

	if (hall.waiting == 0)
		return;
	r = find_room(stream, stream_id);
	/* The room goes with its last guest, and only with him. */
	for (g = r == NULL ? NULL : LIST_FIRST(&r->guests); g != NULL;
	    g = next) {
		next = LIST_NEXT(g, mate);
		if (seq > g->after)
			let_go(g);
	}
}

void
wait_touched(uint64_t user_id)
{
	struct guest *g, *next;
	struct room *r;

	if (hall.syncs == 0)
		return;
	r = find_room('s', user_id);
	for (g = r == NULL ? NULL : LIST_FIRST(&r->guests); g != NULL;
	    g = next) {
		next = LIST_NEXT(g, mate);
		let_go(g);
	}
}

size_t
wait_count(void)
{
	return hall.waiting;
}

bool
wait_start(const char *path, size_t (*status)(char *text, size_t size))
{
	int fd;

	hall.status = status;
	fd = listen_at(path, SOCK_STREAM);
	return fd >= 0 && door_open(&hall.door, fd, admit);
}

void
wait_end(void)
{
	while (!LIST_EMPTY(&hall.guests))
		goodbye(LIST_FIRST(&hall.guests));
	door_close(&hall.door);
}
