#include "pushd/expire.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/err.h"
#include "base/log.h"
#include "model/events.h"
#include "model/links.h"
#include "model/sessions.h"
#include "model/tokens.h"
#include "pushd/database.h"
#include "pushd/loop.h"
#include "pushd/registry.h"
#include "pushd/revoke.h"
#include "pushd/tail.h"

#include <inttypes.h>

#define LOOK_MS 60000
#define MORE_MS 200		/* between batches, for others to get their turn */
#define BATCH 1000
#define TOKENS_MS 2000
#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

static struct {
	const struct config *config;
	struct timer timer;
	struct timer tokens;
	int64_t tokens_until_ms;	/* those up to then are taken care of */
} expiry;

/* Whether something may be left. */
static bool
dropped(const char *what, enum err e, uint64_t deleted)
{
	if (e == OK && deleted > 0)
		log_info("expire: dropped %" PRIu64 " %s", deleted, what);
	return e == OK && deleted == BATCH;
}

static void
close_streams(uint64_t user_id)
{
	if (registry_knows(user_id))
		revoke_user(user_id);
}

static bool
expire_some(void)
{
	int64_t before_ms = clock_now_ms() -
	    expiry.config->events_keep_days * DAY_MS;
	uint64_t deleted = 0;
	bool more;
	enum err e;

	e = events_expire(before_ms, tail_watermark(), BATCH, &deleted);
	more = dropped("events", e, deleted);
	if (e == OK)
		e = sessions_expire(expiry.config, close_streams, BATCH,
		    &deleted);
	more = dropped("sessions", e, deleted) || more;
	if (e == OK)
		e = links_expire(BATCH, &deleted);
	return dropped("links", e, deleted) || more;
}

static void
expire_batch(void *unused)
{
	bool more = database_ready() && expire_some();

	(void)unused;
	timer_set(&expiry.timer, more ? MORE_MS : LOOK_MS);
}

/* At first all that have ever expired: nobody knows since when no pushd looked. */
static void
look_at_tokens(void *unused)
{
	int64_t now_ms = clock_now_ms();

	(void)unused;
	timer_set(&expiry.tokens, TOKENS_MS);
	if (database_ready() && tokens_expired(expiry.tokens_until_ms, now_ms,
	    close_streams) == OK)
		expiry.tokens_until_ms = now_ms;
}

void
expire_start(const struct config *config)
{
	expiry.config = config;
	expiry.timer.call = expire_batch;
	timer_set(&expiry.timer, LOOK_MS);
	expiry.tokens.call = look_at_tokens;
	timer_set(&expiry.tokens, 0);
}

void
expire_end(void)
{
	timer_stop(&expiry.timer);
	timer_stop(&expiry.tokens);
}
