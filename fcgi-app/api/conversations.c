#include "api/api.h"
#include "base/config.h"
#include "base/utf8.h"
#include "http/route.h"
#include "model/conversations.h"
#include "model/site.h"

handler post_conversation, get_conversations, get_public_conversations,
    get_conversation, patch_conversation, delete_conversation;

static const char *const kinds[] = {"direct", "group", NULL};

/* A name of a group, cleaned; NULL and a field error when nothing is left. */
static const char *
clean_name(struct request *q, const char *name)
{
	const char *clean;

	if (name == NULL)
		return NULL;
	clean = utf8_clean_name(q->arena, name);
	if (clean == NULL)
		request_fault(q, "/name", "blank", "A name needs letters.");
	else if (utf8_count(clean) > NAME_CHARACTERS)
		request_fault(q, "/name", "too_long",
		    "At most 80 characters, in their composed form.");
	return clean;
}

/* One line, as a name; "" when nothing is left of it. */
static const char *
clean_topic(struct request *q, const char *topic)
{
	const char *clean;

	if (topic == NULL)
		return NULL;
	clean = utf8_clean_name(q->arena, topic);
	if (clean != NULL && utf8_count(clean) > TOPIC_CHARACTERS)
		request_fault(q, "/topic", "too_long",
		    "At most 250 characters, in their composed form.");
	return clean == NULL ? "" : clean;
}

static enum err
open_direct(struct request *q, uint64_t *id, bool *created)
{
	uint64_t other_id;

	other_id = body_id(q, "user_id");
	if (request_bad(q))
		return ERR_BAD_INPUT;
	return conversation_open_direct(q->arena, q->caller.user_id, other_id,
	    id, created);
}

static enum err
create_group(struct request *q, uint64_t *id)
{
	const char *name, *topic;
	const uint64_t *user_ids;
	size_t user_count;
	int visibility;

	name = clean_name(q, body_text(q, "name", 1, NAME_CHARACTERS));
	topic = clean_topic(q,
	    body_text_optional(q, "topic", 0, TOPIC_CHARACTERS));
	visibility = body_choice(q, "visibility", visibility_words);
	user_count = body_ids_optional(q, "user_ids", FIRST_MEMBERS_MAX,
	    &user_ids);
	if (request_bad(q))
		return ERR_BAD_INPUT;
	if (user_count >= api_config->group_members)
		return ERR_CONFLICT;
	return conversation_create_group(q->arena, q->caller.user_id, name,
	    topic, visibility == 1 ? PUBLIC : PRIVATE, user_ids, user_count,
	    id);
}

static enum err
answer_with(struct request *q, struct reply *p, uint64_t id)
{
	struct conversation c;
	enum err e;

	e = conversation_read(q->arena, id, q->caller.user_id, &c);
	if (e == OK)
		shape_conversation(&p->json, NULL, &c);
	return e;
}

/**
 * POST /api/v1/conversations  {"kind": "direct", "user_id"}
 *   or {"kind": "group", "name", "visibility", "topic"?, "user_ids"?}
 * Opens the one direct conversation with somebody (or with oneself), or makes
 * a group.  Events: member.added, and conversation.joined to each member.
 * 201 conversation, 200 when the direct one exists.  404: no such user.  409:
 * more members than a group may have.
 */
enum err
post_conversation(struct request *q, struct reply *p)
{
	bool created = true;
	uint64_t id = 0;
	enum err e;

	switch (body_choice(q, "kind", kinds)) {
	case DIRECT:
		e = open_direct(q, &id, &created);
		break;
	case GROUP:
		e = create_group(q, &id);
		break;
	default:
		e = ERR_BAD_INPUT;
	}
	if (e != OK)
		return e;
	p->status = created ? 201 : 200;
	return answer_with(q, p, id);
}

/**
 * GET /api/v1/conversations
 * All of mine, newest activity first.  200 {"items", "epoch"}.
 */
enum err
get_conversations(struct request *q, struct reply *p)
{
	struct conversation_list list;
	enum err e;
	size_t i;

	e = conversations_of(q->arena, q->caller.user_id,
	    q->caller.only_conversation_id, &list);
	if (e != OK)
		return e;
	json_object(&p->json, NULL);
	json_array(&p->json, "items");
	for (i = 0; i < list.count; i++)
		shape_conversation(&p->json, NULL, &list.items[i]);
	json_end_array(&p->json);
	json_text(&p->json, "epoch", site_epoch());
	json_end_object(&p->json);
	return OK;
}

/**
 * GET /api/v1/conversations/public?q=&limit=
 * Groups that one may join, by name.  200 {"items"} with the shared fields.
 */
enum err
get_public_conversations(struct request *q, struct reply *p)
{
	struct conversation_list list;
	const char *words;
	uint64_t limit;
	enum err e;
	size_t i;

	words = query_text(q, "q", NAME_CHARACTERS);
	limit = query_u64(q, "limit", 1, 200, 50);
	if (request_bad(q))
		return ERR_BAD_INPUT;
	e = conversations_public(q->arena, q->caller.user_id,
	    words != NULL ? words : "", limit, &list);
	if (e != OK)
		return e;
	json_object(&p->json, NULL);
	json_array(&p->json, "items");
	for (i = 0; i < list.count; i++)
		shape_conversation_shared(&p->json, NULL, &list.items[i]);
	json_end_array(&p->json);
	json_end_object(&p->json);
	return OK;
}

/**
 * GET /api/v1/conversations/{id}
 * 200 conversation.  404: none, or not a member.
 */
enum err
get_conversation(struct request *q, struct reply *p)
{
	return answer_with(q, p, q->ids[0]);
}

/**
 * PATCH /api/v1/conversations/{id}
 *   {"name"?, "topic"?, "visibility"?, "archived"?, "notify"?}
 * A topic that is null or "" is none from then on.
 * notify is the caller's own; the others need a group's owner or admin.
 * Event: conversation.updated.  200 conversation.  403: not allowed.
 */
enum err
patch_conversation(struct request *q, struct reply *p)
{
	struct conversation_change to;
	enum err e;

	to.name = clean_name(q,
	    body_text_optional(q, "name", 1, NAME_CHARACTERS));
	to.topic = clean_topic(q,
	    body_text_optional(q, "topic", 0, TOPIC_CHARACTERS));
	if (body_is_null(q, "topic"))
		to.topic = "";
	to.visibility = body_choice_optional(q, "visibility", visibility_words,
	    -1);
	to.archived = -1;
	if (body_has(q, "archived"))
		to.archived = body_bool_optional(q, "archived", false);
	to.notify = body_choice_optional(q, "notify", notify_words, -1);
	if (request_bad(q))
		return ERR_BAD_INPUT;
	e = conversation_admit(q->ids[0], q->caller.user_id, NULL);
	if (e != OK)
		return e;
	e = conversation_change(q->arena, q->ids[0], q->caller.user_id, &to);
	if (e != OK)
		return e;
	return answer_with(q, p, q->ids[0]);
}

/**
 * DELETE /api/v1/conversations/{id}
 * By the owner of a group.  Events: conversation.deleted, and
 * conversation.left to each member.  204.
 */
enum err
delete_conversation(struct request *q, struct reply *p)
{
	p->status = 204;
	return conversation_delete(q->arena, q->ids[0], q->caller.user_id);
}
