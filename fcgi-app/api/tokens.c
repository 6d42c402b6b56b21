#include "api/api.h"
#include "base/arena.h"
#include "base/utf8.h"
#include "http/route.h"
#include "model/tokens.h"

handler delete_token, get_tokens, post_token;

#define SCOPES_MAX 3

/**
 * GET /api/v1/tokens
 * 200 {items: [Token]}: mine, newest first, expired ones too; no secrets.
 */
enum err
get_tokens(struct request *q, struct reply *p)
{
	struct token *items;
	size_t count;
	enum err e;

	e = tokens_of(q->arena, q->caller.user_id, &items, &count);
	if (e != OK)
		return e;
	json_object(&p->json, NULL);
	json_array(&p->json, "items");
	for (size_t i = 0; i < count; i++)
		shape_token(&p->json, NULL, &items[i], NULL);
	json_end_array(&p->json);
	json_end_object(&p->json);
	return OK;
}

/* ["read", "write", "admin"] as bits; 0 and a field error. */
static unsigned
body_scopes(struct request *q)
{
	const struct json_value *list = json_get(q->json, "scopes");
	size_t count = json_length(list);
	const char *pointer;
	unsigned scopes = 0;

	if (list == NULL || json_kind(list) == JSON_NULL) {
		request_fault(q, "/scopes", "required",
		    "A list of read, write, admin.");
		return 0;
	}
	if (json_kind(list) != JSON_ARRAY || count > SCOPES_MAX) {
		request_fault(q, "/scopes",
		    json_kind(list) != JSON_ARRAY ? "type" : "too_long",
		    "A list of read, write, admin.");
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		const char *word = json_string(json_at(list, i));
		unsigned scope = word == NULL ? 0 : token_scope(word);

		if (scope == 0) {
			pointer = arena_printf(q->arena, "/scopes/%zu", i);
			request_fault(q, pointer, "choice",
			    "One of read, write and admin.");
			return 0;
		}
		scopes |= scope;
	}
	if (scopes == 0)
		request_fault(q, "/scopes", "range", "At least one.");
	if ((scopes & TOKEN_ADMIN) && !q->caller.is_admin) {
		request_fault(q, "/scopes", "forbidden",
		    "Only administrators of the site have admin.");
		return 0;
	}
	return scopes;
}

/**
 * POST /api/v1/tokens
 * {"name", "scopes": ["read", "write", "admin"], "conversation_id"?,
 * "expires_at"?}
 * A secret for a script, which acts as me.  201 Token with `token`, the secret:
 * it is shown this once.  404 not_found: I am not in that conversation.
 * 409 conflict: there are 100 already.
 */
enum err
post_token(struct request *q, struct reply *p)
{
	struct token t = {.user_id = q->caller.user_id};
	char *secret = arena_alloc(q->arena, TOKEN_SECRET_SIZE);
	const char *name;
	enum err e;

	p->secret = true;
	name = body_text(q, "name", 1, TOKEN_NAME_CHARACTERS);
	t.scopes = body_scopes(q);
	t.conversation_id = body_id_optional(q, "conversation_id");
	t.expires_at_ms = body_expiry(q, "expires_at");
	if (name != NULL) {
		t.name = utf8_clean_name(q->arena, name);
		if (t.name == NULL ||
		    utf8_count(t.name) > TOKEN_NAME_CHARACTERS)
			request_fault(q, "/name", "invalid",
			    "From 1 to 64 characters that can be seen.");
	}
	if (request_bad(q))
		return ERR_BAD_INPUT;
	e = token_create(q->arena, &t, secret);
	if (e != OK)
		return e;
	p->status = 201;
	shape_token(&p->json, NULL, &t, secret);
	return OK;
}

/**
 * DELETE /api/v1/tokens/{id}
 * 204: it is dead, and its streams close.  404 not_found: also another's.
 */
enum err
delete_token(struct request *q, struct reply *p)
{
	enum err e;

	e = token_delete(q->arena, q->caller.user_id, q->ids[0]);
	if (e != OK)
		return e;
	p->status = 204;
	return OK;
}
