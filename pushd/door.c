#include "pushd/door.h"

#include "base/log.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ACCEPT_MAX 64		/* per turn */
#define REST_MS 100

/* The connection is gone again, or there was none. */
static bool
is_nothing(int error)
{
	return error == EAGAIN || error == EINTR || error == ECONNABORTED;
}

static void
shut(struct door *d, int error)
{
	if (!d->is_short)
		log_error("accept: %s", strerror(error));
	d->is_short = true;
	loop_change(&d->watch, 0);
	timer_set(&d->rest, REST_MS);
}

static void
open_again(void *argument)
{
	struct door *d = argument;

	loop_change(&d->watch, EPOLLIN);
}

void
door_look(struct door *d)
{
	int fd;

	for (int i = 0; i < ACCEPT_MAX && !timer_is_set(&d->rest); i++) {
		fd = accept4(d->watch.fd, NULL, NULL,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			d->enter(fd);
			continue;
		}
		if (!is_nothing(errno))
			shut(d, errno);
		else
			d->is_short = false;
		return;
	}
}

static void
knock(void *argument, uint32_t events)
{
	(void)events;
	door_look(argument);
}

bool
door_open(struct door *d, int fd, void (*enter)(int fd))
{
	*d = (struct door){.watch = {fd, knock, d},
	    .rest = {.call = open_again, .argument = d}, .enter = enter};
	return loop_watch(&d->watch, EPOLLIN);
}

void
door_close(struct door *d)
{
	if (d->watch.fd < 0)
		return;
	timer_stop(&d->rest);
	loop_forget(&d->watch);
	close(d->watch.fd);
	d->watch.fd = -1;
}
