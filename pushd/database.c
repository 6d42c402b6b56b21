#include "pushd/database.h"

#include "base/db.h"
#include "model/conversations.h"
#include "model/events.h"
#include "model/links.h"
#include "model/messages.h"
#include "model/sessions.h"
#include "model/site.h"
#include "model/tokens.h"
#include "model/users.h"
#include "pushd/beat.h"
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

enum err
database_start(const struct config *config)
{
	return db_open(config, statements);
}

bool
database_ready(void)
{
	enum err e = db_ready();

	return e == OK;
}

enum err
database_settle(void)
{
	enum err e = db_exec(&settle);

	return e == OK ? OK : ERR_UNAVAILABLE;
}
