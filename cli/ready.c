#include "cli/ready.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/supervise.h"

#define ANSWER_SECONDS 2
#define POLL_MS 5
#define START_MS 60000

/*
 * [instance] listen as nginx writes it: "127.0.0.1:8080", "[::1]:8080", "8080",
 * "*:8080".  An address that means all of them is asked on loopback.
 */
static struct addrinfo *
address_of(const struct instance *in, bool to_listen)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
	    .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV |
	    (to_listen ? AI_PASSIVE : 0)};
	struct addrinfo *found = NULL;
	char text[128], *host = text, *port;

	snprintf(text, sizeof(text), "%s", in->config.listen);
	text[strcspn(text, " \t")] = '\0';
	port = strrchr(text, ':');
	if (port == NULL || strchr(port, ']') != NULL) {
		port = strspn(text, "0123456789") == strlen(text) ? text : NULL;
		host = NULL;
	} else {
		*port++ = '\0';
	}
	if (host != NULL && *host == '[') {
		host++;
		host[strcspn(host, "]")] = '\0';
	}
	if (host != NULL && (strcmp(host, "*") == 0 || strcmp(host, "::") == 0))
		host = NULL;
	if (!to_listen && host != NULL && strcmp(host, "0.0.0.0") == 0)
		host = NULL;
	if (host == NULL)
		snprintf(text + sizeof(text) - 12, 12, "%s",
		    to_listen ? "0.0.0.0" : "127.0.0.1");
	if (getaddrinfo(host != NULL ? host : text + sizeof(text) - 12,
	    port != NULL ? port : "80", &hints, &found) != 0)
		return NULL;
	return found;
}

bool
port_taken(const struct instance *in)
{
	struct addrinfo *address = address_of(in, true);
	int fd, on = 1;
	bool taken = false;

	if (address == NULL)
		return false;
	fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		taken = bind(fd, address->ai_addr, address->ai_addrlen) != 0 &&
		    errno == EADDRINUSE;
		close(fd);
	}
	freeaddrinfo(address);
	return taken;
}

bool
socket_answers(const struct instance *in, const char *name, int type)
{
	struct sockaddr_un where = {.sun_family = AF_UNIX};
	char path[PATH_SIZE];
	int fd, error = 0;

	instance_file(in, name, path);
	snprintf(where.sun_path, sizeof(where.sun_path), "%.107s", path);
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	if (connect(fd, (struct sockaddr *)&where, sizeof(where)) != 0)
		error = errno;
	close(fd);
	errno = error;
	return error == 0;
}

unsigned
ready_status(const struct instance *in)
{
	const struct timeval patience = {.tv_sec = ANSWER_SECONDS};
	struct addrinfo *address = address_of(in, false);
	char text[PATH_SIZE + 64];
	unsigned status = 0;
	ssize_t got;
	int fd, length;

	if (address == NULL)
		return 0;
	fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		goto out;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, address->ai_addr, address->ai_addrlen) != 0)
		goto out;
	length = snprintf(text, sizeof(text), "GET %sreadyz HTTP/1.1\r\n"
	    "Host: localhost\r\nConnection: close\r\n\r\n", in->config.path);
	if (length < 0 || (size_t)length >= sizeof(text) ||
	    send(fd, text, (size_t)length, MSG_NOSIGNAL) != length)
		goto out;
	got = recv(fd, text, sizeof(text) - 1, MSG_WAITALL);
	text[got < 0 ? 0 : got] = '\0';
	if (strncmp(text, "HTTP/1.", 7) == 0 && strlen(text) > 12)
		status = (unsigned)strtoul(text + 9, NULL, 10);
out:
	if (fd >= 0)
		close(fd);
	freeaddrinfo(address);
	return status;
}

enum err
ready_wait(const struct instance *in, bool (*ask)(const struct instance *in),
    const char *what)
{
	int64_t begun = clock_monotonic_ms();

	while (!ask(in)) {
		supervise_turn(POLL_MS);
		if (supervise_told_to_stop() > 0)
			return ERR_CONFLICT;
		if (supervise_failing() != NULL)
			return ERR_INTERNAL;
		if (clock_monotonic_ms() - begun > START_MS) {
			complain("waited %d s in vain: %s", START_MS / 1000,
			    what);
			return ERR_UNAVAILABLE;
		}
	}
	return OK;
}
