#include "cli/migrations.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/files.h"

#define NUMBER_DIGITS 4
#define WORD "abcdefghijklmnopqrstuvwxyz0123456789_"
#define SUFFIX ".sql"

static int
is_migration(const struct dirent *entry)
{
	const char *name = entry->d_name;
	size_t digits = strspn(name, "0123456789");
	size_t word;

	if (digits != NUMBER_DIGITS || name[digits] != '_')
		return 0;
	word = digits + strspn(name + digits, WORD);
	return word < MIGRATION_NAME_SIZE && strcmp(name + word, SUFFIX) == 0;
}

/* Each and the array are freed by free_files(). */
static int
list_files(const struct instance *in, struct dirent ***files)
{
	char folder[PATH_SIZE];
	int count;

	*files = NULL;
	if (path_make(folder, "%s/sql/migrations", in->share) != OK)
		return 0;
	count = scandir(folder, files, is_migration, alphasort);
	return count < 0 ? 0 : count;
}

static void
free_files(struct dirent **files, int count)
{
	int i;

	for (i = 0; i < count; i++)
		free(files[i]);
	free(files);
}

static uint64_t
version_of(const struct dirent *file)
{
	return strtoull(file->d_name, NULL, 10);
}

uint64_t
migrations_last(const struct instance *in)
{
	struct dirent **files;
	uint64_t last = 0;
	int count;

	count = list_files(in, &files);
	if (count > 0)
		last = version_of(files[count - 1]);
	free_files(files, count);
	return last;
}

static enum err
read_one(const struct instance *in, const struct dirent *file,
    struct migration *m)
{
	char path[PATH_SIZE];

	m->version = version_of(file);
	snprintf(m->name, sizeof(m->name), "%.*s",
	    (int)(strlen(file->d_name) - strlen(SUFFIX)), file->d_name);
	if (path_make(path, "%s/sql/migrations/%s", in->share, file->d_name)
	    != OK)
		return ERR_BAD_INPUT;
	m->sql = file_read(path, &m->length);
	if (m->sql == NULL) {
		complain("can't read %s", path);
		return ERR_NOT_FOUND;
	}
	token_hash(m->sql, m->length, m->checksum);
	return OK;
}

enum err
migrations_read(const struct instance *in, struct migrations *m)
{
	struct dirent **files;
	enum err e = OK;
	int i, count;

	*m = (struct migrations){.items = NULL};
	count = list_files(in, &files);
	if (count > 0)
		m->items = calloc((size_t)count, sizeof(*m->items));
	for (i = 0; i < count && e == OK; i++) {
		e = m->items == NULL ? ERR_INTERNAL :
		    read_one(in, files[i], &m->items[m->count++]);
	}
	free_files(files, count);
	return e;
}

void
migrations_free(struct migrations *m)
{
	while (m->count > 0)
		free(m->items[--m->count].sql);
	free(m->items);
	m->items = NULL;
}

void
migrations_until(struct migrations *m, uint64_t version)
{
	while (m->count > 0 && m->items[m->count - 1].version > version)
		free(m->items[--m->count].sql);
}

bool
migrations_make(const struct migrations *m, const char *kind,
    const char *name)
{
	char phrase[160];
	size_t i;

	snprintf(phrase, sizeof(phrase), "CREATE %s %s", kind, name);
	for (i = 0; i < m->count; i++) {
		const char *at = strstr(m->items[i].sql, phrase);

		for (; at != NULL; at = strstr(at + 1, phrase)) {
			if (strchr(WORD, at[strlen(phrase)]) == NULL)
				return true;
		}
	}
	return false;
}
