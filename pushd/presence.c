#include "pushd/presence.h"

#include "base/err.h"
#include "pushd/database.h"
#include "pushd/loop.h"
#include "pushd/outbox.h"
#include "pushd/recipients.h"
#include "pushd/registry.h"

#include <inttypes.h>
#include <uthash.h>

#define GATHER_MS 200
#define AT_ONCE 20	/* people announced per period */

/* clang-format off */
static struct stmt sharers = {.sql =
	"SELECT DISTINCT other.user_id FROM members me"
	" JOIN conversations c ON c.id = me.conversation_id"
	" AND c.deleted_at_ms IS NULL"
	" JOIN members other ON other.conversation_id = me.conversation_id"
	" WHERE me.user_id = ? AND other.user_id <> me.user_id"
	" ORDER BY other.user_id"};
/* clang-format on */

struct stmt *const presence_sql[] = {&sharers, NULL};

struct change {
	uint64_t user_id;
	UT_hash_handle hh;
};

static struct change *changes;
static void announce_some(void *unused);
static struct timer gather = {.call = announce_some};

static enum err
announce(uint64_t user_id)
{
	char text[96];
	int length;
	enum err e;

	if (!database_ready())
		return ERR_UNAVAILABLE;
	e = db_query(&sharers, U64(user_id));
	if (e != OK)
		return e;
	recipients_start();
	while (db_next(&sharers))
		recipients_add_all(db_u64(&sharers, 0));
	db_done(&sharers);
	length = snprintf(text, sizeof(text), "{\"type\":\"presence\","
	    "\"user_id\":%" PRIu64 ",\"state\":\"%s\"}", user_id,
	    registry_present(user_id) ? "online" : "offline");
	outbox_ephemeral(recipients_list(), recipients_count(), text,
	    (size_t)length);
	return OK;
}

static void
announce_some(void *unused)
{
	struct change *change, *next;
	size_t left = AT_ONCE;

	(void)unused;
	HASH_ITER(hh, changes, change, next) {
		if (left-- == 0)
			break;
		if (announce(change->user_id) == ERR_UNAVAILABLE)
			break;		/* it is told when the database is back */
		HASH_DELETE(hh, changes, change);
		free(change);
	}
	if (changes != NULL)
		timer_set(&gather, GATHER_MS);
}

void
presence_changed(uint64_t user_id)
{
	struct change *change;

	HASH_FIND(hh, changes, &user_id, sizeof(user_id), change);
	if (change != NULL)
		return;
	change = calloc(1, sizeof(*change));
	if (change == NULL)
		abort();
	change->user_id = user_id;
	HASH_ADD(hh, changes, user_id, sizeof(user_id), change);
	if (!timer_is_set(&gather))
		timer_set(&gather, GATHER_MS);
}

void
presence_end(void)
{
	struct change *change, *next;

	timer_stop(&gather);
	HASH_ITER(hh, changes, change, next) {
		HASH_DELETE(hh, changes, change);
		free(change);
	}
}
