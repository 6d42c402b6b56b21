#include "cli/render.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/files.h"

#define WORD_SIZE 24
#define VALUE_SIZE (2 * PATH_SIZE)
#define WORDS_MAX 24
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ_"

#define FILES_MAX 16384
/* More than there can be; nginx takes no larger number. */
#define NO_BOUND 65535u
#define QUEUE_SHARE 4
#define LISTENS_SHARE 5
/* A sign-in costs half a second: who is eighth waits four. */
#define QUEUE_PER_WORKER 8

struct word {
	char name[WORD_SIZE];
	char value[VALUE_SIZE];
};

struct words {
	struct word items[WORDS_MAX];
	size_t count;
};

static void put(struct words *w, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void
put(struct words *w, const char *name, const char *format, ...)
{
	struct word *word = &w->items[w->count++];
	va_list list;

	snprintf(word->name, sizeof(word->name), "%s", name);
	va_start(list, format);
	vsnprintf(word->value, sizeof(word->value), format, list);
	va_end(list);
}

static void
escape_pattern(const char *s, char out[static VALUE_SIZE])
{
	size_t n = 0;

	for (; *s != '\0' && n + 3 < VALUE_SIZE; s++) {
		if (strchr("\\.+*?[^]$(){}|", *s) != NULL)
			out[n++] = '\\';
		out[n++] = *s;
	}
	out[n] = '\0';
}

static enum err
put_hash(struct words *w, const struct instance *in)
{
	char path[PATH_SIZE], *text;

	if (path_make(path, "%s/htdocs/vendor/csp-hash.txt", in->share) != OK)
		return ERR_BAD_INPUT;
	text = file_read(path, NULL);
	if (text == NULL) {
		complain("the page's libraries are missing: make vendor");
		return ERR_NOT_FOUND;
	}
	text[strcspn(text, " \t\r\n'\"")] = '\0';
	put(w, "CSP_HASH", "%s", text);
	free(text);
	return OK;
}

/* What one address may have. */
static void
put_address(struct words *w, const struct config *c)
{
	uint32_t all = c->limit_connections, asks;

	if (all == 0 || all > NO_BOUND)
		all = NO_BOUND;
	asks = all == NO_BOUND ? NO_BOUND : c->queue / QUEUE_SHARE + 1;
	put(w, "ADDRESS_CONNECTIONS", "%u", all);
	put(w, "ADDRESS_ASKS", "%u", asks);
	put(w, "ADDRESS_LISTENS", "%u", all / LISTENS_SHARE + 1);
}

static enum err
collect(struct words *w, const struct instance *in)
{
	const struct config *c = &in->config;
	char pattern[VALUE_SIZE];
	struct rlimit files = {.rlim_max = FILES_MAX};
	rlim_t count;

	getrlimit(RLIMIT_NOFILE, &files);
	count = files.rlim_max < FILES_MAX ? files.rlim_max : FILES_MAX;
	escape_pattern(c->path, pattern);
	put(w, "VAR", "%s", c->var);
	put(w, "ROOT", "%s", in->share);
	put(w, "USER", "%s", geteuid() == 0 ? "user root;" : "");
	put(w, "LISTEN", "%s", c->listen);
	put(w, "PATH", "%s", c->path);
	put(w, "BARE_PATH", "%.*s", (int)strlen(c->path) - 1, c->path);
	put(w, "PATH_PATTERN", "%s", pattern);
	put(w, "SUBPATH", "%s", strcmp(c->path, "/") == 0 ? "#" : "");
	put(w, "ORIGIN", "%s", c->origin);
	put(w, "QUEUE", "%u", c->queue);
	put(w, "AUTH_QUEUE", "%u", c->auth_workers * QUEUE_PER_WORKER);
	put_address(w, c);
	put(w, "FILES", "%llu", (unsigned long long)count);
	put(w, "CONNECTIONS", "%llu", (unsigned long long)count / 16 * 11);
	put(w, "STREAMS", "%llu", (unsigned long long)count / 32 * 11);
	return put_hash(w, in);
}

/* The value of the word at s, which stands after an at sign. */
static const char *
value_at(const struct words *w, const char *s, size_t *length)
{
	size_t i;

	*length = strspn(s, UPPER);
	if (*length == 0 || s[*length] != '@')
		return NULL;
	for (i = 0; i < w->count; i++) {
		if (strlen(w->items[i].name) == *length &&
		    strncmp(w->items[i].name, s, *length) == 0)
			return w->items[i].value;
	}
	return NULL;
}

static enum err
render_file(const struct instance *in, const struct words *w,
    const char *folder, const char *name)
{
	char from[PATH_SIZE], to[PATH_SIZE];
	char *source, *text = NULL;
	const char *s, *value;
	size_t size = 0, length;
	enum err e;
	FILE *out;

	if (path_make(from, "%s/nginx/%s", in->share, name) != OK ||
	    path_make(to, "%s/%s/%s", in->config.var, folder, name) != OK)
		return ERR_BAD_INPUT;
	source = file_read(from, NULL);
	if (source == NULL) {
		complain("can't read %s: %s", from, strerror(errno));
		return ERR_NOT_FOUND;
	}
	out = open_memstream(&text, &size);
	if (out == NULL) {
		free(source);
		return ERR_INTERNAL;
	}
	for (s = source; *s != '\0'; s++) {
		value = *s == '@' ? value_at(w, s + 1, &length) : NULL;
		if (value == NULL) {
			putc(*s, out);
			continue;
		}
		fputs(value, out);
		s += length + 1;
	}
	e = ERR_INTERNAL;
	if (fclose(out) == 0)
		e = file_write(to, text, size);
	free(text);
	free(source);
	return e;
}

enum err
render_conf(const struct instance *in, const char *folder)
{
	char path[PATH_SIZE], name[PATH_SIZE];
	struct words w = {.count = 0};
	struct dirent *entry;
	size_t length;
	enum err e;
	DIR *parts;

	e = collect(&w, in);
	if (e == OK)
		e = path_make(path, "%s/%s/parts", in->config.var, folder);
	if (e == OK)
		e = folder_make(path);
	if (e == OK)
		e = render_file(in, &w, folder, "nginx.conf");
	if (e == OK)
		e = render_file(in, &w, folder, "push.conf");
	if (e != OK)
		return e;
	if (path_make(path, "%s/nginx/parts", in->share) != OK)
		return ERR_BAD_INPUT;
	parts = opendir(path);
	if (parts == NULL) {
		complain("can't read %s: %s", path, strerror(errno));
		return ERR_NOT_FOUND;
	}
	while (e == OK) {
		entry = readdir(parts);
		if (entry == NULL)
			break;
		length = strlen(entry->d_name);
		if (length < 6 ||
		    strcmp(entry->d_name + length - 5, ".conf") != 0)
			continue;
		e = path_make(name, "parts/%s", entry->d_name);
		if (e == OK)
			e = render_file(in, &w, folder, name);
	}
	closedir(parts);
	return e;
}
