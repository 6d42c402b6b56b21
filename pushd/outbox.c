#include "pushd/outbox.h"

#include "base/log.h"
#include "pushd/hold.h"
#include "pushd/loop.h"
#include "pushd/publish.h"

#include <sys/queue.h>
#include <uthash.h>

#define TARGET_SIZE 8000	/* nchan_max_channel_id_length is 8192 */
#define EPHEMERAL_FRAMES_MAX 200
#define CHANNELS_PER_MS 25
#define PAUSE_MIN_MS 20
#define PAUSE_MAX_MS 1000
#define LOG_EVERY_MS 10000

enum kind { EVENTS, ASK, CLOSE, STATUS };

struct frame {
	TAILQ_ENTRY(frame) link;
	enum kind kind;
	uint64_t ticket;
	int64_t born_ms;
	struct channel *to;
	size_t count;
	size_t served;		/* channels that had it already */
	char *body;		/* '[' and the events with commas */
	size_t length, capacity;
	size_t events;
	outbox_answer *answer;
	outbox_text *text;
	uint64_t set;		/* hash of to; the key while it may be joined */
	bool joinable;
	UT_hash_handle hh;
};

static struct {
	TAILQ_HEAD(, frame) frames;
	struct frame *by_set;
	struct frame *under_way;
	size_t slice;		/* channels in the request under way */
	uint64_t last_ticket, done_ticket;
	uint64_t barrier;	/* frames up to this ticket are not joined */
	int64_t pause_ms;
	struct timer again;
	int64_t next_log_ms;
	struct outbox_counts counts;
} outbox;

static uint64_t
hash_set(const struct channel *to, size_t count)
{
	const unsigned char *bytes = (const unsigned char *)to;
	uint64_t hash = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < count * sizeof(*to); i++)
		hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
	return hash;
}

static void
no_more_joining(struct frame *f)
{
	if (f->joinable)
		HASH_DELETE(hh, outbox.by_set, f);
	f->joinable = false;
}

static void
free_frame(struct frame *f)
{
	free(f->to);
	free(f->body);
	free(f);
}

/* Takes a frame out; the caller says how it ended. */
static void
leave(struct frame *f, bool reached, uint64_t subscribers, const char *text)
{
	no_more_joining(f);
	TAILQ_REMOVE(&outbox.frames, f, link);
	outbox.counts.frames--;
	outbox.counts.bytes -= f->capacity;
	if (TAILQ_EMPTY(&outbox.frames))
		outbox.done_ticket = outbox.last_ticket;
	else
		outbox.done_ticket = TAILQ_FIRST(&outbox.frames)->ticket - 1;
	if (f->answer != NULL)
		f->answer(f->to[0], reached, subscribers);
	if (f->text != NULL)
		f->text(text);
	free_frame(f);
}

static void
give_up(struct frame *f)
{
	outbox.counts.dropped++;
	if (loop_now() >= outbox.next_log_ms) {
		outbox.next_log_ms = loop_now() + LOG_EVERY_MS;
		log_warn("outbox: gave up a frame of %zu events;"
		    " %llu frames so far", f->events,
		    (unsigned long long)outbox.counts.dropped);
	}
	leave(f, false, 0, "");
}

static void
make_room(size_t bytes)
{
	struct frame *f, *next;

	for (f = TAILQ_FIRST(&outbox.frames);
	    f != NULL && outbox.counts.bytes + bytes > OUTBOX_BYTES_MAX;
	    f = next) {
		next = TAILQ_NEXT(f, link);
		if (f != outbox.under_way && f->kind != CLOSE)
			give_up(f);
	}
}

static void *
must(void *p)
{
	if (p == NULL)
		abort();
	return p;
}

static struct frame *
enter(enum kind kind, const struct channel *to, size_t count)
{
	struct frame *f = must(calloc(1, sizeof(*f)));

	f->kind = kind;
	f->count = count;
	f->to = must(malloc((count + 1) * sizeof(*to)));
	if (count > 0)
		memcpy(f->to, to, count * sizeof(*to));
	f->born_ms = loop_now();
	f->ticket = ++outbox.last_ticket;
	TAILQ_INSERT_TAIL(&outbox.frames, f, link);
	outbox.counts.frames++;
	return f;
}

static void
append(struct frame *f, const char *json, size_t length)
{
	size_t needed = f->length + length + 2;	/* a comma before, ] after */

	if (needed > f->capacity) {
		size_t capacity = f->events == 0 ? needed : 2 * needed;

		f->body = must(realloc(f->body, capacity));
		outbox.counts.bytes += capacity - f->capacity;
		f->capacity = capacity;
	}
	f->body[f->length++] = f->events == 0 ? '[' : ',';
	memcpy(f->body + f->length, json, length);
	f->length += length;
	f->events++;
}

/* A frame for these channels that may be joined, or a new one. */
static struct frame *
frame_for(const struct channel *to, size_t count, size_t length,
    uint64_t after)
{
	uint64_t set = hash_set(to, count);
	struct frame *f;

	HASH_FIND(hh, outbox.by_set, &set, sizeof(set), f);
	if (f != NULL && f->ticket >= after && f->ticket > outbox.barrier &&
	    f->count == count && f->length + length + 2 <= OUTBOX_BODY_MAX &&
	    memcmp(f->to, to, count * sizeof(*to)) == 0)
		return f;
	if (f != NULL)
		no_more_joining(f);
	f = enter(EVENTS, to, count);
	f->set = set;
	f->joinable = true;
	HASH_ADD(hh, outbox.by_set, set, sizeof(f->set), f);
	return f;
}

static uint64_t
put_event(const struct channel *to, size_t count, const char *json,
    size_t length, uint64_t after)
{
	struct frame *f;

	if (count == 0)
		return after;
	outbox.counts.events++;
	make_room(length);
	f = frame_for(to, count, length, after);
	append(f, json, length);
	return f->ticket;
}

uint64_t
outbox_event(const struct channel *to, size_t count, const char *json,
    size_t length, uint64_t after)
{
	struct channel *rest = NULL;

	if (hold_any() && count > 0) {
		rest = must(malloc(count * sizeof(*rest)));
		count = hold_take(to, count, json, length, rest);
		to = rest;
	}
	after = put_event(to, count, json, length, after);
	free(rest);
	return after;
}

void
outbox_hello(struct channel to, const char *json, size_t length)
{
	put_event(&to, 1, json, length, 0);
}

void
outbox_barrier(void)
{
	outbox.barrier = outbox.last_ticket;
}

void
outbox_ephemeral(const struct channel *to, size_t count, const char *json,
    size_t length)
{
	if (outbox.counts.frames < EPHEMERAL_FRAMES_MAX)
		outbox_event(to, count, json, length, 0);
}

void
outbox_ask(struct channel to, const char *json, size_t length,
    outbox_answer *call)
{
	struct frame *f;

	hold_release(to);
	f = enter(ASK, &to, 1);
	append(f, json, length);
	f->answer = call;
}

/* What comes later must not join a frame that is before it. */
void
outbox_close(struct channel to)
{
	hold_release(to);
	enter(CLOSE, &to, 1);
	outbox_barrier();
}

void
outbox_status(outbox_text *call)
{
	enter(STATUS, NULL, 0)->text = call;
}

/* "/pub?id=" and as many channels as fit; how many they are. */
static size_t
write_target(const struct frame *f, char *target)
{
	size_t length = 8, taken = 0;

	memcpy(target, "/pub?id=", 9);
	while (f->served + taken < f->count && taken < OUTBOX_CHANNELS_MAX &&
	    length + CHANNEL_TEXT_SIZE + 1 < TARGET_SIZE) {
		if (taken > 0)
			target[length++] = ',';
		length += channel_format(f->to[f->served + taken],
		    target + length);
		taken++;
	}
	return taken;
}

static void
send_frame(struct frame *f)
{
	char target[TARGET_SIZE];

	outbox.under_way = f;
	no_more_joining(f);
	outbox.slice = write_target(f, target);
	switch (f->kind) {
	case EVENTS:
	case ASK:
		if (f->events > 1) {
			f->body[f->length] = ']';
			publish_send(PUBLISH_POST, target, f->body,
			    f->length + 1);
		} else {
			publish_send(PUBLISH_POST, target, f->body + 1,
			    f->length - 1);
		}
		break;
	case CLOSE:
		publish_send(PUBLISH_DELETE, target, NULL, 0);
		break;
	case STATUS:
		publish_send(PUBLISH_GET, "/status", NULL, 0);
		break;
	}
}

void
outbox_turn(void)
{
	while (outbox.under_way == NULL && !timer_is_set(&outbox.again)) {
		struct frame *f = TAILQ_FIRST(&outbox.frames);

		if (f == NULL)
			return;
		if (f->kind != CLOSE && loop_now() - f->born_ms > OUTBOX_AGE_MS)
			give_up(f);
		else
			send_frame(f);
	}
}

bool
outbox_idle(void)
{
	return TAILQ_EMPTY(&outbox.frames);
}

static void
try_again(void *unused)
{
	(void)unused;
	outbox_turn();
}

/* {"messages":0,"requested":0,"subscribers":2,"last_message_id":"..."} */
static uint64_t
read_subscribers(const char *answer)
{
	static const char key[] = "\"subscribers\":";
	const char *at = strstr(answer, key);
	struct text digits = {0};
	uint64_t count = 0;

	if (at == NULL)
		return 0;
	digits.data = at + sizeof(key) - 1;
	while (digits.data[0] == ' ')
		digits.data++;
	digits.length = strspn(digits.data, "0123456789");
	return parse_u64(digits, UINT32_MAX, &count) ? count : 0;
}

static bool
settled(const struct frame *f, long status)
{
	return (status >= 200 && status < 300) ||
	    (f->kind == CLOSE && status == 404);
}

static void
answered(long status, const char *answer)
{
	struct frame *f = outbox.under_way;

	outbox.under_way = NULL;
	if (settled(f, status)) {
		outbox.counts.published++;
		outbox.pause_ms = 0;
		f->served += outbox.slice;
		/* Nchan has it, and the public nginx is to carry it to
		 * everybody: until then it is under way, and what comes
		 * meanwhile joins the next one. */
		if (outbox.slice >= CHANNELS_PER_MS)
			timer_set(&outbox.again,
			    (int64_t)outbox.slice / CHANNELS_PER_MS);
		if (f->served >= f->count)
			leave(f, true, read_subscribers(answer), answer);
		return;
	}
	if (status >= 400 && status < 500) {
		log_error("outbox: the push server refused a frame: %ld",
		    status);
		give_up(f);
		return;
	}
	outbox.counts.retries++;
	outbox.pause_ms = outbox.pause_ms == 0 ? PAUSE_MIN_MS :
	    2 * outbox.pause_ms;
	if (outbox.pause_ms > PAUSE_MAX_MS)
		outbox.pause_ms = PAUSE_MAX_MS;
	timer_set(&outbox.again, outbox.pause_ms);
}

bool
outbox_start(const char *publisher_socket)
{
	TAILQ_INIT(&outbox.frames);
	outbox.again.call = try_again;
	return publish_start(publisher_socket, answered);
}

void
outbox_end(void)
{
	struct frame *f;

	publish_end();
	timer_stop(&outbox.again);
	while ((f = TAILQ_FIRST(&outbox.frames)) != NULL) {
		no_more_joining(f);
		TAILQ_REMOVE(&outbox.frames, f, link);
		free_frame(f);
	}
}

uint64_t
outbox_last_ticket(void)
{
	return outbox.last_ticket;
}

uint64_t
outbox_done_ticket(void)
{
	return outbox.done_ticket;
}

void
outbox_read_counts(struct outbox_counts *counts)
{
	*counts = outbox.counts;
}
