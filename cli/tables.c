#include "cli/tables.h"

#include <string.h>

#include "base/arena.h"
#include "cli/files.h"
#include "cli/manifest.h"
#include "cli/schema.h"

#define ARENA_BYTES (1024u * 1024)

static struct stmt described = {.sql =
	"SELECT t.table_name,"
	" (SELECT GROUP_CONCAT(CONCAT('`', c.column_name, '`')"
	" ORDER BY c.ordinal_position SEPARATOR ', ')"
	" FROM information_schema.columns c"
	" WHERE c.table_schema = DATABASE() AND c.table_name = t.table_name),"
	" (SELECT GROUP_CONCAT(CONCAT('`', s.column_name, '`')"
	" ORDER BY s.seq_in_index SEPARATOR ', ')"
	" FROM information_schema.statistics s"
	" WHERE s.table_schema = DATABASE() AND s.table_name = t.table_name"
	" AND s.index_name = 'PRIMARY')"
	" FROM information_schema.tables t"
	" WHERE t.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'"
	" AND t.table_name NOT IN ('push_state', 'restore_unfinished')"
	" ORDER BY t.table_name"};

static struct stmt *const of_tables[] = {&described, NULL};

static enum err
describe(struct arena *arena, const struct migrations *files,
    struct db_table *tables, size_t *count)
{
	struct db_table t;
	enum err e;

	*count = 0;
	e = db_query(&described);
	if (e != OK)
		return e;
	while (db_next(&described)) {
		t = (struct db_table){
			.name = db_text(&described, 0, arena),
			.columns = db_text(&described, 1, arena),
			.order = db_text(&described, 2, arena)};
		if (files != NULL && !migrations_make(files, "TABLE", t.name))
			continue;
		if (t.order == NULL || *count == MANIFEST_TABLES_MAX) {
			complain("the table %s has no primary key, or is one"
			    " too many", t.name);
			db_done(&described);
			return ERR_INTERNAL;
		}
		if (strcmp(t.name, "site") == 0)
			t.except = "name = 'epoch'";
		tables[(*count)++] = t;
	}
	db_done(&described);
	return OK;
}

enum err
tables_dump(const struct migrations *files, db_take *take, void *argument)
{
	struct arena *arena = arena_new(ARENA_BYTES);
	struct db_table tables[MANIFEST_TABLES_MAX];
	size_t count;
	enum err e;

	e = schema_prepare(of_tables);
	if (e == OK)
		e = describe(arena, files, tables, &count);
	if (e == OK)
		e = db_dump(tables, count, take, argument);
	arena_free(arena);
	return e;
}
