#include "model/messages.h"

#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "base/token.h"
#include "model/conversations.h"
#include "model/events.h"
#include "model/render.h"

/* clang-format off */
static struct stmt post = {.sql =
	"CALL message_post(?, ?, ?, ?, ?, ?, ?, ?, ?)"};

/* Numbers have no gaps, so a page is a range; the reader's own row is part of
 * every page, as a second lock behind conversation_admit(). */
static struct stmt between = {.sql =
	"SELECT c.last_number, " MESSAGE_COLUMNS
	" FROM members me JOIN conversations c ON c.id = me.conversation_id"
	" JOIN messages m ON m.conversation_id = c.id" MESSAGE_JOINS
	" WHERE me.conversation_id = ? AND me.user_id = ?"
	" AND c.deleted_at_ms IS NULL AND m.number BETWEEN ? AND ?"
	" ORDER BY m.number LIMIT 200"};

static struct stmt newest = {.sql =
	"SELECT c.last_number, " MESSAGE_COLUMNS
	" FROM members me JOIN conversations c ON c.id = me.conversation_id"
	" JOIN messages m ON m.conversation_id = c.id" MESSAGE_JOINS
	" WHERE me.conversation_id = ? AND me.user_id = ?"
	" AND c.deleted_at_ms IS NULL"
	" ORDER BY m.number DESC LIMIT ?"};

static struct stmt by_id = {.sql =
	"SELECT " MESSAGE_COLUMNS
	" FROM messages m JOIN conversations c ON c.id = m.conversation_id"
	" AND c.deleted_at_ms IS NULL"
	" JOIN members me ON me.conversation_id = m.conversation_id"
	" AND me.user_id = ?" MESSAGE_JOINS
	" WHERE m.id = ?"};

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

static struct stmt mention = {.sql =
	"INSERT INTO mentions (user_id, conversation_id, number)"
	" SELECT m.user_id, m.conversation_id, ?"
	" FROM members m JOIN users u ON u.id = m.user_id"
	" WHERE m.conversation_id = ? AND m.user_id <> ?"
	" AND (FIND_IN_SET('all', ?) OR FIND_IN_SET(u.username, ?))"};
/* clang-format on */

struct stmt *const messages_sql[] = {&post, &between, &newest, &by_id,
    &quoted, &rewrite, &empty, &forget_reactions, &forget_mentions, &mention,
    NULL};

/* "F09F918D 12,F09F918D 31" as the statement's GROUP_CONCAT wrote it. */
static void
read_reactions(struct arena *arena, const char *list, struct message *m)
{
	struct text rest = {list, strlen(list)};
	struct text entry, hex;
	struct reaction *r;
	size_t i, n = 1;

	for (i = 0; i < rest.length; i++)
		n += list[i] == ',';
	m->reactions = arena_alloc(arena, n * sizeof(*m->reactions));
	while (text_split(&rest, ',', &entry)) {
		uint64_t user_id;
		char *emoji;

		if (!text_split(&entry, ' ', &hex) ||
		    !parse_id(entry, &user_id))
			continue;
		emoji = arena_alloc(arena, hex.length / 2 + 1);
		hex_decode(hex.data, hex.length, emoji);
		for (i = 0; i < m->reaction_count; i++)
			if (strcmp(m->reactions[i].emoji, emoji) == 0)
				break;
		r = &m->reactions[i];
		if (i == m->reaction_count) {
			m->reaction_count++;
			r->emoji = emoji;
			r->user_ids = arena_alloc(arena,
			    n * sizeof(*r->user_ids));
		}
		r->user_ids[r->count++] = user_id;
	}
}

bool
message_row(struct stmt *s, unsigned first, struct arena *arena,
    struct message *m)
{
	const char *reactions;

	*m = (struct message){0};
	if (db_is_null(s, first))
		return false;
	m->id = db_u64(s, first);
	m->conversation_id = db_u64(s, first + 1);
	m->number = db_u64(s, first + 2);
	m->seq = db_u64(s, first + 3);
	m->text = db_text(s, first + 4, arena);
	m->html = db_text(s, first + 5, arena);
	m->client_id = db_text(s, first + 6, arena);
	m->created_at_ms = db_i64(s, first + 7);
	m->edited_at_ms = db_i64(s, first + 8);
	m->deleted_at_ms = db_i64(s, first + 9);
	m->author.id = db_u64(s, first + 10);
	m->author.username = db_text(s, first + 11, arena);
	m->author.display_name = db_text(s, first + 12, arena);
	m->author.is_bot = db_u64(s, first + 13) != 0;
	m->reply_number = db_u64(s, first + 14);
	if (m->reply_number != 0) {
		m->reply_id = db_u64(s, first + 15);
		m->reply_deleted = !db_is_null(s, first + 16);
		m->reply_text = db_text(s, first + 17, arena);
		m->reply_author.id = db_u64(s, first + 18);
		m->reply_author.username = db_text(s, first + 19, arena);
		m->reply_author.display_name = db_text(s, first + 20, arena);
		m->reply_author.is_bot = db_u64(s, first + 21) != 0;
	}
	reactions = db_text(s, first + 22, arena);
	if (reactions != NULL)
		read_reactions(arena, reactions, m);
	return true;
}

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

static enum err
call_post(void *argument)
{
	struct posting *g = argument;
	const struct draft *d = g->draft;
	enum err e;

	e = db_query(&post, U64(d->conversation_id), U64(d->author.id),
	    TEXT(d->client_id),
	    g->body_hash != NULL ? BYTES(g->body_hash, TOKEN_HASH_SIZE) : NONE,
	    TEXT(d->text), TEXT(g->rendered->html),
	    d->reply_to != 0 ? U64(g->reply->reply_number) : NONE,
	    TEXT(g->rendered->mentions), I64(g->now_ms));
	if (e != OK)
		return e;
	g->outcome = "";
	if (db_next(&post)) {
		g->outcome = db_text(&post, 0, g->arena);
		g->id = db_u64(&post, 1);
		g->number = db_u64(&post, 2);
		g->seq = db_u64(&post, 3);
		g->same_body = db_u64(&post, 4) != 0;
	}
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

static void
read_page(struct arena *arena, struct stmt *s, size_t room,
    struct message_page *page)
{
	page->items = arena_alloc(arena, room * sizeof(*page->items));
	while (page->count < room && db_next(s)) {
		page->last_number = db_u64(s, 0);
		message_row(s, 1, arena, &page->items[page->count]);
		page->count++;
	}
	db_done(s);
}

/* An empty page may mean "nothing there" or "not for you". */
static enum err
empty_page(uint64_t conversation_id, uint64_t reader_id,
    struct message_page *page)
{
	struct admission a;
	enum err e;

	e = conversation_admit(conversation_id, reader_id, &a);
	if (e == OK)
		page->last_number = a.last_number;
	return e;
}

enum err
messages_between(struct arena *arena, uint64_t conversation_id,
    uint64_t reader_id, uint64_t from, uint64_t to, struct message_page *page)
{
	enum err e;

	*page = (struct message_page){0};
	e = db_query(&between, U64(conversation_id), U64(reader_id), U64(from),
	    U64(to));
	if (e != OK)
		return e;
	read_page(arena, &between, MESSAGES_PAGE_MAX, page);
	if (page->count == 0)
		return empty_page(conversation_id, reader_id, page);
	return OK;
}

enum err
messages_newest(struct arena *arena, uint64_t conversation_id,
    uint64_t reader_id, size_t limit, struct message_page *page)
{
	struct message m;
	enum err e;
	size_t i;

	*page = (struct message_page){0};
	e = db_query(&newest, U64(conversation_id), U64(reader_id),
	    U64(limit));
	if (e != OK)
		return e;
	read_page(arena, &newest, limit, page);
	for (i = 0; i < page->count / 2; i++) {
		m = page->items[i];
		page->items[i] = page->items[page->count - 1 - i];
		page->items[page->count - 1 - i] = m;
	}
	if (page->count == 0)
		return empty_page(conversation_id, reader_id, page);
	return OK;
}

enum err
message_by_id(struct arena *arena, uint64_t id, uint64_t reader_id,
    uint64_t only_conversation_id, struct message *m)
{
	bool found = false;
	enum err e;

	e = db_query(&by_id, U64(reader_id), U64(id));
	if (e != OK)
		return e;
	if (db_next(&by_id))
		found = message_row(&by_id, 0, arena, m);
	db_done(&by_id);
	if (!found || (only_conversation_id != 0 &&
	    m->conversation_id != only_conversation_id))
		return ERR_NOT_FOUND;
	return OK;
}

struct changing {
	const struct message *was;
	uint64_t actor_id;
	const char *text;
	struct rendered rendered;
	int64_t now_ms;
	bool changed;
	struct event event;
};

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
	if (lock.role == ROLE_NONE)
		return ERR_NOT_FOUND;
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
	    .at_ms = g->now_ms, .actor_id = g->actor_id, .number = m->number};
	return event_add(&g->event);
}

enum err
message_edit(struct arena *arena, const struct message *was,
    uint64_t actor_id, const char *text, struct message *m)
{
	struct changing g = {.was = was, .actor_id = actor_id, .text = text};
	enum err e;

	render(arena, text, &g.rendered);
	g.now_ms = clock_now_ms();
	e = db_transaction(edit, &g);
	if (e != OK)
		return e;
	e = message_by_id(arena, was->id, actor_id, 0, m);
	if (e == OK)
		g.event.message = m;
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
	if (lock.role == ROLE_NONE)
		return ERR_NOT_FOUND;
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

static void
shape_reactions(struct json *j, const struct message *m, uint64_t viewer_id)
{
	size_t i, k;
	bool mine;

	json_array(j, "reactions");
	for (i = 0; i < m->reaction_count; i++) {
		const struct reaction *r = &m->reactions[i];

		mine = false;
		json_object(j, NULL);
		json_text(j, "emoji", r->emoji);
		json_u64(j, "count", r->count);
		json_array(j, "user_ids");
		for (k = 0; k < r->count; k++) {
			json_u64(j, NULL, r->user_ids[k]);
			mine = mine || r->user_ids[k] == viewer_id;
		}
		json_end_array(j);
		if (viewer_id != 0)
			json_bool(j, "mine", mine);
		json_end_object(j);
	}
	json_end_array(j);
}

void
shape_message(struct json *j, const char *key, const struct message *m,
    uint64_t viewer_id)
{
	json_object(j, key);
	json_u64(j, "id", m->id);
	json_u64(j, "conversation_id", m->conversation_id);
	json_u64(j, "number", m->number);
	json_u64(j, "seq", m->seq);
	shape_author(j, "author", &m->author);
	json_text(j, "text", m->text);
	json_text(j, "html", m->html);
	json_time(j, "created_at", m->created_at_ms);
	json_time(j, "edited_at", m->edited_at_ms);
	json_time(j, "deleted_at", m->deleted_at_ms);
	if (m->reply_number != 0) {
		json_object(j, "reply_to");
		json_u64(j, "id", m->reply_id);
		json_u64(j, "number", m->reply_number);
		if (m->reply_deleted) {
			json_bool(j, "deleted", true);
		} else {
			shape_author(j, "author", &m->reply_author);
			json_text(j, "text", m->reply_text);
		}
		json_end_object(j);
	}
	shape_reactions(j, m, viewer_id);
	json_array(j, "files");
	json_end_array(j);
	if (m->client_id != NULL)
		json_text(j, "client_id", m->client_id);
	json_end_object(j);
}
