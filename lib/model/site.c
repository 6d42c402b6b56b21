#include "model/site.h"

#include <stdio.h>

#include "base/arena.h"

static struct stmt epoch_of = {.sql =
	"SELECT value FROM site WHERE name = 'epoch'"};

/* A number or a word, as the server has it. */
static struct stmt state_of = {.sql =
	"SELECT COALESCE(MAX(version), 0),"
	" CAST(@@GLOBAL.read_only AS CHAR) IN ('0', 'OFF')"
	" FROM schema_versions"};

struct stmt *const site_sql[] = {&epoch_of, &state_of, NULL};

const char *
site_epoch(void)
{
	static char epoch[EPOCH_SIZE];
	static uint64_t connection;
	enum err e;

	if (epoch[0] != '\0' && connection == db_connection())
		return epoch;
	epoch[0] = '\0';
	e = db_query(&epoch_of);
	connection = db_connection();
	if (e != OK)
		return epoch;
	if (db_next(&epoch_of))
		epoch[db_bytes(&epoch_of, 0, epoch, sizeof(epoch) - 1)] = '\0';
	db_done(&epoch_of);
	return epoch;
}

enum err
site_check(uint64_t *version, bool *writable)
{
	enum err e;

	*version = 0;
	e = db_query(&state_of);
	if (e != OK)
		return e;
	if (db_next(&state_of)) {
		*version = db_u64(&state_of, 0);
		if (writable != NULL)
			*writable = db_u64(&state_of, 1) != 0;
	}
	db_done(&state_of);
	return OK;
}
