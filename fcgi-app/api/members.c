#include "api/api.h"
#include "base/config.h"
#include "http/route.h"
#include "model/conversations.h"
#include "model/members.h"

handler get_members, post_member, patch_member, delete_member;

/**
 * GET /api/v1/conversations/{id}/members
 * 200 {"items": [member]}, by name.
 */
enum err
get_members(struct request *q, struct reply *p)
{
	struct member_list list;
	enum err e;
	size_t i;

	e = members_of(q->arena, q->ids[0], q->caller.user_id, &list);
	if (e != OK)
		return e;
	json_object(&p->json, NULL);
	json_array(&p->json, "items");
	for (i = 0; i < list.count; i++)
		shape_member(&p->json, NULL, &list.items[i]);
	json_end_array(&p->json);
	json_end_object(&p->json);
	return OK;
}

/**
 * POST /api/v1/conversations/{id}/members  {"user_id"?}
 * Adds somebody; without user_id one joins a public group oneself.  Private
 * groups: by an owner or admin.  Events: member.added, conversation.joined.
 * 201 member.  409: in it already, or full.
 */
enum err
post_member(struct request *q, struct reply *p)
{
	struct member added;
	uint64_t user_id;
	enum err e;

	user_id = body_id_optional(q, "user_id");
	if (request_bad(q))
		return ERR_BAD_INPUT;
	if (user_id == 0)
		user_id = q->caller.user_id;
	e = member_add(q->arena, q->ids[0], q->caller.user_id, user_id,
	    api_config->group_members, &added);
	if (e != OK)
		return e;
	p->status = 201;
	shape_member(&p->json, NULL, &added);
	return OK;
}

/**
 * PATCH /api/v1/conversations/{id}/members/{user_id}  {"role"}
 * By the owner; "owner" hands the group over and makes the caller an admin.
 * Event: member.changed.  200 member.
 */
enum err
patch_member(struct request *q, struct reply *p)
{
	struct member changed;
	enum err e;
	int role;

	role = body_choice(q, "role", role_words + ROLE_MEMBER);
	if (request_bad(q))
		return ERR_BAD_INPUT;
	e = member_change(q->arena, q->ids[0], q->caller.user_id, q->ids[1],
	    (enum role)(role + ROLE_MEMBER), &changed);
	if (e == OK)
		shape_member(&p->json, NULL, &changed);
	return e;
}

/**
 * DELETE /api/v1/conversations/{id}/members/{user_id}
 * Removes somebody of a lower role, or leaves when it is oneself.  Events:
 * member.removed, conversation.left.  204.  409 owner_must_stay.
 */
enum err
delete_member(struct request *q, struct reply *p)
{
	p->status = 204;
	return member_remove(q->arena, q->ids[0], q->caller.user_id,
	    q->ids[1]);
}
