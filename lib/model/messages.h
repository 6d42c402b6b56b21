/*
 * model/messages.h -- say, change and read messages.
 *
 * Owns the tables messages and mentions.  Posting, editing and deleting are in
 * message_changes.c, all else in messages.c.
 *
 * Shapes  message: {id, conversation_id, number, seq, author, text, html,
 *         created_at, edited_at, deleted_at, reply_to?, reactions, files,
 *         client_id?}.  reply_to: {id, number, author, text} with at most
 *         QUOTE_CHARACTERS of text, or {id, number, deleted: true}.
 * Units   Times: UTC, milliseconds since 1970.  Text: UTF-8 with \n line ends,
 *         as typed.  number: 1..N in its conversation without gaps.
 * Memory  Rows are in the caller's arena.
 */
#ifndef MODEL_MESSAGES_H
#define MODEL_MESSAGES_H

#include "base/db.h"
#include "base/err.h"
#include "base/json.h"
#include "model/users.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

#define TEXT_BYTES_MAX (64 * 1024)
#define CLIENT_ID_MAX 128
#define QUOTE_CHARACTERS 200
#define MESSAGES_PAGE_MAX 200
#define MESSAGES_PAGE_BYTES (3u * 1024 * 1024)	/* of texts and HTML */

/* One kind of reaction to a message. */
struct reaction {
	const char *emoji;
	uint64_t *user_ids;	/* in the order they reacted */
	size_t count;
};

struct message {
	uint64_t id;
	uint64_t conversation_id;
	uint64_t number;
	uint64_t seq;
	struct user author;
	const char *text;	/* "" when deleted */
	const char *html;
	const char *client_id;	/* NULL: none */
	int64_t created_at_ms;
	int64_t edited_at_ms;	/* 0: never */
	int64_t deleted_at_ms;	/* 0: not */
	uint64_t reply_number;	/* 0: no reply */
	uint64_t reply_id;
	bool reply_deleted;
	struct user reply_author;
	const char *reply_text;
	struct reaction *reactions;
	size_t reaction_count;
};

struct message_page {
	struct message *items;	/* oldest first */
	size_t count;
	uint64_t last_number;	/* of the conversation */
};

/* What is to be said. */
struct draft {
	uint64_t conversation_id;
	struct user author;	/* as the caller is known */
	const uint8_t *secret_hash;	/* of the author's token or session, to be
				 * asked about once more; NULL: need not */
	const char *text;
	uint64_t reply_to;	/* message id; 0: none */
	const char *client_id;	/* NULL: none */
};

extern struct stmt *const messages_sql[];		/* reading */
extern struct stmt *const message_changes_sql[];	/* posting and changing */

/*
 * The columns and joins of one message `m`, for the statements of this file
 * and of those that show messages beside their own rows (conversations,
 * events); message_row() reads them.
 */
#define MESSAGE_COLUMNS MESSAGE_COLUMNS_WITH("m.text, m.html")
/* Where many are shown, a long text is cut and has no HTML. */
#define MESSAGE_PREVIEW_COLUMNS MESSAGE_COLUMNS_WITH( \
	"LEFT(m.text, 200), IF(CHAR_LENGTH(m.text) > 200, '', m.html)")
#define MESSAGE_COLUMNS_WITH(texts) \
	"m.id, m.conversation_id, m.number, m.seq, " texts "," \
	" m.client_id, m.created_at_ms, m.edited_at_ms, m.deleted_at_ms," \
	" a.id, a.username, a.display_name, a.kind = 'bot'," \
	" m.reply_number, r.id, r.deleted_at_ms, LEFT(r.text, 200)," \
	" ra.id, ra.username, ra.display_name, ra.kind = 'bot'," \
	" (SELECT GROUP_CONCAT(HEX(x.emoji), ' ', x.user_id" \
	"   ORDER BY x.created_at_ms, x.emoji, x.user_id SEPARATOR ',')" \
	"   FROM reactions x WHERE x.conversation_id = m.conversation_id" \
	"   AND x.number = m.number)"
#define MESSAGE_COLUMN_COUNT 23
#define MESSAGE_JOINS \
	" LEFT JOIN users a ON a.id = m.author_id" \
	" LEFT JOIN messages r ON r.conversation_id = m.conversation_id" \
	" AND r.number = m.reply_number" \
	" LEFT JOIN users ra ON ra.id = r.author_id"

/** message_row(stmt, first, arena, m): false when the row has no message. */
bool message_row(struct stmt *stmt, unsigned first, struct arena *arena,
    struct message *m);

/**
 * message_post(arena, draft, m, repeated):
 * Say it: one transaction in one round trip; the event goes to pushd after
 * COMMIT.  *repeated: this client_id was used before for the same request and
 * *m is what it made then.
 * ERR_NOT_FOUND: no such conversation, not a member, or reply_to is not in it.
 * ERR_ARCHIVED.  ERR_IDEMPOTENCY_MISMATCH: client_id used for something else.
 * ERR_UNAUTHENTICATED: the secret is dead, or the account not as it was.
 */
enum err message_post(struct arena *arena, const struct draft *draft,
    struct message *m, bool *repeated);

/**
 * messages_from: at most limit messages with first <= number;
 * messages_before: the last of those with number < bound; for ${reader}, oldest
 * first.  A page ends early, on the far side, when its messages together reach
 * MESSAGES_PAGE_BYTES; it has one at least when there is one.
 * ERR_NOT_FOUND: no such conversation, or not a member.
 */
enum err messages_from(struct arena *arena, uint64_t conversation_id,
    uint64_t reader_id, uint64_t first, size_t limit,
    struct message_page *page);
enum err messages_before(struct arena *arena, uint64_t conversation_id,
    uint64_t reader_id, uint64_t bound, size_t limit,
    struct message_page *page);

/** message_weight(m): about the bytes it takes in an answer. */
size_t message_weight(const struct message *m);

/**
 * message_by_id(arena, id, reader_id, only_conversation_id, m):
 * ERR_NOT_FOUND: none, not a member, or not in the only conversation (0: any).
 */
enum err message_by_id(struct arena *arena, uint64_t id, uint64_t reader_id,
    uint64_t only_conversation_id, struct message *m);

/** message_edit: by its author.  ERR_FORBIDDEN: somebody else's, or deleted. */
enum err message_edit(struct arena *arena, const struct message *was,
    uint64_t actor_id, const char *text, struct message *m);

/** message_delete: by its author, or an owner or admin of the group.  Again
 * is OK and changes nothing. */
enum err message_delete(struct arena *arena, const struct message *was,
    uint64_t actor_id);

/** mentions_forget: of who leaves; inside the transaction.  What is changed in a
 * message is changed in the mentions of members only. */
enum err mentions_forget(uint64_t conversation_id, uint64_t user_id);

/** shape_message(j, key, m, viewer_id): viewer_id 0 (events): no `mine`. */
void shape_message(struct json *j, const char *key, const struct message *m,
    uint64_t viewer_id);

#endif
