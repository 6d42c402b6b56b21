#include "model/messages.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "base/token.h"
#include "model/conversations.h"
#include "model/reactions.h"

/* clang-format off */
/* The reader's own row is part of every page, as a second lock behind
 * conversation_admit(). */
#define PAGE \
	"SELECT c.last_number, " MESSAGE_COLUMNS \
	" FROM members me JOIN conversations c ON c.id = me.conversation_id" \
	" JOIN messages m ON m.conversation_id = c.id" MESSAGE_JOINS \
	" WHERE me.conversation_id = ? AND me.user_id = ?" \
	" AND c.deleted_at_ms IS NULL"

static struct stmt from = {.sql =
	PAGE " AND m.number >= ? ORDER BY m.number LIMIT ?"};

static struct stmt before = {.sql =
	PAGE " AND m.number < ? ORDER BY m.number DESC LIMIT ?"};

static struct stmt by_id = {.sql =
	"SELECT " MESSAGE_COLUMNS
	" FROM messages m JOIN conversations c ON c.id = m.conversation_id"
	" AND c.deleted_at_ms IS NULL"
	" JOIN members me ON me.conversation_id = m.conversation_id"
	" AND me.user_id = ?" MESSAGE_JOINS
	" WHERE m.id = ?"};
/* clang-format on */

struct stmt *const messages_sql[] = {&from, &before, &by_id, NULL};

/* Its capacity is the power of two from 4 on that holds its count. */
static void
add_user(struct arena *arena, struct reaction *r, uint64_t user_id)
{
	size_t n = r->count;
	uint64_t *more;

	if (n == 0 || (n >= 4 && (n & (n - 1)) == 0)) {
		more = arena_alloc(arena, (n < 4 ? 4 : 2 * n) * sizeof(*more));
		if (n > 0)
			memcpy(more, r->user_ids, n * sizeof(*more));
		r->user_ids = more;
	}
	r->user_ids[r->count++] = user_id;
}

/* "F09F918D 12,F09F918D 31" as the statement's GROUP_CONCAT wrote it. */
static void
read_reactions(struct arena *arena, const char *list, struct message *m)
{
	struct text rest = {list, strlen(list)};
	struct text entry, hex;

	m->reactions = arena_alloc(arena,
	    REACTION_KINDS_MAX * sizeof(*m->reactions));
	while (text_split(&rest, ',', &entry)) {
		uint64_t user_id;
		char *emoji;
		size_t i;

		if (!text_split(&entry, ' ', &hex) ||
		    !parse_id(entry, &user_id))
			continue;
		emoji = arena_alloc(arena, hex.length / 2 + 1);
		hex_decode(hex.data, hex.length, emoji);
		for (i = 0; i < m->reaction_count; i++)
			if (strcmp(m->reactions[i].emoji, emoji) == 0)
				break;
		if (i == REACTION_KINDS_MAX)
			continue;
		m->reactions[i].emoji = emoji;
		if (i == m->reaction_count)
			m->reaction_count++;
		add_user(arena, &m->reactions[i], user_id);
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

size_t
message_weight(const struct message *m)
{
	size_t bytes = strlen(m->text) + strlen(m->html);
	size_t i;

	for (i = 0; i < m->reaction_count; i++)
		bytes += 8 * m->reactions[i].count;
	return bytes;
}

static void
read_page(struct arena *arena, struct stmt *s, size_t limit,
    struct message_page *page)
{
	size_t bytes = 0;

	page->items = arena_alloc(arena, limit * sizeof(*page->items));
	while (page->count < limit && bytes < MESSAGES_PAGE_BYTES &&
	    db_next(s)) {
		struct message *m = &page->items[page->count++];

		page->last_number = db_u64(s, 0);
		message_row(s, 1, arena, m);
		bytes += message_weight(m);
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

static enum err
take_page(struct arena *arena, struct stmt *s, uint64_t conversation_id,
    uint64_t reader_id, uint64_t bound, size_t limit,
    struct message_page *page)
{
	enum err e;

	*page = (struct message_page){0};
	e = db_query(s, U64(conversation_id), U64(reader_id), U64(bound),
	    U64(limit));
	if (e != OK)
		return e;
	read_page(arena, s, limit, page);
	if (page->count == 0)
		return empty_page(conversation_id, reader_id, page);
	return OK;
}

enum err
messages_from(struct arena *arena, uint64_t conversation_id,
    uint64_t reader_id, uint64_t first, size_t limit,
    struct message_page *page)
{
	return take_page(arena, &from, conversation_id, reader_id, first,
	    limit, page);
}

enum err
messages_before(struct arena *arena, uint64_t conversation_id,
    uint64_t reader_id, uint64_t bound, size_t limit,
    struct message_page *page)
{
	struct message m;
	enum err e;
	size_t i;

	e = take_page(arena, &before, conversation_id, reader_id, bound,
	    limit, page);
	if (e != OK)
		return e;
	for (i = 0; i < page->count / 2; i++) {
		m = page->items[i];
		page->items[i] = page->items[page->count - 1 - i];
		page->items[page->count - 1 - i] = m;
	}
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
