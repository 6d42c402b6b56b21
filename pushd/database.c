#include "pushd/database.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/db.h"
#include "base/log.h"
#include "model/conversations.h"
#include "model/events.h"
#include "model/links.h"
#include "model/messages.h"
#include "model/sessions.h"
#include "model/site.h"
#include "model/tokens.h"
#include "model/users.h"
#include "pushd/beat.h"
#include "pushd/nginx.h"
#include "pushd/picture.h"
#include "pushd/presence.h"
#include "pushd/tail.h"
#include "pushd/wait.h"

#define AGAIN_MS 1000

/* clang-format off */
/* Both in MariaDB and in MySQL. */
static struct stmt settle = {.sql =
	"INSERT INTO push_state (name, value) VALUES ('settled', 1)"
	" ON DUPLICATE KEY UPDATE value = value + 1"};
/* clang-format on */

static struct stmt *const settle_sql[] = {&settle, NULL};

static struct stmt *const *const statements[] = {events_sql,
	conversations_sql, links_sql, messages_sql, users_sql, site_sql,
	sessions_sql, tokens_sql, picture_sql, beat_sql, presence_sql,
	settle_sql, tail_sql, wait_sql, NULL};

static struct {
	const struct config *config;
	bool open;
	bool up;
	int64_t next_try_ms;
} database;

/* A database without an epoch is in the hands of a restore. */
static enum err
check_epoch(void)
{
	static char known[EPOCH_SIZE];
	const char *epoch = site_epoch();

	if (epoch[0] == '\0')
		return ERR_UNAVAILABLE;
	if (known[0] == '\0')
		snprintf(known, sizeof(known), "%s", epoch);
	if (strcmp(known, epoch) == 0)
		return OK;
	log_warn("database: another epoch; begin anew");
	nginx_kill(database.config->var);
	_exit(EXIT_SUCCESS);
}

static enum err
try(void)
{
	int64_t start = clock_monotonic_ms();
	int64_t took;
	enum err e;

	if (database.open)
		e = db_ready();
	else
		e = db_open(database.config, statements);
	if (e == OK) {
		database.open = true;
		e = check_epoch();
	}
	if (e == OK) {
		if (!database.up)
			log_info("database: connected");
		database.up = true;
		return OK;
	}
	/* A server that hangs must not take the loop's time as well. */
	took = clock_monotonic_ms() - start;
	database.next_try_ms = start + AGAIN_MS + 10 * took;
	database.up = false;
	return e;
}

enum err
database_start(const struct config *config)
{
	database.config = config;
	return try();
}

bool
database_ready(void)
{
	enum err e;

	if (clock_monotonic_ms() < database.next_try_ms)
		return false;
	e = try();
	return e == OK;
}

enum err
database_settle(void)
{
	enum err e = db_exec(&settle);

	return e == OK ? OK : ERR_UNAVAILABLE;
}
