#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>

#include "base/log.h"
#include "http/io.h"

/*
 * libfcgi would wait in accept(2), where a SIGTERM that comes just before the
 * call is slept over.  So the socket does not block, signals are let in only
 * while waiting in epoll_pwait(2), and a request is never interrupted.
 * EPOLLEXCLUSIVE: one connection wakes one worker of the pool, not all.
 */
static FCGX_Request request;
static volatile sig_atomic_t stopping;
static sigset_t while_waiting;
static int waiting_room = -1;

static void
stop(int signal_number)
{
	(void)signal_number;
	stopping = 1;
}

bool
fcgi_here(void)
{
	return !FCGX_IsCGI();
}

static bool
take_signals(void)
{
	struct sigaction action = {.sa_handler = stop};
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	if (sigprocmask(SIG_BLOCK, &blocked, &while_waiting) != 0)
		return false;
	sigdelset(&while_waiting, SIGTERM);
	sigdelset(&while_waiting, SIGINT);
	if (sigaction(SIGTERM, &action, NULL) != 0 ||
	    sigaction(SIGINT, &action, NULL) != 0)
		return false;
	return signal(SIGPIPE, SIG_IGN) != SIG_ERR;
}

bool
fcgi_start(void)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE};
	int flags;

	if (FCGX_Init() != 0 || FCGX_InitRequest(&request, 0, 0) != 0) {
		log_error("libfcgi did not start");
		return false;
	}
	flags = fcntl(0, F_GETFL);
	waiting_room = epoll_create1(EPOLL_CLOEXEC);
	if (!take_signals() || flags < 0 || waiting_room < 0 ||
	    fcntl(0, F_SETFL, flags | O_NONBLOCK) != 0 ||
	    epoll_ctl(waiting_room, EPOLL_CTL_ADD, 0, &event) != 0) {
		log_error("listening: %s", strerror(errno));
		return false;
	}
	return true;
}

static size_t
read_body(struct io *io, char *out, size_t size)
{
	FCGX_Request *r = io->source;
	int n = FCGX_GetStr(out, (int)size, r->in);

	return n < 0 ? 0 : (size_t)n;
}

static void
write_answer(struct io *io, const char *bytes, size_t length)
{
	FCGX_Request *r = io->source;

	FCGX_PutStr(bytes, (int)length, r->out);
}

/*
 * A connection that the web server would like to keep is closed all the same:
 * it would bind this worker while others wait for one.  libfcgi would wait until
 * the web server closes first, lest unread bytes make it lose the answer; a
 * request that was read to its end has none.
 */
static void
end_connection(void)
{
	char rest[8192];
	int n;

	do
		n = FCGX_GetStr(rest, sizeof(rest), request.in);
	while (n > 0);
	FCGX_Detach(&request);
	FCGX_Finish_r(&request);
	FCGX_Free(&request, 1);
}

/* The web server told its client something else meanwhile: this one stood in
 * the queue for too long. */
static bool
nobody_waits(void)
{
	struct pollfd peer = {.fd = request.ipcFd, .events = POLLRDHUP};

	return poll(&peer, 1, 0) == 1 &&
	    (peer.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

bool
fcgi_next(struct io *io)
{
	struct epoll_event event;
	int n;

	while (!stopping) {
		n = epoll_pwait(waiting_room, &event, 1, -1, &while_waiting);
		if (n < 0 && errno != EINTR) {
			log_error("waiting: %s", strerror(errno));
			return false;
		}
		if (n <= 0)
			continue;
		n = FCGX_Accept_r(&request);
		if (n == 0 && nobody_waits()) {
			end_connection();
			continue;
		}
		if (n == 0) {
			*io = (struct io){.params = request.envp,
			    .read = read_body, .write = write_answer,
			    .source = &request};
			return true;
		}
		/* Another worker was faster, or the peer left again. */
		if (n != -EAGAIN && n != -EINTR && n != -ECONNABORTED) {
			log_error("accept: %s", strerror(-n));
			return false;
		}
	}
	return false;
}

void
fcgi_done(struct io *io)
{
	(void)io;
	end_connection();
}

void
fcgi_stop(void)
{
	FCGX_Free(&request, 1);
	if (waiting_room >= 0)
		close(waiting_room);
	waiting_room = -1;
}
