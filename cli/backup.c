/*
 * natter backup: all of the database as it is at one moment, in one file.
 *
 * People go on writing meanwhile: it is a read of a snapshot.  It is done here
 * and not by mariadb-dump, because so the manifest is of the same snapshot, no
 * password leaves this process, the container of the workers needs no client,
 * and the same rows are the same bytes, whichever server they come from.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "cli/alone.h"
#include "cli/archive.h"
#include "cli/commands.h"
#include "cli/manifest.h"
#include "cli/migrate.h"
#include "cli/schema.h"
#include "cli/tables.h"
#include "model/site.h"

#define ARENA_BYTES (1024u * 1024)

struct backup {
	struct archive archive;
	struct manifest manifest;
	struct digest *data;
	unsigned parts;
};

static enum err
take_rows(void *argument, const struct db_table *table, uint64_t rows,
    const char *sql, size_t length)
{
	struct backup *b = argument;
	char name[MEMBER_NAME_SIZE];
	enum err e;

	e = alone_turn();
	if (e != OK)
		return e;
	manifest_count(&b->manifest, table->name, rows);
	digest_add(b->data, sql, length);
	snprintf(name, sizeof(name), MANIFEST_DATA "%06u_%.65s.sql",
	    ++b->parts, table->name);
	return archive_add(&b->archive, name, sql, length);
}

static enum err
write_schema(struct backup *b, const struct migrations *files)
{
	char name[MEMBER_NAME_SIZE + 16];
	enum err e = OK;
	size_t i;

	for (i = 0; i < files->count && e == OK; i++) {
		snprintf(name, sizeof(name), MANIFEST_SCHEMA "%s.sql",
		    files->items[i].name);
		e = archive_add(&b->archive, name, files->items[i].sql,
		    files->items[i].length);
	}
	return e;
}

static enum err
write_manifest(struct backup *b)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	const char *text;
	enum err e;

	text = manifest_text(arena, &b->manifest);
	e = archive_add(&b->archive, MANIFEST_NAME, text, strlen(text));
	arena_free(arena);
	return e;
}

static enum err
write_members(struct backup *b, const struct migrations *files)
{
	enum err e;

	e = write_schema(b, files);
	b->data = digest_start();
	if (e == OK)
		e = tables_dump(files, take_rows, b);
	digest_end(b->data, b->manifest.data);
	return e == OK ? write_manifest(b) : e;
}

static enum err
write_archive(struct backup *b, const struct migrations *files, FILE *out)
{
	enum err e, ended;

	b->manifest.made_at_ms = clock_now_ms();
	archive_begin(&b->archive, out, b->manifest.made_at_ms);
	e = write_members(b, files);
	ended = archive_end(&b->archive);
	return e != OK ? e : ended;
}

/* Old names may hold what others may read, or lead elsewhere. */
static FILE *
create(const char *path)
{
	FILE *out = NULL;
	int fd;

	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		out = fdopen(fd, "w");
	if (out == NULL)
		complain("can't write %s: %s", path, strerror(errno));
	return out;
}

/* The name is on the disk as well. */
static bool
sync_folder(const char *path)
{
	char copy[PATH_SIZE];
	bool done;
	int fd;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	done = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return done;
}

/* Whole under its name, or not there. */
static enum err
write_file(struct backup *b, const struct migrations *files, const char *path)
{
	char fresh[PATH_SIZE];
	bool kept;
	FILE *out;
	enum err e;

	e = path_make(fresh, "%s.new", path);
	if (e != OK)
		return e;
	out = create(fresh);
	if (out == NULL)
		return ERR_INTERNAL;
	e = write_archive(b, files, out);
	kept = fsync(fileno(out)) == 0;
	kept = fclose(out) == 0 && kept;
	if (e == OK && kept && rename(fresh, path) == 0 && sync_folder(path))
		return OK;
	if (e == OK)
		complain("can't write %s: %s", path, strerror(errno));
	unlink(fresh);
	return e == OK ? ERR_INTERNAL : e;
}

/* A pipe, a device or a link would be gone, with a file in its place. */
static bool
may_replace(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0 || S_ISREG(st.st_mode))
		return true;
	complain("%s is there and is no plain file; give another name, or - to"
	    " write to standard output", path);
	return false;
}

static enum err
back_up(const struct instance *in, const char *path, struct backup *b)
{
	enum schema_state state;
	struct migrations files;
	enum err e;

	e = migrations_read(in, &files);
	if (e == OK)
		e = schema_open(in, &state);
	if (e == OK)
		e = schema_refuse(in, state);
	if (e == OK)
		e = migrate_seen(&files, &b->manifest.schema);
	if (e == OK)
		e = schema_prepare(site_sql);
	if (e == OK)
		snprintf(b->manifest.epoch, sizeof(b->manifest.epoch), "%s",
		    site_epoch());
	if (e == OK)
		e = strcmp(path, "-") == 0 ? write_archive(b, &files, stdout) :
		    write_file(b, &files, path);
	migrations_free(&files);
	return e;
}

int
backup(struct instance *in, const struct arguments *a)
{
	struct backup b = {.parts = 0};
	bool piped = strcmp(a->name, "-") == 0;
	enum err e;

	if (piped && isatty(STDOUT_FILENO)) {
		complain("a backup is no text for a terminal; send it on");
		return 1;
	}
	if (!piped && !may_replace(a->name))
		return 1;
	e = alone_if_needed(in);
	if (e == OK)
		e = back_up(in, a->name, &b);
	db_close();
	alone_end(in);
	if (e == ERR_UNAVAILABLE)
		return failed(e, "backup");
	if (e == OK)
		manifest_print(piped ? stderr : stdout, &b.manifest);
	return e == OK ? 0 : 1;
}
