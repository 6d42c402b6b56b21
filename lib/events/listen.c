#include "events/listen.h"

#include "base/log.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define BACKLOG 511
#define MODE 0660

/* Made beside its place and then moved over it. */
static int
put_in_place(int fd, const struct sockaddr_un *beside, const char *path)
{
	int done = unlink(beside->sun_path);

	if (done != 0 && errno != ENOENT)
		return -1;
	done = bind(fd, (const struct sockaddr *)beside, sizeof(*beside));
	if (done == 0)
		done = chmod(beside->sun_path, MODE);
	if (done == 0)
		done = listen(fd, BACKLOG);
	if (done == 0)
		done = rename(beside->sun_path, path);
	return done;
}

int
listen_at(const char *path, int type)
{
	struct sockaddr_un beside = {.sun_family = AF_UNIX};
	int fd, length, done;

	length = snprintf(beside.sun_path, sizeof(beside.sun_path), "%s.new",
	    path);
	if (length < 0 || (size_t)length >= sizeof(beside.sun_path)) {
		log_error("socket: the path is too long: %s", path);
		return -1;
	}
	fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	done = fd < 0 ? -1 : put_in_place(fd, &beside, path);
	if (done == 0)
		return fd;
	log_error("socket %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}
