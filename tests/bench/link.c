#include "tests/bench/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#define ROOM 16384

void
die(const char *what)
{
	fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int
open_unix(const char *path)
{
	struct sockaddr_un where = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(where.sun_path, sizeof(where.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&where,
	    sizeof(where)) != 0)
		die(path);
	return fd;
}

static int
open_tcp(const char *address)
{
	struct sockaddr_in where = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const char *colon = strrchr(address, ':');
	char host[64];
	int on = 1;

	if (colon == NULL)
		die(address);
	snprintf(host, sizeof(host), "%.*s", (int)(colon - address), address);
	where.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &where.sin_addr) != 1)
		die(address);
	if (fd < 0 || connect(fd, (struct sockaddr *)&where,
	    sizeof(where)) != 0)
		die(address);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

void
link_open(struct link *l, const char *address)
{
	*l = (struct link){.fd = address[0] == '/' ? open_unix(address) :
	    open_tcp(address)};
}

void
link_send(struct link *l, const char *bytes, size_t length)
{
	ssize_t sent = send(l->fd, bytes, length, MSG_NOSIGNAL);

	if (sent != (ssize_t)length)
		die("send");
}

bool
link_receive(struct link *l, bool wait)
{
	ssize_t got;

	if (l->capacity - l->length < ROOM) {
		l->capacity = 2 * l->capacity + 2 * ROOM;
		l->data = realloc(l->data, l->capacity);
		if (l->data == NULL)
			die("memory");
	}
	got = recv(l->fd, l->data + l->length, l->capacity - l->length - 1,
	    wait ? 0 : MSG_DONTWAIT);
	if (got < 0 && errno == EAGAIN)
		return true;
	if (got <= 0)
		return false;
	l->length += (size_t)got;
	l->data[l->length] = '\0';
	return true;
}

void
link_drop(struct link *l, size_t length)
{
	l->length -= length;
	if (l->length > 0)
		memmove(l->data, l->data + length, l->length);
	if (l->data != NULL)
		l->data[l->length] = '\0';
}

void
link_close(struct link *l)
{
	if (l->fd >= 0)
		close(l->fd);
	free(l->data);
	*l = (struct link){.fd = -1};
}
