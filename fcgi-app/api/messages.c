#include <string.h>

#include "api/api.h"
#include "base/arena.h"
#include "base/config.h"
#include "base/utf8.h"
#include "http/route.h"
#include "model/messages.h"

handler post_message, get_messages, get_message, patch_message,
    delete_message;

/* The text of the body, by type; NULL and a field error when refused.  It is
 * counted as it is kept, with \n for line ends. */
static const char *
read_text(struct request *q)
{
	const char *text;
	size_t characters;

	if (q->body_kind == BODY_PLAIN)
		text = q->body;
	else
		text = body_text(q, "text", 0, BODY_BYTES_MAX);
	if (text == NULL)
		return NULL;
	text = utf8_clean_text(q->arena, text);
	characters = utf8_count(text);
	if (text[strspn(text, " \t\n")] == '\0')
		request_fault(q, "/text", "blank", "Nothing is said.");
	else if (characters > api_config->text_characters ||
	    strlen(text) > TEXT_BYTES_MAX)
		request_fault(q, "/text", "too_long",
		    arena_printf(q->arena, "At most %u characters.",
			api_config->text_characters));
	return text;
}

/* A key that makes repeating safe: by header, in the body, or both the same. */
static const char *
read_client_id(struct request *q)
{
	const char *header = q->idempotency_key;
	const char *body = NULL;
	const char *key, *c;

	if (q->body_kind == BODY_JSON)
		body = body_text_optional(q, "client_id", 1, CLIENT_ID_MAX);
	if (body != NULL && header[0] != '\0' && strcmp(body, header) != 0)
		request_fault(q, "/client_id", "conflict",
		    "Idempotency-Key says otherwise.");
	key = body != NULL ? body : header[0] != '\0' ? header : NULL;
	if (key == NULL)
		return NULL;
	if (strlen(key) > CLIENT_ID_MAX)
		request_fault(q, "/client_id", "too_long",
		    "At most 128 characters.");
	for (c = key; *c != '\0'; c++)
		if (*c <= ' ' || *c > '~') {
			request_fault(q, "/client_id", "characters",
			    "Printable ASCII without blanks.");
			break;
		}
	return key;
}

/**
 * POST /api/v1/conversations/{id}/messages
 *   {"text", "reply_to"?, "client_id"?}, or text/plain; Idempotency-Key?
 * Says something.  Event: message.posted to its members.
 * 201 message; 200 the same message when the key was used for the same before.
 * 422 idempotency_mismatch: it was used for something else.
 */
enum err
post_message(struct request *q, struct reply *p)
{
	struct draft draft = {.conversation_id = q->ids[0]};
	struct message m;
	bool repeated;
	enum err e;

	draft.author = (struct user){.id = q->caller.user_id,
	    .username = q->caller.username,
	    .display_name = q->caller.display_name,
	    .is_bot = q->caller.is_bot};
	draft.secret_hash = q->caller.secret_hash;
	draft.text = read_text(q);
	draft.client_id = read_client_id(q);
	if (q->body_kind == BODY_JSON)
		draft.reply_to = body_id_optional(q, "reply_to");
	if (request_bad(q))
		return ERR_BAD_INPUT;
	e = message_post(q->arena, &draft, &m, &repeated);
	if (e != OK)
		return e;
	p->status = repeated ? 200 : 201;
	/* With 200, CGI servers would take it for a redirection. */
	if (!repeated)
		p->location = arena_printf(q->arena, "api/v1/messages/%llu",
		    (unsigned long long)m.id);
	shape_message(&p->json, NULL, &m, q->caller.user_id);
	return OK;
}

/* Which numbers are asked for: so many before the bound, and the rest from it
 * on. */
struct range {
	uint64_t bound;
	size_t before, from;
	bool forward;	/* after=: beyond the end there is nothing */
};

static void
read_range(struct request *q, size_t limit, struct range *r)
{
	uint64_t before, after, around;

	before = query_u64(q, "before", 0, ID_MAX, 0);
	after = query_u64(q, "after", 0, ID_MAX, 0);
	around = query_u64(q, "around", 1, ID_MAX, 1);
	if (query_has(q, "before") + query_has(q, "after") +
	    query_has(q, "around") > 1)
		request_fault(q, "?before", "conflict",
		    "Only one of before, after and around.");
	*r = (struct range){.bound = ID_MAX, .before = limit};
	if (query_has(q, "before")) {
		r->bound = before;
	} else if (query_has(q, "after")) {
		*r = (struct range){.bound = after + 1, .from = limit,
		    .forward = true};
	} else if (query_has(q, "around")) {
		r->bound = around;
		r->before = around > limit / 2 ? limit / 2 :
		    (size_t)around - 1;
		r->from = limit - r->before;
	}
}

/* The two pages are next to each other, unless the second begins beyond the
 * end: then the newest ones are meant. */
static enum err
read_page(struct request *q, const struct range *r, struct message_page *page)
{
	struct message_page rest = {0};
	struct message *all;
	enum err e = OK;

	*page = (struct message_page){0};
	if (r->from > 0)
		e = messages_from(q->arena, q->ids[0], q->caller.user_id,
		    r->bound, r->from, &rest);
	if (e == OK && r->from > 0 && rest.count == 0 && !r->forward)
		return messages_before(q->arena, q->ids[0],
		    q->caller.user_id, ID_MAX, r->before + r->from, page);
	if (e == OK && r->before > 0)
		e = messages_before(q->arena, q->ids[0], q->caller.user_id,
		    r->bound, r->before, page);
	if (e != OK || r->from == 0)
		return e;
	all = arena_alloc(q->arena,
	    (page->count + rest.count) * sizeof(*all));
	if (page->count > 0)
		memcpy(all, page->items, page->count * sizeof(*all));
	if (rest.count > 0)
		memcpy(all + page->count, rest.items,
		    rest.count * sizeof(*all));
	page->items = all;
	page->count += rest.count;
	page->last_number = rest.last_number;
	return OK;
}

/**
 * GET /api/v1/conversations/{id}/messages?before=&after=&around=&limit=
 * A page of at most limit (1 to 200, else 50) messages by number, oldest
 * first; without a bound the newest.  Fewer when they are long: has_before and
 * has_after say whether there are more.
 * 200 {"items", "has_before", "has_after"}.
 */
enum err
get_messages(struct request *q, struct reply *p)
{
	struct message_page page;
	struct range r;
	uint64_t first, last;
	size_t i, limit;
	enum err e;

	limit = query_u64(q, "limit", 1, MESSAGES_PAGE_MAX, 50);
	read_range(q, limit, &r);
	if (request_bad(q))
		return ERR_BAD_INPUT;
	e = read_page(q, &r, &page);
	if (e != OK)
		return e;
	/* An empty page lies before the first message or after the last. */
	first = r.forward ? page.last_number + 1 : 1;
	last = first - 1;
	if (page.count != 0) {
		first = page.items[0].number;
		last = page.items[page.count - 1].number;
	}
	json_object(&p->json, NULL);
	json_array(&p->json, "items");
	for (i = 0; i < page.count; i++)
		shape_message(&p->json, NULL, &page.items[i],
		    q->caller.user_id);
	json_end_array(&p->json);
	json_bool(&p->json, "has_before", first > 1);
	json_bool(&p->json, "has_after", last < page.last_number);
	json_end_object(&p->json);
	return OK;
}

static enum err
find(struct request *q, struct message *m)
{
	return message_by_id(q->arena, q->ids[0], q->caller.user_id,
	    q->caller.only_conversation_id, m);
}

/**
 * GET /api/v1/messages/{id}
 * 200 message.
 */
enum err
get_message(struct request *q, struct reply *p)
{
	struct message m;
	enum err e;

	e = find(q, &m);
	if (e == OK)
		shape_message(&p->json, NULL, &m, q->caller.user_id);
	return e;
}

/**
 * PATCH /api/v1/messages/{id}  {"text"}
 * By its author.  Event: message.edited.  200 message.
 */
enum err
patch_message(struct request *q, struct reply *p)
{
	struct message was, m;
	const char *text;
	enum err e;

	text = read_text(q);
	if (request_bad(q))
		return ERR_BAD_INPUT;
	e = find(q, &was);
	if (e != OK)
		return e;
	e = message_edit(q->arena, &was, q->caller.user_id, text, &m);
	if (e == OK)
		shape_message(&p->json, NULL, &m, q->caller.user_id);
	return e;
}

/**
 * DELETE /api/v1/messages/{id}
 * By its author, or an owner or admin of the group.  The number stays, the
 * text goes.  Event: message.deleted.  204.
 */
enum err
delete_message(struct request *q, struct reply *p)
{
	struct message was;
	enum err e;

	e = find(q, &was);
	if (e != OK)
		return e;
	p->status = 204;
	return message_delete(q->arena, &was, q->caller.user_id);
}
