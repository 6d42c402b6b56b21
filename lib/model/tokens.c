#include "model/tokens.h"

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "model/conversations.h"
#include "model/events.h"
#include "model/sessions.h"

/* clang-format off */
static struct stmt insert = {.sql =
	"INSERT INTO tokens (token_hash, user_id, name, scopes,"
	" conversation_id, created_at_ms, expires_at_ms)"
	" VALUES (?, ?, ?, ?, ?, ?, ?)"};

static struct stmt count_of = {.sql =
	"SELECT COUNT(*) FROM tokens WHERE user_id = ?"};

static struct stmt by_token = {.sql =
	"SELECT t.id, t.scopes, t.conversation_id, t.expires_at_ms,"
	" t.used_at_ms, " USER_COLUMNS
	" FROM tokens t JOIN users u ON u.id = t.user_id"
	" WHERE t.token_hash = ?"};

static struct stmt touch = {.sql =
	"UPDATE tokens SET used_at_ms = ? WHERE id = ?"
	" AND COALESCE(used_at_ms, 0) < ?"};

static struct stmt of_user = {.sql =
	"SELECT id, name, scopes, conversation_id, created_at_ms,"
	" expires_at_ms, used_at_ms FROM tokens WHERE user_id = ?"
	" ORDER BY id DESC"};

static struct stmt remove_one = {.sql =
	"DELETE FROM tokens WHERE id = ? AND user_id = ?"};

static struct stmt expired = {.sql =
	"SELECT DISTINCT user_id FROM tokens"
	" WHERE expires_at_ms > ? AND expires_at_ms <= ?"};

struct stmt *const tokens_sql[] = {&insert, &count_of, &by_token, &touch,
	&of_user, &remove_one, &expired, NULL};
/* clang-format on */

static const struct {
	const char *word;
	unsigned bit;
} scopes[] = {
	{"read", TOKEN_READ},
	{"write", TOKEN_WRITE},
	{"admin", TOKEN_ADMIN},
};

#define SCOPES (sizeof(scopes) / sizeof(scopes[0]))

unsigned
token_scope(const char *word)
{
	for (size_t i = 0; i < SCOPES; i++) {
		if (strcmp(word, scopes[i].word) == 0)
			return scopes[i].bit;
	}
	return 0;
}

static struct value
id_or_null(uint64_t id)
{
	return id == 0 ? NONE : U64(id);
}

static struct value
time_or_null(int64_t at_ms)
{
	return at_ms == 0 ? NONE : I64(at_ms);
}

static enum err
count_tokens(uint64_t user_id, uint64_t *count)
{
	enum err e;

	*count = 0;
	e = db_query(&count_of, U64(user_id));
	if (e != OK)
		return e;
	if (db_next(&count_of)) {
		*count = db_u64(&count_of, 0);
		db_done(&count_of);
	}
	return OK;
}

enum err
token_create(struct arena *arena, struct token *t,
    char secret[static TOKEN_SECRET_SIZE])
{
	char letters[TOKEN_SIZE];
	uint8_t hash[TOKEN_HASH_SIZE];
	struct user u;
	uint64_t count;
	enum err e;

	e = user_by_id(arena, t->user_id, &u);
	if (e != OK)
		return e;
	if (t->conversation_id != 0) {
		e = conversation_admit(t->conversation_id, t->user_id, NULL);
		if (e != OK)
			return e;
	}
	e = count_tokens(t->user_id, &count);
	if (e != OK)
		return e;
	if (count >= TOKENS_MAX)
		return ERR_CONFLICT;
	token_make(letters);
	memcpy(secret, TOKEN_PREFIX, sizeof(TOKEN_PREFIX) - 1);
	memcpy(secret + sizeof(TOKEN_PREFIX) - 1, letters, sizeof(letters));
	explicit_bzero(letters, sizeof(letters));
	token_hash(secret, strlen(secret), hash);
	t->created_at_ms = clock_now_ms();
	e = db_exec(&insert, BYTES(hash, sizeof(hash)), U64(t->user_id),
	    TEXT(t->name), U64(t->scopes), id_or_null(t->conversation_id),
	    I64(t->created_at_ms), time_or_null(t->expires_at_ms));
	if (e != OK)
		return e;
	t->id = db_insert_id();
	log_info("token %" PRIu64 " of user %" PRIu64 " made", t->id,
	    t->user_id);
	return OK;
}

enum err
token_caller(struct arena *arena, const char *secret, struct token *t,
    struct user *u)
{
	uint8_t hash[TOKEN_HASH_SIZE];
	int64_t now_ms = clock_now_ms();
	enum err e;

	*t = (struct token){0};
	*u = (struct user){0};
	token_hash(secret, strlen(secret), hash);
	e = db_query(&by_token, BYTES(hash, sizeof(hash)));
	if (e != OK)
		return e;
	if (!db_next(&by_token))
		return ERR_UNAUTHENTICATED;
	t->id = db_u64(&by_token, 0);
	t->scopes = (unsigned)db_u64(&by_token, 1);
	t->conversation_id = db_u64(&by_token, 2);
	t->expires_at_ms = db_i64(&by_token, 3);
	t->used_at_ms = db_i64(&by_token, 4);
	user_row(&by_token, 5, arena, u);
	db_done(&by_token);
	t->user_id = u->id;
	if (u->disabled ||
	    (t->expires_at_ms != 0 && t->expires_at_ms <= now_ms))
		return ERR_UNAUTHENTICATED;
	if (!u->is_admin)
		t->scopes &= ~TOKEN_ADMIN;
	if (t->used_at_ms <= now_ms - SEEN_EVERY_MS) {
		(void)db_exec(&touch, I64(now_ms), U64(t->id), I64(now_ms));
		t->used_at_ms = now_ms;
	}
	return OK;
}

enum err
tokens_of(struct arena *arena, uint64_t user_id, struct token **items,
    size_t *count)
{
	/* A few may have been made at the same time. */
	const size_t room = 2 * TOKENS_MAX;
	enum err e;

	*count = 0;
	*items = arena_alloc(arena, room * sizeof(**items));
	e = db_query(&of_user, U64(user_id));
	if (e != OK)
		return e;
	while (*count < room && db_next(&of_user)) {
		(*items)[(*count)++] = (struct token){
			.id = db_u64(&of_user, 0),
			.user_id = user_id,
			.name = db_text(&of_user, 1, arena),
			.scopes = (unsigned)db_u64(&of_user, 2),
			.conversation_id = db_u64(&of_user, 3),
			.created_at_ms = db_i64(&of_user, 4),
			.expires_at_ms = db_i64(&of_user, 5),
			.used_at_ms = db_i64(&of_user, 6),
		};
	}
	db_done(&of_user);
	return OK;
}

struct deletion {
	uint64_t user_id;
	uint64_t id;
	struct event ended;
};

/* All streams of the user are closed: which of them was opened with this token
 * nobody knows, and the others come back by themselves.  The event is there for
 * pushd, which may be away just now. */
static enum err
delete_it(void *argument)
{
	struct deletion *d = argument;
	enum err e;

	e = sessions_note(d->user_id, d->user_id, "token_revoked", &d->ended);
	if (e != OK)
		return e;
	e = db_exec(&remove_one, U64(d->id), U64(d->user_id));
	if (e != OK)
		return e;
	return db_changed() == 0 ? ERR_NOT_FOUND : OK;
}

enum err
token_delete(struct arena *arena, uint64_t user_id, uint64_t id)
{
	struct deletion d = {.user_id = user_id, .id = id};
	enum err e;

	e = db_transaction(delete_it, &d);
	if (e != OK)
		return e;
	log_info("token %" PRIu64 " of user %" PRIu64 " revoked", id, user_id);
	sessions_announce(arena, &d.ended);
	return OK;
}

enum err
tokens_expired(int64_t after_ms, int64_t until_ms,
    void (*visit)(uint64_t user_id))
{
	enum err e;

	e = db_query(&expired, I64(after_ms), I64(until_ms));
	if (e != OK)
		return e;
	while (db_next(&expired))
		visit(db_u64(&expired, 0));
	db_done(&expired);
	return OK;
}

void
shape_token(struct json *j, const char *key, const struct token *t,
    const char *secret)
{
	json_object(j, key);
	json_u64(j, "id", t->id);
	json_text(j, "name", t->name);
	json_array(j, "scopes");
	for (size_t i = 0; i < SCOPES; i++) {
		if (t->scopes & scopes[i].bit)
			json_text(j, NULL, scopes[i].word);
	}
	json_end_array(j);
	if (t->conversation_id != 0)
		json_u64(j, "conversation_id", t->conversation_id);
	else
		json_null(j, "conversation_id");
	json_time(j, "created_at", t->created_at_ms);
	json_time(j, "expires_at", t->expires_at_ms);
	json_time(j, "used_at", t->used_at_ms);
	if (secret != NULL)
		json_text(j, "token", secret);
	json_end_object(j);
}
