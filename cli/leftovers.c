#include "cli/leftovers.h"

#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/files.h"

#define LISTED_MAX 1024
#define PATIENCE_MS 5000
/* A database that is stopping writes its pages out first. */
#define PATIENCE_DB_MS 30000
#define GIVE_UP_MS 40000

/* The board too: when everything starts, nobody is online and nothing well.  But
 * not run/reload, which somebody may have asked for a moment ago. */
static const char *const stale[] = {"run/app.sock", "run/auth.sock",
	"run/board", "run/db.sock", "run/db.pid", "run/environment",
	"run/nginx.pid", "run/notices.sock", "run/processes",
	"run/push-pub/pub.sock", "run/push-sub.sock", "run/push.pid",
	"run/wait.sock"};

struct listed {
	pid_t pid;
	bool is_db;
};

/* Does the process have a file of this instance open?  All of ours do: their
 * log.  nginx's workers overwrite their command line, so that says nothing. */
static bool
belongs(pid_t pid, const char *var)
{
	char folder[64], link[PATH_SIZE + 320], target[PATH_SIZE];
	size_t length = strlen(var);
	struct dirent *entry;
	bool found = false;
	ssize_t got;
	DIR *d;

	snprintf(folder, sizeof(folder), "/proc/%d/fd", (int)pid);
	d = opendir(folder);
	if (d == NULL)
		return false;
	while (!found) {
		entry = readdir(d);
		if (entry == NULL)
			break;
		snprintf(link, sizeof(link), "%s/%s", folder, entry->d_name);
		got = readlink(link, target, sizeof(target) - 1);
		if (got <= 0)
			continue;
		target[got] = '\0';
		found = strncmp(target, var, length) == 0 &&
		    target[length] == '/';
	}
	closedir(d);
	return found;
}

static size_t
read_listed(const struct instance *in, struct listed *listed)
{
	char path[PATH_SIZE], *text, *rest, *line, *space;
	size_t count = 0;
	long pid;

	text = rest = file_read(instance_file(in, "run/processes", path),
	    NULL);
	while (count < LISTED_MAX) {
		line = line_take(&rest);
		if (line == NULL)
			break;
		space = strchr(line, ' ');
		pid = space == NULL ? 0 : strtol(space + 1, NULL, 10);
		if (pid <= 1)
			continue;
		listed[count].pid = (pid_t)pid;
		listed[count].is_db = strncmp(line, "db ", 3) == 0;
		count++;
	}
	free(text);
	return count;
}

/* One look at all processes; how many of the listed ones are left. */
static size_t
signal_left(const char *var, const struct listed *listed, size_t count,
    int64_t waited_ms)
{
	struct dirent *entry;
	size_t i, left = 0;
	pid_t pid, group;
	DIR *d;

	d = opendir("/proc");
	if (d == NULL)
		return 0;
	for (;;) {
		entry = readdir(d);
		if (entry == NULL)
			break;
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		pid = (pid_t)strtol(entry->d_name, NULL, 10);
		group = getpgid(pid);
		for (i = 0; i < count; i++) {
			if (pid == listed[i].pid || group == listed[i].pid)
				break;
		}
		if (i == count || pid == getpid() || !belongs(pid, var))
			continue;
		left++;
		if (waited_ms > (listed[i].is_db ? PATIENCE_DB_MS
		    : PATIENCE_MS))
			kill(pid, SIGKILL);
		else if (waited_ms == 0)
			kill(pid, SIGTERM);
	}
	closedir(d);
	return left;
}

void
leftovers_unlink(const struct instance *in)
{
	char path[PATH_SIZE];
	size_t i;

	for (i = 0; i < sizeof(stale) / sizeof(stale[0]); i++)
		unlink(instance_file(in, stale[i], path));
}

enum err
leftovers_end(const struct instance *in)
{
	const struct timespec pause = {.tv_nsec = 10000000};
	struct listed listed[LISTED_MAX];
	int64_t begun = clock_monotonic_ms(), waited = 0;
	size_t count;

	count = read_listed(in, listed);
	while (count > 0 &&
	    signal_left(in->config.var, listed, count, waited) > 0) {
		nanosleep(&pause, NULL);
		waited = clock_monotonic_ms() - begun;
		if (waited > GIVE_UP_MS) {
			complain("processes of an earlier run do not end");
			return ERR_CONFLICT;
		}
	}
	leftovers_unlink(in);
	return OK;
}
