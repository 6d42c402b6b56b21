#include "model/site.h"

#include <stdio.h>

#include "base/arena.h"

static struct stmt epoch_of = {.sql =
	"SELECT value FROM site WHERE name = 'epoch'"};

static struct stmt version_of = {.sql =
	"SELECT COALESCE(MAX(version), 0) FROM schema_versions"};

struct stmt *const site_sql[] = {&epoch_of, &version_of, NULL};

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
site_check(uint64_t *version)
{
	enum err e;

	*version = 0;
	e = db_query(&version_of);
	if (e != OK)
		return e;
	if (db_next(&version_of))
		*version = db_u64(&version_of, 0);
	db_done(&version_of);
	return OK;
}
