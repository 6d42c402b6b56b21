#include "pushd/tail.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "pushd/database.h"
#include "pushd/gaps.h"
#include "pushd/hold.h"
#include "pushd/loop.h"
#include "pushd/order.h"
#include "pushd/outbox.h"
#include "pushd/registry.h"

#define IDLE_MS 500
#define BUSY_MS 250
#define HURRY_MS 5
#define ROWS 500
#define SAVE_MS 1000
#define GAP_AGE_MS 30000
#define GAPS_FEW 16	/* more are looked into only once in GAPS_EVERY_MS */
#define GAPS_EVERY_MS 1000
#define OLD_MS (10 * 60 * 1000)
#define OLD_ROWS 10000	/* count_after counts one more at most */

/* clang-format off */
static struct stmt rows_between = {.sql =
	"SELECT id, stream = 'c', stream_id, seq FROM events"
	" WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?"};

static struct stmt newest = {.sql =
	"SELECT id FROM events ORDER BY id DESC LIMIT 1"};

static struct stmt next_after = {.sql =
	"SELECT at_ms FROM events WHERE id > ? ORDER BY id LIMIT 1"};

/* Ids may have wide gaps, so rows are counted. */
static struct stmt count_after = {.sql =
	"SELECT COUNT(*) FROM (SELECT id FROM events WHERE id > ?"
	" LIMIT 10001) AS newer"};

static struct stmt saved = {.sql =
	"SELECT value FROM push_state WHERE name = 'watermark'"};

/* Both in MariaDB and in MySQL. */
static struct stmt save = {.sql =
	"REPLACE INTO push_state (name, value) VALUES ('watermark', ?)"};
/* clang-format on */

struct stmt *const tail_sql[] = {&rows_between, &newest, &next_after,
	&count_after, &saved, &save, NULL};

struct row {
	uint64_t id;
	char stream;
	uint64_t stream_id;
	uint64_t seq;
};

static struct {
	bool begun;		/* top is known */
	uint64_t top;		/* every row up to it was met, or is a gap */
	uint64_t seen;		/* rows up to it have waited for their notice */
	uint64_t watermark, saved;
	/* A floor that becomes the watermark once its ticket is done. */
	uint64_t next_mark, next_ticket;
	int64_t saved_ms, gaps_ms;
	struct timer timer;
	struct row rows[ROWS];
} tail;

uint64_t
tail_floor(void)
{
	uint64_t first = gaps_first();

	return first != 0 ? first - 1 : tail.top;
}

uint64_t
tail_watermark(void)
{
	return tail.watermark;
}

size_t
tail_gaps(void)
{
	return gaps_count();
}

/* The one number that a query, which went well, gives. */
static enum err
read_number(enum err e, struct stmt *s, uint64_t *number)
{
	if (e != OK)
		return e;
	if (db_next(s))
		*number = db_u64(s, 0);
	db_done(s);
	return OK;
}

static enum err
begin(void)
{
	uint64_t last = 0, mark = 0, newer = 0, next_at_ms = UINT64_MAX;
	int64_t old_ms = clock_now_ms() - OLD_MS;
	enum err e;

	e = read_number(db_query(&newest), &newest, &last);
	if (e == OK)
		e = read_number(db_query(&saved), &saved, &mark);
	if (e == OK)
		e = read_number(db_query(&count_after, U64(mark)),
		    &count_after, &newer);
	if (e == OK)
		e = read_number(db_query(&next_after, U64(mark)), &next_after,
		    &next_at_ms);
	if (e != OK)
		return e;
	if (newer > OLD_ROWS || next_at_ms < (uint64_t)old_ms) {
		log_info("tail: begins with the present; all streams end");
		registry_close_all();
		mark = last;
	}
	/* Ids that begin anew, or a log that is empty. */
	if (mark > last)
		mark = last;
	tail.top = tail.watermark = tail.saved = mark;
	tail.begun = true;
	return OK;
}

static enum err
read_rows(uint64_t first, uint64_t last, size_t *count)
{
	enum err e = db_query(&rows_between, U64(first), U64(last), U64(ROWS));

	*count = 0;
	if (e != OK)
		return e;
	while (*count < ROWS && db_next(&rows_between))
		tail.rows[(*count)++] = (struct row){
			.id = db_u64(&rows_between, 0),
			.stream = db_u64(&rows_between, 1) != 0 ? 'c' : 'u',
			.stream_id = db_u64(&rows_between, 2),
			.seq = db_u64(&rows_between, 3)
		};
	db_done(&rows_between);
	return OK;
}

static bool
relayed(const struct row *row)
{
	uint64_t last;

	return order_last(row->stream, row->stream_id, &last) &&
	    row->seq <= last;
}

/*
 * A row may be seen before it is on disk, and a crash of the database would
 * give its seq to something else.  Notices come after COMMIT, so what they told
 * of is settled; one write of our own settles all the others.
 *
 * From the last one back, so that each stream is relayed in one go; a row that
 * comes again is known by its seq.
 */
static enum err
take_rows(size_t count)
{
	enum err e = OK;

	while (count > 0 && relayed(&tail.rows[count - 1]))
		count--;
	if (count > 0)
		e = database_settle();
	while (count-- > 0 && e == OK) {
		const struct row *row = &tail.rows[count];

		e = order_reached(row->stream, row->stream_id, row->seq);
	}
	return e;
}

/* What has come to light in one gap; whatever is left of it is kept. */
static enum err
look_into_gap(uint64_t first, uint64_t last)
{
	size_t count;
	enum err e = read_rows(first, last, &count);

	if (e == OK)
		e = take_rows(count);
	for (size_t i = 0; i < count && e == OK; i++)
		gaps_remove(tail.rows[i].id);
	return e;
}

/* Notices are mostly faster than the tail: a row that none told of yet is left
 * for the next look. */
static size_t
count_ripe(size_t count)
{
	size_t ripe = 0;

	while (ripe < count && (tail.rows[ripe].id <= tail.seen ||
	    relayed(&tail.rows[ripe])))
		ripe++;
	if (count > 0)
		tail.seen = tail.rows[count - 1].id;
	return ripe;
}

static enum err
take_new(size_t *count)
{
	enum err e = read_rows(tail.top + 1, INT64_MAX, count);

	*count = count_ripe(*count);
	if (e == OK)
		e = take_rows(*count);
	for (size_t i = 0; i < *count && e == OK; i++) {
		uint64_t id = tail.rows[i].id;

		if (id > tail.top + 1)
			gaps_add(tail.top + 1, id - 1, loop_now());
		tail.top = id;
	}
	return e;
}

/* What is held has no ticket yet; it is a matter of milliseconds. */
static void
move_watermark(void)
{
	if (hold_any())
		return;
	if (tail.next_mark != 0 && outbox_done_ticket() >= tail.next_ticket) {
		tail.watermark = tail.next_mark;
		tail.next_mark = 0;
	}
	if (tail.next_mark == 0 && tail_floor() > tail.watermark) {
		tail.next_mark = tail_floor();
		tail.next_ticket = outbox_last_ticket();
		if (outbox_done_ticket() >= tail.next_ticket) {
			tail.watermark = tail.next_mark;
			tail.next_mark = 0;
		}
	}
}

static void
save_watermark(void)
{
	enum err e;

	if (tail.watermark == tail.saved || !database_ready())
		return;
	e = db_exec(&save, U64(tail.watermark));
	if (e != OK)
		return;
	tail.saved = tail.watermark;
	tail.saved_ms = loop_now();
}

static enum err
look(size_t *count)
{
	enum err e = OK;

	if (!tail.begun)
		e = begin();
	gaps_expire(loop_now() - GAP_AGE_MS);
	if (e == OK && (gaps_count() <= GAPS_FEW ||
	    loop_now() - tail.gaps_ms >= GAPS_EVERY_MS)) {
		tail.gaps_ms = loop_now();
		e = gaps_each(look_into_gap);
	}
	if (e == OK)
		e = take_new(count);
	return e;
}

static void
look_around(void *unused)
{
	size_t count = 0;
	enum err e;

	(void)unused;
	if (!database_ready()) {
		timer_set(&tail.timer, IDLE_MS);
		return;
	}
	e = look(&count);
	move_watermark();
	if (loop_now() - tail.saved_ms >= SAVE_MS)
		save_watermark();
	if (e == OK && count == ROWS)
		timer_set(&tail.timer, 0);
	else
		timer_set(&tail.timer, count > 0 ? BUSY_MS : IDLE_MS);
}

void
tail_start(void)
{
	tail.timer.call = look_around;
	if (database_ready())
		begin();
	timer_set(&tail.timer, 0);
}

void
tail_hurry(void)
{
	tail.seen = UINT64_MAX;
	if (tail.timer.due_ms - loop_now() > HURRY_MS)
		timer_set(&tail.timer, HURRY_MS);
}

void
tail_end(void)
{
	timer_stop(&tail.timer);
	move_watermark();
	save_watermark();
	gaps_end();
}
