#include "http/route.h"
#include "model/emoji.h"
#include "model/messages.h"
#include "model/reactions.h"

handler put_reaction, delete_reaction;

static enum err
react(struct request *q, struct reply *p,
    enum err (*change)(struct arena *, const struct message *, uint64_t,
    const char *))
{
	struct message m;
	const char *emoji;
	enum err e;

	emoji = emoji_clean(q->arena, q->word);
	if (emoji == NULL) {
		request_fault(q, "/emoji", "characters",
		    "One emoji, or a :name:.");
		return ERR_BAD_INPUT;
	}
	e = message_by_id(q->arena, q->ids[0], q->caller.user_id,
	    q->caller.only_conversation_id, &m);
	if (e != OK)
		return e;
	p->status = 204;
	return change(q->arena, &m, q->caller.user_id, emoji);
}

/**
 * PUT /api/v1/messages/{id}/reactions/{emoji}
 * Event: reaction.added.  204, also when it was there.
 */
enum err
put_reaction(struct request *q, struct reply *p)
{
	return react(q, p, reaction_put);
}

/**
 * DELETE /api/v1/messages/{id}/reactions/{emoji}
 * Event: reaction.removed.  204, also when it was not there.
 */
enum err
delete_reaction(struct request *q, struct reply *p)
{
	return react(q, p, reaction_take);
}
