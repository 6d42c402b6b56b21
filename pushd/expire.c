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
#include "pushd/revoke.h"
#include "pushd/tail.h"

#include <inttypes.h>

#define LOOK_MS 60000
#define MORE_MS 200		/* between batches, for others to get their turn */
#define BATCH 1000
#define TOKENS_MS 2000
#define AWAY_MS (10 * 60 * 1000)	/* how long a pushd may have been away */
#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

static struct {
	const struct config *config;
	struct timer timer;
	struct timer tokens;
	int64_t tokens_until_ms;	/* those up to then are taken care of */
	uint64_t users[BATCH];
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
close_streams(size_t users)
{
	for (size_t i = 0; i < users; i++)
		revoke_user(expiry.users[i]);
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
		e = sessions_expire(expiry.config, expiry.users, BATCH,
		    &deleted);
	if (e == OK)
		close_streams(deleted);
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

/* More than a batch at once: the rest stay open until they reconnect. */
static void
look_at_tokens(void *unused)
{
	int64_t now_ms = clock_now_ms();
	size_t count;
	enum err e;

	(void)unused;
	timer_set(&expiry.tokens, TOKENS_MS);
	if (!database_ready())
		return;
	e = tokens_expired(expiry.tokens_until_ms, now_ms, expiry.users,
	    BATCH, &count);
	if (e != OK)
		return;
	expiry.tokens_until_ms = now_ms;
	close_streams(count);
}

void
expire_start(const struct config *config)
{
	expiry.config = config;
	expiry.timer.call = expire_batch;
	timer_set(&expiry.timer, LOOK_MS);
	expiry.tokens.call = look_at_tokens;
	expiry.tokens_until_ms = clock_now_ms() - AWAY_MS;
	timer_set(&expiry.tokens, 0);
}

void
expire_end(void)
{
	timer_stop(&expiry.timer);
	timer_stop(&expiry.tokens);
}
