#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/files.h"

/* The parent of a process, and whether it still runs; 0: it is gone. */
static pid_t
parent_of(pid_t pid)
{
	char path[64], *text, *at;
	long parent = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	/* Files of /proc have no size, so file_read() does not do. */
	text = calloc(1, 4096);
	if (text == NULL)
		return 0;
	FILE *f = fopen(path, "re");

	if (f != NULL && fread(text, 1, 4095, f) > 0 &&
	    strstr(text, "State:\tZ") == NULL) {
		at = strstr(text, "PPid:\t");
		if (at != NULL)
			parent = strtol(at + 6, NULL, 10);
	}
	if (f != NULL)
		fclose(f);
	free(text);
	return (pid_t)parent;
}

/* nginx's workers, which only their master knows. */
static void
print_children(const char *role, pid_t master)
{
	struct dirent *entry;
	pid_t pid;
	DIR *d;

	d = opendir("/proc");
	if (d == NULL)
		return;
	for (;;) {
		entry = readdir(d);
		if (entry == NULL)
			break;
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (parent_of(pid) == master)
			printf("%s %d\n", role, (int)pid);
	}
	closedir(d);
}

int
ps(struct instance *in, const struct arguments *a)
{
	char path[PATH_SIZE], *text, *rest, *line, *space;
	pid_t pid;

	(void)a;
	if (instance_supervisor(in) == 0) {
		complain("not running in %s", in->config.var);
		return 1;
	}
	text = rest = file_read(instance_file(in, "run/processes", path),
	    NULL);
	for (;;) {
		line = line_take(&rest);
		if (line == NULL)
			break;
		space = strchr(line, ' ');
		pid = space == NULL ? 0 :
		    (pid_t)strtol(space + 1, NULL, 10);
		if (pid <= 1 || parent_of(pid) == 0)
			continue;
		puts(line);
		*space = '\0';
		if (strcmp(line, "nginx") == 0 || strcmp(line, "push") == 0)
			print_children(line, pid);
	}
	free(text);
	return 0;
}
