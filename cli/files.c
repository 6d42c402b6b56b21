#include "cli/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX (16L * 1024 * 1024)
#define LOG_TAIL_LINES 8

static FILE *ear;	/* NULL: standard error */
static FILE *other_ear;	/* NULL: none */

void
complain(const char *format, ...)
{
	FILE *out = ear != NULL ? ear : stderr;
	va_list list, again;

	va_start(list, format);
	va_copy(again, list);
	fputs("natter: ", out);
	vfprintf(out, format, list);
	fputc('\n', out);
	fflush(out);
	if (other_ear != NULL) {
		vfprintf(other_ear, format, again);
		fputc('\n', other_ear);
	}
	va_end(again);
	va_end(list);
}

void
complain_also_to(FILE *copy)
{
	other_ear = copy;
}

void
complain_end_of(const char *log)
{
	char *text = file_read(log, NULL);
	char *at;
	int lines = 0;

	if (text == NULL || *text == '\0')
		goto out;
	for (at = text + strlen(text); at > text; at--) {
		if (at[-1] == '\n' && ++lines > LOG_TAIL_LINES)
			break;
	}
	complain("the end of %s:\n%s", log, at);
out:
	free(text);
}

enum err
complain_to(int fd)
{
	ear = fdopen(fd, "w");
	return ear != NULL ? OK : ERR_INTERNAL;
}

enum err
path_make(char out[static PATH_SIZE], const char *format, ...)
{
	va_list list;
	int length;

	va_start(list, format);
	length = vsnprintf(out, PATH_SIZE, format, list);
	va_end(list);
	if (length < 0 || length >= PATH_SIZE) {
		complain("a path is too long: %s...", out);
		return ERR_BAD_INPUT;
	}
	return OK;
}

bool
file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

enum err
folder_make(const char *path)
{
	char part[PATH_SIZE];
	char *slash;
	enum err e;

	e = path_make(part, "%s", path);
	if (e != OK)
		return e;
	for (slash = strchr(part + 1, '/'); slash != NULL;
	    slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(part, 0755);
		*slash = '/';
	}
	if (mkdir(part, 0700) == 0 || errno == EEXIST)
		return OK;
	complain("can't make the folder %s: %s", path, strerror(errno));
	return ERR_INTERNAL;
}

static int
remove_one(const char *path, const struct stat *status, int type,
    struct FTW *where)
{
	(void)status;
	(void)type;
	(void)where;
	return remove(path);
}

enum err
folder_remove(const char *path)
{
	if (!file_exists(path))
		return OK;
	if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0)
		return OK;
	complain("can't remove %s: %s", path, strerror(errno));
	return ERR_INTERNAL;
}

char *
file_read(const char *path, size_t *length)
{
	struct stat status;
	char *text = NULL;
	size_t got;
	FILE *f;

	f = fopen(path, "re");
	if (f == NULL)
		return NULL;
	if (fstat(fileno(f), &status) != 0 || status.st_size > FILE_MAX)
		goto out;
	text = malloc((size_t)status.st_size + 1);
	if (text == NULL)
		goto out;
	got = fread(text, 1, (size_t)status.st_size, f);
	text[got] = '\0';
	if (length != NULL)
		*length = got;
out:
	fclose(f);
	return text;
}

char *
line_take(char **rest)
{
	char *line = *rest;
	char *end;

	if (line == NULL || *line == '\0')
		return NULL;
	end = strchrnul(line, '\n');
	*rest = *end == '\n' ? end + 1 : end;
	*end = '\0';
	return line;
}

enum err
file_write(const char *path, const char *text, size_t length)
{
	char fresh[PATH_SIZE];
	ssize_t written;
	enum err e;
	int fd;

	e = path_make(fresh, "%s.new", path);
	if (e != OK)
		return e;
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		goto failed;
	written = write(fd, text, length);
	if (close(fd) != 0 || written < 0 || (size_t)written != length)
		goto failed;
	if (rename(fresh, path) == 0)
		return OK;
failed:
	complain("can't write %s: %s", path, strerror(errno));
	return ERR_INTERNAL;
}

enum err
program_find(const char *name, char out[static PATH_SIZE])
{
	static const char last[] = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/"
	    "bin:/usr/bin:/bin";
	const char *lists[] = {getenv("PATH"), last};
	const char *list, *end;
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		for (list = lists[i]; list != NULL && *list != '\0';
		    list = *end == ':' ? end + 1 : NULL) {
			end = strchrnul(list, ':');
			/* Relative folders of PATH are no place for servers. */
			if (*list != '/')
				continue;
			if (path_make(out, "%.*s/%s", (int)(end - list), list,
			    name) == OK && access(out, X_OK) == 0)
				return OK;
		}
	}
	complain("%s is not installed; `make run` installs what is missing",
	    name);
	return ERR_NOT_FOUND;
}
