#include "base/config.h"
#include "http/route.h"
#include "model/site.h"

handler get_site;

static const char *const registrations[] = {
    [REGISTRATION_INVITE] = "invite",
    [REGISTRATION_OPEN] = "open",
    [REGISTRATION_CLOSED] = "closed",
};

/**
 * GET /api/v1/site
 * What a client should know before anybody signs in.  200 {name, url,
 * registration: "invite"|"open"|"closed", epoch, signed_in, limits:
 * {text_characters, group_members}}; signed_in is about who asks.
 */
enum err
get_site(struct request *q, struct reply *p)
{
	const struct config *c = q->config;
	struct json *j = &p->json;

	json_object(j, NULL);
	json_text(j, "name", c->name);
	json_text(j, "url", c->url);
	json_text(j, "registration", registrations[c->registration]);
	json_text(j, "epoch", site_epoch());
	json_bool(j, "signed_in", q->caller.user_id != 0);
	json_object(j, "limits");
	json_u64(j, "text_characters", c->text_characters);
	json_u64(j, "group_members", c->group_members);
	json_end_object(j);
	json_end_object(j);
	return OK;
}
