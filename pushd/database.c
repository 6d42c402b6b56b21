#include "pushd/database.h"

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
	settle_sql, tail_sql, NULL};

static const struct config *config;
static char known[EPOCH_SIZE];

/* A database without an epoch is in the hands of a restore. */
static enum err
check_epoch(void)
{
	const char *epoch = site_epoch();

	if (epoch[0] == '\0')
		return ERR_UNAVAILABLE;
	if (known[0] == '\0')
		snprintf(known, sizeof(known), "%s", epoch);
	if (strcmp(known, epoch) == 0)
		return OK;
	log_warn("database: another epoch; begin anew");
	nginx_kill(config->var);
	_exit(EXIT_SUCCESS);
}

enum err
database_start(const struct config *c)
{
	enum err e;

	config = c;
	e = db_open(config, statements);
	return e == OK ? check_epoch() : e;
}

bool
database_ready(void)
{
	enum err e = db_ready();

	return e == OK && check_epoch() == OK;
}

const char *
database_epoch(void)
{
	return known;
}

enum err
database_settle(void)
{
	enum err e = db_exec(&settle);

	return e == OK ? OK : ERR_UNAVAILABLE;
}
