#include "pushd/nginx.h"

#include "base/str.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>

static size_t
read_file(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return 0;
	got = read(fd, out, size - 1);
	close(fd);
	if (got < 0)
		got = 0;
	out[got] = '\0';
	return (size_t)got;
}

static pid_t
read_pid(const char *var)
{
	char path[PATH_MAX], bytes[32];
	struct text digits = {bytes, 0};
	uint64_t pid;

	snprintf(path, sizeof(path), "%s/run/push.pid", var);
	read_file(path, bytes, sizeof(bytes));
	digits.length = strspn(bytes, "0123456789");
	return parse_u64(digits, INT32_MAX, &pid) ? (pid_t)pid : 0;
}

/* The id in a stale pid file may belong to anybody by now. */
static bool
is_ours(pid_t pid, const char *var)
{
	char path[64], line[PATH_MAX];
	size_t length;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	length = read_file(path, line, sizeof(line));
	return memmem(line, length, "nginx", 5) != NULL &&
	    memmem(line, length, var, strlen(var)) != NULL;
}

bool
nginx_kill(const char *var)
{
	char path[64], bytes[1024];
	struct text children = {bytes, 0}, child;
	pid_t master = read_pid(var);
	uint64_t pid;

	if (master <= 1 || !is_ours(master, var))
		return false;
	/* Its children are read first: orphans are not listed any more. */
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)master,
	    (int)master);
	children.length = read_file(path, bytes, sizeof(bytes));
	kill(master, SIGKILL);
	while (text_split(&children, ' ', &child))
		if (parse_u64(child, INT32_MAX, &pid) && pid > 1)
			kill((pid_t)pid, SIGKILL);
	return true;
}
