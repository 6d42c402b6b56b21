#include <sys/statvfs.h>

#include "api/api.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/db.h"
#include "events/board.h"
#include "http/counter.h"
#include "http/route.h"
#include "model/site.h"

handler get_healthz, get_readyz, get_metrics;

#define PUSHD_MAX_MS 5000
#define ROUND_TRIP_MAX_MS 15000
#define DISK_FREE_MIN_BYTES (UINT64_C(64) * 1024 * 1024)
#define RETRY_S 2
#define METRICS_BYTES_MAX (256 * 1024)

/**
 * GET /healthz
 * 200 {status: "ok"}: this program answers.  Nothing else is looked at, so
 * that a pause of the database restarts nobody.
 */
enum err
get_healthz(struct request *q, struct reply *p)
{
	(void)q;
	json_object(&p->json, NULL);
	json_text(&p->json, "status", "ok");
	json_end_object(&p->json);
	return OK;
}

struct parts {
	bool database, pushd, push, disk;
	uint64_t schema_version;
	uint64_t disk_free_bytes;
};

static uint64_t
disk_free(const char *folder)
{
	struct statvfs fs;

	if (statvfs(folder, &fs) != 0)
		return 0;
	return (uint64_t)fs.f_bavail * fs.f_frsize;
}

static bool
is_recent(int64_t at_ms, int64_t max_ms)
{
	int64_t age_ms = clock_now_ms() - at_ms;

	return age_ms >= -max_ms && age_ms <= max_ms;
}

static bool
look(struct parts *parts)
{
	bool writable = false;
	enum err e;

	e = db_ready();
	if (e == OK)
		e = site_check(&parts->schema_version, &writable);
	parts->database = e == OK && writable && site_epoch()[0] != '\0';
	parts->pushd = is_recent(board_alive_at_ms(api_board), PUSHD_MAX_MS);
	parts->push = is_recent(board_round_trip_at_ms(api_board),
	    ROUND_TRIP_MAX_MS);
	parts->disk_free_bytes = disk_free(api_config->var);
	parts->disk = parts->disk_free_bytes > DISK_FREE_MIN_BYTES;
	return parts->database && parts->pushd && parts->push && parts->disk;
}

static void
shape_parts(struct json *j, const struct parts *parts)
{
	json_object(j, "parts");
	json_bool(j, "database", parts->database);
	json_bool(j, "pushd", parts->pushd);
	json_bool(j, "push", parts->push);
	json_bool(j, "disk", parts->disk);
	json_u64(j, "schema_version", parts->schema_version);
	json_u64(j, "disk_free_bytes", parts->disk_free_bytes);
	json_end_object(j);
}

/**
 * GET /readyz
 * Does all of it work: the database answers and takes changes, pushd is alive,
 * what it published came back through the push nginx in the last 15 s, there is room on the disk.
 * 200 or 503 {status: "ready"|"degraded", ready, parts?}; parts only for who
 * asks from this host.
 */
enum err
get_readyz(struct request *q, struct reply *p)
{
	struct parts parts = {0};
	bool ready = look(&parts);
	struct json *j = &p->json;

	if (!ready) {
		p->status = 503;
		p->retry_after_s = RETRY_S;
	}
	json_object(j, NULL);
	json_text(j, "status", ready ? "ready" : "degraded");
	json_bool(j, "ready", ready);
	if (q->internal)
		shape_parts(j, &parts);
	json_end_object(j);
	return OK;
}

static void
add_requests(struct buffer *out)
{
	size_t rows = counter_rows();

	buffer_text(out, "# TYPE natter_requests_total counter\n");
	for (size_t row = 0; row <= rows; row++) {
		for (unsigned class = 2; class <= 5; class++) {
			uint64_t count = counter_value(row, class);

			if (count == 0)
				continue;
			buffer_printf(out,
			    "natter_requests_total{method=\"%s\",route=\"%s\","
			    "status=\"%uxx\"} %llu\n",
			    row == rows ? "" : method_name(routes[row].method),
			    row == rows ? "" : routes[row].path, class,
			    (unsigned long long)count);
		}
	}
}

/* In seconds; absent while it never happened. */
static void
add_age(struct buffer *out, const char *name, int64_t at_ms)
{
	if (at_ms == 0)
		return;
	buffer_printf(out, "# TYPE %s gauge\n%s %.3f\n", name, name,
	    (double)(clock_now_ms() - at_ms) / 1000.0);
}

/**
 * GET /metrics
 * For Prometheus: answers by route and class of status, over all workers; how
 * long ago pushd was seen alive and its last round trip through the push nginx
 * was; free disk.  200 text.  404 not_found: not asked from this host, and not
 * by an administrator.
 */
enum err
get_metrics(struct request *q, struct reply *p)
{
	struct buffer out;

	buffer_start(&out, q->arena, METRICS_BYTES_MAX);
	add_requests(&out);
	add_age(&out, "natter_pushd_seen_seconds",
	    board_alive_at_ms(api_board));
	add_age(&out, "natter_push_round_trip_seconds",
	    board_round_trip_at_ms(api_board));
	buffer_printf(&out, "# TYPE natter_disk_free_bytes gauge\n"
	    "natter_disk_free_bytes %llu\n",
	    (unsigned long long)disk_free(api_config->var));
	p->content_type = "text/plain; version=0.0.4";
	p->raw = out.data;
	p->raw_length = out.length;
	return OK;
}
