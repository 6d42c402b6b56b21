#include "cli/manifest.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/json.h"
#include "cli/archive.h"
#include "cli/files.h"

#define FORMAT 1
#define ARENA_BYTES (1024u * 1024)

void
manifest_count(struct manifest *m, const char *table, uint64_t rows)
{
	size_t i;

	for (i = 0; i < m->count; i++) {
		if (strcmp(m->tables[i].name, table) == 0)
			break;
	}
	if (i == MANIFEST_TABLES_MAX)
		return;
	if (i == m->count)
		snprintf(m->tables[m->count++].name, sizeof(m->tables[i].name),
		    "%s", table);
	m->tables[i].rows += rows;
}

const char *
manifest_text(struct arena *arena, const struct manifest *m)
{
	struct json j;
	size_t i;

	json_start(&j, arena, ARENA_BYTES / 2);
	json_object(&j, NULL);
	json_u64(&j, "format", FORMAT);
	json_time(&j, "made_at", m->made_at_ms);
	json_u64(&j, "schema", m->schema);
	json_text(&j, "epoch", m->epoch);
	json_text(&j, "data", m->data);
	json_object(&j, "rows");
	for (i = 0; i < m->count; i++)
		json_u64(&j, m->tables[i].name, m->tables[i].rows);
	json_end_object(&j);
	json_end_object(&j);
	return arena_printf(arena, "%s\n", json_text_of(&j));
}

static bool
read_u64(const struct json_value *object, const char *key, uint64_t *value)
{
	int64_t number = 0;
	bool found = json_integer(json_get(object, key), &number) &&
	    number >= 0;

	*value = (uint64_t)number;
	return found;
}

static bool
read_text(const struct json_value *object, const char *key, char *out,
    size_t size)
{
	const char *text = json_string(json_get(object, key));

	if (text == NULL || strlen(text) >= size)
		return false;
	memcpy(out, text, strlen(text) + 1);
	return true;
}

static void
read_rows(const char *table, const struct json_value *value, void *argument)
{
	int64_t rows = 0;

	if (json_integer(value, &rows) && rows >= 0)
		manifest_count(argument, table, (uint64_t)rows);
}

static enum err
parse(struct arena *arena, const struct member *member, struct manifest *m)
{
	const struct json_value *all;
	uint64_t format = 0;
	char made_at[64];

	if (json_parse(arena, member->bytes, member->length, &all) != OK ||
	    !read_u64(all, "format", &format)) {
		complain("not a backup of Natter");
		return ERR_BAD_INPUT;
	}
	if (format != FORMAT) {
		complain("a backup of format %llu; this program knows %d",
		    (unsigned long long)format, FORMAT);
		return ERR_BAD_INPUT;
	}
	json_keys(json_get(all, "rows"), read_rows, m);
	if (read_text(all, "made_at", made_at, sizeof(made_at)) &&
	    clock_parse(made_at, &m->made_at_ms) &&
	    read_u64(all, "schema", &m->schema) &&
	    read_text(all, "epoch", m->epoch, sizeof(m->epoch)) &&
	    read_text(all, "data", m->data, sizeof(m->data)))
		return OK;
	complain("its manifest is not complete");
	return ERR_BAD_INPUT;
}

struct checking {
	struct arena *arena;
	struct manifest *m;
	struct digest *data;
	bool done;		/* the manifest was there */
};

static enum err
check_member(void *argument, const struct member *member)
{
	struct checking *c = argument;

	if (strcmp(member->name, MANIFEST_NAME) == 0 && !c->done) {
		c->done = true;
		return parse(c->arena, member, c->m);
	}
	if (strncmp(member->name, MANIFEST_DATA, strlen(MANIFEST_DATA)) == 0)
		digest_add(c->data, member->bytes, member->length);
	return OK;
}

enum err
manifest_check(FILE *in, struct manifest *m)
{
	struct checking c = {.m = m};
	char data[DIGEST_TEXT_SIZE];
	enum err e;

	memset(m, 0, sizeof(*m));
	c.arena = arena_new(ARENA_BYTES);
	c.data = digest_start();
	e = archive_read(in, check_member, &c);
	digest_end(c.data, data);
	arena_free(c.arena);
	if (e != OK || (c.done && strcmp(data, m->data) == 0))
		return e;
	complain("its manifest is about something else");
	return ERR_BAD_INPUT;
}

enum err
manifest_fits(const struct manifest *m, uint64_t schema)
{
	if (m->schema <= schema)
		return OK;
	complain("a backup with schema %llu, newer than this program's %llu",
	    (unsigned long long)m->schema, (unsigned long long)schema);
	return ERR_CONFLICT;
}

static uint64_t
rows_of(const struct manifest *m, const char *table)
{
	size_t i;

	for (i = 0; i < m->count; i++) {
		if (strcmp(m->tables[i].name, table) == 0)
			return m->tables[i].rows;
	}
	return 0;
}

void
manifest_print(FILE *out, const struct manifest *m)
{
	char made_at[CLOCK_TEXT_SIZE];

	clock_format(m->made_at_ms, made_at);
	fprintf(out, "whole: %s, schema %llu, epoch %s, %llu users, %llu"
	    " conversations, %llu messages, %llu events\n", made_at,
	    (unsigned long long)m->schema, m->epoch,
	    (unsigned long long)rows_of(m, "users"),
	    (unsigned long long)rows_of(m, "conversations"),
	    (unsigned long long)rows_of(m, "messages"),
	    (unsigned long long)rows_of(m, "events"));
}
