#include "events/notice.h"
#include "http/route.h"
#include "model/conversations.h"
#include "model/members.h"

handler put_read, post_typing;

/**
 * PUT /api/v1/conversations/{id}/read  {"number", "back"?}
 * Read up to that message; backwards ("unread from here") only with
 * "back": true.  Event: read.moved in the caller's own stream; the other
 * members' live streams get `read`.  200 {"read_number", "unread"}.
 */
enum err
put_read(struct request *q, struct reply *p)
{
	uint64_t number, read_number, unread;
	bool back;
	enum err e;

	number = body_u64(q, "number", 0, ID_MAX);
	back = body_bool_optional(q, "back", false);
	if (request_bad(q))
		return ERR_BAD_INPUT;
	e = member_read(q->arena, q->ids[0], q->caller.user_id, number, back,
	    &read_number, &unread);
	if (e == ERR_BAD_INPUT)
		request_fault(q, "/number", "range",
		    "There is no such message yet.");
	if (e != OK)
		return e;
	json_object(&p->json, NULL);
	json_u64(&p->json, "read_number", read_number);
	json_u64(&p->json, "unread", unread);
	json_end_object(&p->json);
	return OK;
}

/**
 * POST /api/v1/conversations/{id}/typing
 * Live streams of the other members get `typing`.  204.
 */
enum err
post_typing(struct request *q, struct reply *p)
{
	struct notice n = {.kind = NOTICE_TYPING,
	    .conversation_id = q->ids[0], .user_id = q->caller.user_id};
	struct admission a;
	enum err e;

	e = conversation_admit(q->ids[0], q->caller.user_id, &a);
	if (e != OK)
		return e;
	n.seq = a.last_seq;
	notice_send(&n);
	p->status = 204;
	return OK;
}
