#include "model/sessions.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "events/notice.h"
#include "model/events.h"

#define LIST_MAX 200
#define USER_AGENT_BYTES 200
#define ADDRESS_BYTES 45
#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

/* clang-format off */

/* One statement reads the account under lock and writes the session, so that a
 * password that is being changed, or an account that is being disabled, never
 * gets one more. */
static struct stmt start = {.sql =
	"INSERT INTO sessions (token_hash, user_id, created_at_ms, seen_at_ms,"
	" expires_at_ms, user_agent, address)"
	" SELECT ?, u.id, ?, ?, ?, ?, ? FROM users u WHERE u.id = ?"
	" AND u.disabled_at_ms IS NULL AND (? IS NULL OR u.password = ?)"
	" LOCK IN SHARE MODE"};

static struct stmt lock_user = {.sql =
	"SELECT id FROM users WHERE id = ? FOR UPDATE"};

/* Time is compared below and not in the WHERE: a session found dead is deleted,
 * so a clock that goes back does not wake it. */
static struct stmt by_token = {.sql =
	"SELECT s.id, s.seen_at_ms, s.expires_at_ms, " USER_COLUMNS
	" FROM sessions s JOIN users u ON u.id = s.user_id"
	" WHERE s.token_hash = ?"};

static struct stmt touch = {.sql =
	"UPDATE sessions SET seen_at_ms = ? WHERE id = ? AND seen_at_ms < ?"};

static struct stmt of_user = {.sql =
	"SELECT id, created_at_ms, seen_at_ms, expires_at_ms, user_agent,"
	" address FROM sessions WHERE user_id = ? AND expires_at_ms > ?"
	" AND seen_at_ms > ? ORDER BY seen_at_ms DESC, id DESC LIMIT 200"};

static struct stmt remove_one = {.sql =
	"DELETE FROM sessions WHERE id = ? AND user_id = ?"};

static struct stmt remove_others = {.sql =
	"DELETE FROM sessions WHERE user_id = ? AND id <> ?"};

static struct stmt remove_dead = {.sql =
	"DELETE FROM sessions WHERE user_id = ?"
	" AND (expires_at_ms <= ? OR seen_at_ms <= ?)"};

static struct stmt renew = {.sql =
	"UPDATE sessions SET token_hash = ? WHERE id = ? AND user_id = ?"};

static struct stmt dead = {.sql =
	"SELECT id, user_id FROM sessions WHERE expires_at_ms <= ?"
	" OR seen_at_ms <= ? ORDER BY id LIMIT ?"};

static struct stmt expire = {.sql =
	"DELETE FROM sessions WHERE (expires_at_ms <= ? OR seen_at_ms <= ?)"
	" AND id <= ?"};

struct stmt *const sessions_sql[] = {&start, &lock_user, &by_token, &touch,
	&of_user, &remove_one, &remove_others, &remove_dead, &renew, &dead,
	&expire, NULL};
/* clang-format on */

static int64_t
idle_since(const struct config *config, int64_t now_ms)
{
	return now_ms - config->session_idle_days * DAY_MS;
}

/* What a stranger says of himself, as printable ASCII that fits its column. */
static const char *
plain(const char *s, char *out, size_t bytes)
{
	size_t n = 0;

	for (; n < bytes && s[n] != '\0'; n++)
		out[n] = s[n] >= ' ' && s[n] <= '~' ? s[n] : '?';
	out[n] = '\0';
	return out;
}

/* It may have ended meanwhile.  The row of the user is locked first, as
 * everywhere; and before the new session locks it to read, for two who both read
 * could not both write. */
static enum err
end_old(struct arena *arena, struct session_new *n)
{
	struct event *ended;
	enum err e;

	n->ended = NULL;
	if (n->old_id == 0)
		return OK;
	e = db_query(&lock_user, U64(n->old_user_id));
	if (e != OK)
		return e;
	db_done(&lock_user);
	e = db_exec(&remove_one, U64(n->old_id), U64(n->old_user_id));
	if (e != OK || db_changed() == 0)
		return e;
	ended = arena_alloc(arena, sizeof(*ended));
	e = sessions_note(n->old_user_id, n->old_user_id, "signed_out", ended);
	if (e == OK)
		n->ended = ended;
	return e;
}

enum err
session_begin(struct arena *arena, const struct config *config,
    struct session_new *n, const struct user *u)
{
	char agent_text[USER_AGENT_BYTES + 1], address_text[ADDRESS_BYTES + 1];
	uint8_t hash[TOKEN_HASH_SIZE];
	int64_t now_ms = clock_now_ms();
	enum err e;

	e = end_old(arena, n);
	if (e != OK)
		return e;
	token_make(n->secret);
	token_hash(n->secret, strlen(n->secret), hash);
	e = db_exec(&start, BYTES(hash, sizeof(hash)), I64(now_ms), I64(now_ms),
	    I64(now_ms + config->session_days * DAY_MS),
	    TEXT(plain(n->user_agent, agent_text, USER_AGENT_BYTES)),
	    TEXT(plain(n->address, address_text, ADDRESS_BYTES)), U64(u->id),
	    TEXT(u->password), TEXT(u->password));
	if (e != OK)
		return e;
	if (db_changed() == 0)
		return ERR_BAD_CREDENTIALS;
	return db_exec(&remove_dead, U64(u->id), I64(now_ms),
	    I64(idle_since(config, now_ms)));
}

void
session_begun(struct arena *arena, const struct session_new *n)
{
	if (n->ended != NULL)
		sessions_announce(arena, n->ended);
}

struct starting {
	struct arena *arena;
	const struct config *config;
	struct session_new *n;
	const struct user *u;
};

static enum err
begin(void *argument)
{
	struct starting *s = argument;

	return session_begin(s->arena, s->config, s->n, s->u);
}

enum err
session_start(struct arena *arena, const struct config *config,
    struct session_new *n, const struct user *u)
{
	struct starting s = {arena, config, n, u};
	enum err e;

	e = db_transaction(begin, &s);
	if (e == OK)
		session_begun(arena, n);
	return e;
}

enum err
session_caller(struct arena *arena, const struct config *config,
    const char *secret, struct session *s, struct user *user)
{
	uint8_t hash[TOKEN_HASH_SIZE];
	int64_t now_ms = clock_now_ms();
	enum err e;

	*s = (struct session){0};
	*user = (struct user){0};
	token_hash(secret, strlen(secret), hash);
	e = db_query(&by_token, BYTES(hash, sizeof(hash)));
	if (e != OK)
		return e;
	if (!db_next(&by_token))
		return ERR_UNAUTHENTICATED;
	s->id = db_u64(&by_token, 0);
	s->seen_at_ms = db_i64(&by_token, 1);
	s->expires_at_ms = db_i64(&by_token, 2);
	user_row(&by_token, 3, arena, user);
	db_done(&by_token);
	s->user_id = user->id;
	if (s->expires_at_ms <= now_ms ||
	    s->seen_at_ms <= idle_since(config, now_ms)) {
		(void)session_end(arena, user->id, s->id, "expired");
		return ERR_UNAUTHENTICATED;
	}
	if (user->disabled)
		return ERR_UNAUTHENTICATED;
	/* A last use that is not written costs nobody anything. */
	if (s->seen_at_ms <= now_ms - SEEN_EVERY_MS) {
		(void)db_exec(&touch, I64(now_ms), U64(s->id), I64(now_ms));
		s->seen_at_ms = now_ms;
	}
	return OK;
}

enum err
sessions_of(struct arena *arena, const struct config *config, uint64_t user_id,
    struct session **items, size_t *count)
{
	int64_t now_ms = clock_now_ms();
	enum err e;

	*count = 0;
	*items = arena_alloc(arena, LIST_MAX * sizeof(**items));
	e = db_query(&of_user, U64(user_id), I64(now_ms),
	    I64(idle_since(config, now_ms)));
	if (e != OK)
		return e;
	while (*count < LIST_MAX && db_next(&of_user)) {
		(*items)[(*count)++] = (struct session){
			.id = db_u64(&of_user, 0),
			.user_id = user_id,
			.created_at_ms = db_i64(&of_user, 1),
			.seen_at_ms = db_i64(&of_user, 2),
			.expires_at_ms = db_i64(&of_user, 3),
			.user_agent = db_text(&of_user, 4, arena),
			.address = db_text(&of_user, 5, arena),
		};
	}
	db_done(&of_user);
	return OK;
}

enum err
sessions_note(uint64_t user_id, uint64_t actor_id, const char *reason,
    struct event *ended)
{
	*ended = (struct event){
		.stream = 'u',
		.stream_id = user_id,
		.type = "session.ended",
		.at_ms = clock_now_ms(),
		.actor_id = actor_id,
		.detail = reason,
	};
	return event_add(ended);
}

enum err
sessions_drop(uint64_t user_id, uint64_t keep_id, uint64_t actor_id,
    const char *reason, struct event *ended)
{
	enum err e;

	e = sessions_note(user_id, actor_id, reason, ended);
	if (e != OK)
		return e;
	return db_exec(&remove_others, U64(user_id), U64(keep_id));
}

enum err
session_renew(uint64_t user_id, uint64_t id, char secret[static TOKEN_SIZE])
{
	uint8_t hash[TOKEN_HASH_SIZE];
	enum err e;

	token_make(secret);
	token_hash(secret, strlen(secret), hash);
	e = db_exec(&renew, BYTES(hash, sizeof(hash)), U64(id), U64(user_id));
	if (e != OK)
		return e;
	return db_changed() == 0 ? ERR_NOT_FOUND : OK;
}

void
sessions_announce(struct arena *arena, const struct event *ended)
{
	struct notice revoked = {
		.kind = NOTICE_REVOKED,
		.user_id = ended->stream_id,
	};

	log_info("streams of user %" PRIu64 " end: %s", ended->stream_id,
	    ended->detail);
	event_publish(arena, ended);
	notice_send(&revoked);
}

struct ending {
	uint64_t user_id;
	uint64_t id;		/* 0: all but keep_id */
	uint64_t keep_id;
	const char *reason;
	struct event ended;
};

/* Nothing to end: ERR_NOT_FOUND takes the event back, too. */
static enum err
end(void *argument)
{
	struct ending *n = argument;
	enum err e;

	if (n->id == 0) {
		e = sessions_drop(n->user_id, n->keep_id, n->user_id,
		    n->reason, &n->ended);
	} else {
		e = sessions_note(n->user_id, n->user_id, n->reason,
		    &n->ended);
		if (e == OK)
			e = db_exec(&remove_one, U64(n->id), U64(n->user_id));
	}
	if (e != OK)
		return e;
	return db_changed() == 0 ? ERR_NOT_FOUND : OK;
}

enum err
session_end(struct arena *arena, uint64_t user_id, uint64_t id,
    const char *reason)
{
	struct ending n = {.user_id = user_id, .id = id, .reason = reason};
	enum err e;

	e = db_transaction(end, &n);
	if (e != OK)
		return e;
	sessions_announce(arena, &n.ended);
	return OK;
}

enum err
sessions_end_others(struct arena *arena, uint64_t user_id, uint64_t keep_id,
    const char *reason)
{
	struct ending n = {
		.user_id = user_id,
		.keep_id = keep_id,
		.reason = reason,
	};
	enum err e;

	e = db_transaction(end, &n);
	if (e == ERR_NOT_FOUND)
		return OK;
	if (e != OK)
		return e;
	sessions_announce(arena, &n.ended);
	return OK;
}

enum err
sessions_expire(const struct config *config, void (*visit)(uint64_t user_id),
    uint64_t limit, uint64_t *deleted)
{
	int64_t now_ms = clock_now_ms();
	int64_t idle_ms = idle_since(config, now_ms);
	uint64_t last_id = 0;
	enum err e;

	*deleted = 0;
	e = db_query(&dead, I64(now_ms), I64(idle_ms), U64(limit));
	if (e != OK)
		return e;
	while (db_next(&dead)) {
		last_id = db_u64(&dead, 0);
		visit(db_u64(&dead, 1));
	}
	db_done(&dead);
	if (last_id == 0)
		return OK;
	e = db_exec(&expire, I64(now_ms), I64(idle_ms), U64(last_id));
	if (e == OK)
		*deleted = db_changed();
	return e;
}
