#include "pushd/expire.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/err.h"
#include "base/log.h"
#include "model/events.h"
#include "pushd/database.h"
#include "pushd/loop.h"
#include "pushd/tail.h"

#include <inttypes.h>

#define LOOK_MS 60000
#define MORE_MS 200		/* between batches, for others to get their turn */
#define BATCH 1000
#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

static struct {
	uint32_t keep_days;
	struct timer timer;
} expiry;

static void
expire_batch(void *unused)
{
	int64_t before_ms = clock_now_ms() - expiry.keep_days * DAY_MS;
	uint64_t deleted = 0;

	(void)unused;
	if (database_ready())
		events_expire(before_ms, tail_watermark(), BATCH, &deleted);
	if (deleted > 0)
		log_info("expire: dropped %" PRIu64 " events", deleted);
	timer_set(&expiry.timer, deleted == BATCH ? MORE_MS : LOOK_MS);
}

void
expire_start(const struct config *config)
{
	expiry.keep_days = config->events_keep_days;
	expiry.timer.call = expire_batch;
	timer_set(&expiry.timer, LOOK_MS);
}

void
expire_end(void)
{
	timer_stop(&expiry.timer);
}
