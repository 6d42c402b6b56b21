#include "model/messages.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/token.h"
#include "model/conversations.h"
#include "model/events.h"
#include "model/render.h"

/* clang-format off */
static struct stmt post = {.sql =
	"CALL message_post_by(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"};

static struct stmt quoted = {.sql =
	"SELECT r.number, r.deleted_at_ms, LEFT(r.text, 200),"
	" u.id, u.username, u.display_name, u.kind = 'bot'"
	" FROM messages r JOIN users u ON u.id = r.author_id"
	" WHERE r.id = ? AND r.conversation_id = ?"};

static struct stmt rewrite = {.sql =
	"UPDATE messages SET text = ?, html = ?, edited_at_ms = ?"
	" WHERE conversation_id = ? AND number = ? AND deleted_at_ms IS NULL"};

static struct stmt empty = {.sql =
	"UPDATE messages SET text = '', html = '', deleted_at_ms = ?"
	" WHERE conversation_id = ? AND number = ? AND deleted_at_ms IS NULL"};

static struct stmt forget_reactions = {.sql =
	"DELETE FROM reactions WHERE conversation_id = ? AND number = ?"};

static struct stmt forget_mentions = {.sql =
	"DELETE x FROM mentions x JOIN members m"
	" ON m.conversation_id = x.conversation_id AND m.user_id = x.user_id"
	" WHERE m.conversation_id = ? AND x.number = ?"};

static struct stmt forget_member = {.sql =
	"DELETE FROM mentions WHERE user_id = ? AND conversation_id = ?"};

static struct stmt mention = {.sql =
	"INSERT INTO mentions (user_id, conversation_id, number)"
	" SELECT m.user_id, m.conversation_id, ?"
	" FROM members m JOIN users u ON u.id = m.user_id"
	" WHERE m.conversation_id = ? AND m.user_id <> ?"
	" AND (FIND_IN_SET('all', ?) OR FIND_IN_SET(u.username, ?))"};
/* clang-format on */

struct stmt *const message_changes_sql[] = {&post, &quoted, &rewrite, &empty,
    &forget_reactions, &forget_mentions, &forget_member, &mention, NULL};

struct posting {
	const struct draft *draft;
	const struct rendered *rendered;
	const struct message *reply;	/* only its reply_ fields */
	int64_t now_ms;
	const uint8_t *body_hash;	/* NULL: no client_id */
	const char *outcome;
	uint64_t id, number, seq;
	bool same_body;
	struct arena *arena;
};

static struct value
hash_or_null(const uint8_t *hash)
{
	return hash == NULL ? NONE : BYTES(hash, TOKEN_HASH_SIZE);
}

static enum err
call_post(void *argument)
{
	struct posting *g = argument;
	const struct draft *d = g->draft;
	enum err e;

	e = db_query(&post, hash_or_null(d->secret_hash),
	    TEXT(d->author.display_name), U64(d->conversation_id),
	    U64(d->author.id), TEXT(d->client_id), hash_or_null(g->body_hash),
	    TEXT(d->text), TEXT(g->rendered->html),
	    d->reply_to != 0 ? U64(g->reply->reply_number) : NONE,
	    TEXT(g->rendered->mentions), I64(g->now_ms));
	if (e != OK)
		return e;
	/* No row is no answer: it may have happened, or not. */
	if (!db_next(&post))
		return ERR_UNAVAILABLE;
	g->outcome = db_text(&post, 0, g->arena);
	g->id = db_u64(&post, 1);
	g->number = db_u64(&post, 2);
	g->seq = db_u64(&post, 3);
	g->same_body = db_u64(&post, 4) != 0;
	db_done(&post);
	return OK;
}

/* What was asked for with a client_id: the same key may only repeat it. */
static void
hash_request(struct arena *arena, const struct draft *d,
    uint8_t hash[static TOKEN_HASH_SIZE])
{
	const char *said;

	said = arena_printf(arena, "%llu %llu %s",
	    (unsigned long long)d->conversation_id,
	    (unsigned long long)d->reply_to, d->text);
	token_hash(said, strlen(said), hash);
}

/* The quoted message, into the reply_ fields of m. */
static enum err
find_reply(struct arena *arena, const struct draft *d, struct message *m)
{
	enum err e;

	if (d->reply_to == 0)
		return OK;
	e = db_query(&quoted, U64(d->reply_to), U64(d->conversation_id));
	if (e != OK)
		return e;
	if (db_next(&quoted)) {
		m->reply_id = d->reply_to;
		m->reply_number = db_u64(&quoted, 0);
		m->reply_deleted = !db_is_null(&quoted, 1);
		m->reply_text = db_text(&quoted, 2, arena);
		m->reply_author.id = db_u64(&quoted, 3);
		m->reply_author.username = db_text(&quoted, 4, arena);
		m->reply_author.display_name = db_text(&quoted, 5, arena);
		m->reply_author.is_bot = db_u64(&quoted, 6) != 0;
	}
	db_done(&quoted);
	return m->reply_number != 0 ? OK : ERR_NOT_FOUND;
}

enum err
message_post(struct arena *arena, const struct draft *d, struct message *m,
    bool *repeated)
{
	struct posting g = {.draft = d, .reply = m, .arena = arena};
	struct rendered rendered;
	uint8_t hash[TOKEN_HASH_SIZE];
	struct event event;
	enum err e;

	*repeated = false;
	*m = (struct message){.conversation_id = d->conversation_id,
	    .author = d->author, .text = d->text, .client_id = d->client_id};
	e = find_reply(arena, d, m);
	if (e != OK)
		return e;
	render(arena, d->text, &rendered);
	g.rendered = &rendered;
	m->html = rendered.html;
	if (d->client_id != NULL) {
		hash_request(arena, d, hash);
		g.body_hash = hash;
	}
	g.now_ms = clock_now_ms();
	e = db_retrying(call_post, &g);
	if (e != OK)
		return e;
	if (strcmp(g.outcome, "archived") == 0)
		return ERR_ARCHIVED;
	if (strcmp(g.outcome, "repeat") == 0) {
		*repeated = true;
		if (!g.same_body)
			return ERR_IDEMPOTENCY_MISMATCH;
		return message_by_id(arena, g.id, d->author.id,
		    d->conversation_id, m);
	}
	if (strcmp(g.outcome, "stranger") == 0)
		return ERR_UNAUTHENTICATED;
	if (strcmp(g.outcome, "posted") != 0)
		return ERR_NOT_FOUND;
	m->id = g.id;
	m->number = g.number;
	m->seq = g.seq;
	m->created_at_ms = g.now_ms;
	event = (struct event){.stream = 'c', .stream_id = d->conversation_id,
	    .seq = g.seq, .type = "message.posted", .at_ms = g.now_ms,
	    .actor_id = d->author.id, .number = g.number, .message = m};
	event_publish(arena, &event);
	return OK;
}

struct changing {
	struct arena *arena;
	const struct message *was;
	struct message *edited;
	uint64_t actor_id;
	const char *text;
	struct rendered rendered;
	int64_t now_ms;
	bool changed;
	struct event event;
};

enum err
mentions_forget(uint64_t conversation_id, uint64_t user_id)
{
	return db_exec(&forget_member, U64(user_id), U64(conversation_id));
}

static enum err
write_mentions(const struct changing *g)
{
	const struct message *m = g->was;
	enum err e;

	e = db_exec(&forget_mentions, U64(m->conversation_id), U64(m->number));
	if (e != OK || g->rendered.mentions[0] == '\0')
		return e;
	return db_exec(&mention, U64(m->number), U64(m->conversation_id),
	    U64(m->author.id), TEXT(g->rendered.mentions),
	    TEXT(g->rendered.mentions));
}

static enum err
edit(void *argument)
{
	struct changing *g = argument;
	const struct message *m = g->was;
	struct lock lock;
	enum err e;

	e = conversation_lock(m->conversation_id, g->actor_id, &lock);
	if (e != OK)
		return e;
	if (m->author.id != g->actor_id)
		return ERR_FORBIDDEN;
	if (lock.archived)
		return ERR_ARCHIVED;
	e = db_exec(&rewrite, TEXT(g->text), TEXT(g->rendered.html),
	    I64(g->now_ms), U64(m->conversation_id), U64(m->number));
	if (e != OK)
		return e;
	if (db_changed() == 0)
		return ERR_FORBIDDEN;
	e = write_mentions(g);
	if (e != OK)
		return e;
	g->event = (struct event){.stream = 'c',
	    .stream_id = m->conversation_id, .type = "message.edited",
	    .at_ms = g->now_ms, .actor_id = g->actor_id, .number = m->number,
	    .message = g->edited};
	e = event_add(&g->event);
	return e == OK ? message_by_id(g->arena, m->id, g->actor_id, 0,
	    g->edited) : e;
}

enum err
message_edit(struct arena *arena, const struct message *was,
    uint64_t actor_id, const char *text, struct message *m)
{
	struct changing g = {.arena = arena, .was = was, .edited = m,
	    .actor_id = actor_id, .text = text};
	enum err e;

	render(arena, text, &g.rendered);
	g.now_ms = clock_now_ms();
	e = db_transaction(edit, &g);
	if (e == OK)
		event_publish(arena, &g.event);
	return e;
}

static enum err
erase(void *argument)
{
	struct changing *g = argument;
	const struct message *m = g->was;
	struct lock lock;
	enum err e;

	g->changed = false;
	e = conversation_lock(m->conversation_id, g->actor_id, &lock);
	if (e != OK)
		return e;
	if (m->author.id != g->actor_id && lock.role < ROLE_ADMIN)
		return ERR_FORBIDDEN;
	if (lock.archived)
		return ERR_ARCHIVED;
	e = db_exec(&empty, I64(g->now_ms), U64(m->conversation_id),
	    U64(m->number));
	if (e != OK || db_changed() == 0)
		return e;
	e = db_exec(&forget_reactions, U64(m->conversation_id),
	    U64(m->number));
	if (e != OK)
		return e;
	e = db_exec(&forget_mentions, U64(m->conversation_id), U64(m->number));
	if (e != OK)
		return e;
	g->changed = true;
	g->event = (struct event){.stream = 'c',
	    .stream_id = m->conversation_id, .type = "message.deleted",
	    .at_ms = g->now_ms, .actor_id = g->actor_id, .number = m->number,
	    .message = m};
	return event_add(&g->event);
}

enum err
message_delete(struct arena *arena, const struct message *was,
    uint64_t actor_id)
{
	struct changing g = {.was = was, .actor_id = actor_id};
	enum err e;

	g.now_ms = clock_now_ms();
	e = db_transaction(erase, &g);
	if (e == OK && g.changed)
		event_publish(arena, &g.event);
	return e;
}
