#include "tests/bench/usage.h"

#include <dirent.h>
#include <stdbool.h>

#include "tests/bench/samples.h"

#define GROUPS_MAX 16

struct moment {
	int64_t at_ns;
	int64_t own_ns;
	int64_t busy_ns;	/* the whole machine */
	int64_t group_ns[GROUPS_MAX];
};

static struct {
	const char *names[GROUPS_MAX];
	const char *pids[GROUPS_MAX];
	size_t count;
	struct moment begin, end;
} usage;

void
usage_group(const char *text)
{
	const char *sign = strchr(text, '=');

	if (sign == NULL || usage.count == GROUPS_MAX)
		abort();
	usage.names[usage.count] = text;
	usage.pids[usage.count++] = sign + 1;
}

static int64_t
read_first_number(const char *path)
{
	FILE *f = fopen(path, "re");
	char line[64];
	int64_t n = 0;

	if (f == NULL)
		return 0;
	if (fgets(line, sizeof(line), f) != NULL)
		n = strtoll(line, NULL, 10);
	fclose(f);
	return n;
}

static int64_t
of_process(long pid)
{
	char path[300];
	struct dirent *entry;
	int64_t sum = 0;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%ld/task", pid);
	tasks = opendir(path);
	if (tasks == NULL)
		return 0;
	while ((entry = readdir(tasks)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%ld/task/%.20s/schedstat",
		    pid, entry->d_name);
		sum += read_first_number(path);
	}
	closedir(tasks);
	return sum;
}

static int64_t
of_group(const char *pids)
{
	int64_t sum = 0;
	char *end;

	for (; *pids != '\0'; pids = *end == ',' ? end + 1 : end) {
		sum += of_process(strtol(pids, &end, 10));
		if (end == pids)
			break;
	}
	return sum;
}

/* user nice system idle iowait irq softirq steal; idle and iowait do nothing */
static int64_t
of_machine(void)
{
	FILE *f = fopen("/proc/stat", "re");
	int64_t ticks = 0;
	char line[256];
	char *at;

	if (f == NULL)
		return 0;
	if (fgets(line, sizeof(line), f) != NULL) {
		at = line + strcspn(line, " ");
		for (int i = 0; i < 8; i++) {
			int64_t n = strtoll(at, &at, 10);

			ticks += i == 3 || i == 4 ? 0 : n;
		}
	}
	fclose(f);
	return ticks * (1000000000 / sysconf(_SC_CLK_TCK));
}

static void
look(struct moment *m)
{
	struct timespec own;

	m->at_ns = now_ns();
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &own);
	m->own_ns = (int64_t)own.tv_sec * 1000000000 + own.tv_nsec;
	m->busy_ns = of_machine();
	for (size_t i = 0; i < usage.count; i++)
		m->group_ns[i] = of_group(usage.pids[i]);
}

void
usage_begin(void)
{
	look(&usage.begin);
}

void
usage_end(void)
{
	look(&usage.end);
}

void
usage_print(uint64_t operations)
{
	double seconds = (double)(usage.end.at_ns - usage.begin.at_ns);
	double own = (double)(usage.end.own_ns - usage.begin.own_ns);
	double known = own, busy;

	busy = (double)(usage.end.busy_ns - usage.begin.busy_ns);
	printf(",\"cpu_us\":{");
	for (size_t i = 0; i < usage.count; i++) {
		double ns = (double)(usage.end.group_ns[i] -
		    usage.begin.group_ns[i]);

		known += ns;
		printf("%s\"%.*s\":%.2f", i == 0 ? "" : ",",
		    (int)(usage.pids[i] - usage.names[i] - 1), usage.names[i],
		    operations == 0 ? 0 : ns / 1e3 / (double)operations);
	}
	printf("},\"own_cores\":%.3f,\"foreign_cores\":%.3f", own / seconds,
	    (busy - known) / seconds);
}
