#include "api/cgi_wait.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "api/api.h"
#include "base/clock.h"
#include "base/config.h"

#define LOOK_EVERY_MS 300

/* A place is a locked file: it comes free by itself when its process dies. */
static int
take_place(void)
{
	char name[32], path[512];
	unsigned i;
	int fd;

	for (i = 0; i < CGI_WAITERS; i++) {
		snprintf(name, sizeof(name), "run/cgi-wait.%u", i);
		if (!config_path(api_config, name, path, sizeof(path)))
			return -1;
		fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
		if (fd < 0)
			return -1;
		if (flock(fd, LOCK_EX | LOCK_NB) == 0)
			return fd;
		close(fd);
	}
	return -1;
}

bool
cgi_wait(uint64_t seconds, bool (*moved)(void *argument), void *argument)
{
	int64_t until_ms;
	int place;

	place = take_place();
	if (place < 0)
		return false;
	until_ms = clock_monotonic_ms() + (int64_t)seconds * 1000;
	while (!moved(argument) && clock_monotonic_ms() < until_ms)
		poll(NULL, 0, LOOK_EVERY_MS);
	close(place);
	return true;
}
