#include "pushd/relay.h"

#include "events/notice.h"
#include "pushd/outbox.h"
#include "pushd/picture.h"
#include "pushd/recipients.h"
#include "pushd/registry.h"
#include "pushd/revoke.h"
#include "pushd/wait.h"

#include <inttypes.h>

#define HINT_SIZE 96

static void
publish(const struct relayed *r, uint64_t *ticket)
{
	const char *json = r->json;
	size_t length = r->json_length;
	char hint[HINT_SIZE];

	if (recipients_count() == 0)
		return;
	if (json == NULL || length > NOTICE_JSON_MAX) {
		int made = snprintf(hint, sizeof(hint), "{\"type\":\"hint\","
		    "\"stream\":\"%c:%" PRIu64 "\",\"seq\":%" PRIu64 "}",
		    r->stream, r->stream_id, r->seq);

		json = hint;
		length = (size_t)made;
	}
	*ticket = outbox_event(recipients_list(), recipients_count(), json,
	    length, *ticket);
}

static void
relay_to_user(const struct relayed *r, uint64_t *ticket)
{
	bool ended = strcmp(r->type, "session.ended") == 0;

	recipients_start();
	if (ended)
		recipients_add_every(r->stream_id);
	else
		recipients_add_all(r->stream_id);
	publish(r, ticket);
	wait_touched(r->stream_id);
	if (ended)
		revoke_user(r->stream_id);
}

static void
add_user(const struct relayed *r, uint64_t user_id)
{
	recipients_add(user_id, r->stream_id);
	wait_touched(user_id);
}

/* Streams of single conversations end with it. */
static void
end_singles(uint64_t conversation_id, const uint64_t *users, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (registry_open((struct channel){conversation_id, users[i]}))
			revoke_member(conversation_id, users[i]);
}

static enum err
relay_to_members(const struct relayed *r, uint64_t *ticket)
{
	bool added = strcmp(r->type, "member.added") == 0;
	bool removed = strcmp(r->type, "member.removed") == 0;
	const uint64_t *users;
	struct picture *p;
	size_t count;
	enum err e;

	e = picture_for(r->stream_id, r->seq, &p);
	if (e != OK)
		return e;
	picture_apply(p, r->seq, r->type, r->user_id);
	recipients_start();
	users = picture_users(p, &count);
	for (size_t i = 0; i < count; i++)
		add_user(r, users[i]);
	if ((added || removed) && r->user_id != 0 &&
	    !picture_has(p, r->user_id))
		add_user(r, r->user_id);
	publish(r, ticket);
	if (removed)
		revoke_member(r->stream_id, r->user_id);
	if (strcmp(r->type, "conversation.deleted") == 0)
		end_singles(r->stream_id, users, count);
	return OK;
}

enum err
relay_event(const struct relayed *r, uint64_t *ticket)
{
	enum err e = OK;

	if (r->stream == 'u')
		relay_to_user(r, ticket);
	else
		e = relay_to_members(r, ticket);
	if (e == OK)
		wait_moved(r->stream, r->stream_id, r->seq);
	return e;
}

void
relay_notice(const struct notice *n)
{
	const uint64_t *users;
	struct picture *p;
	char text[160];
	size_t count;
	int length;
	enum err e;

	e = picture_for(n->conversation_id, 0, &p);
	if (e != OK || !picture_is_of(p, n->seq) || !picture_has(p, n->user_id))
		return;
	recipients_start();
	users = picture_users(p, &count);
	for (size_t i = 0; i < count; i++)
		if (users[i] != n->user_id)
			recipients_add(users[i], n->conversation_id);
	length = snprintf(text, sizeof(text), "{\"type\":\"%s\","
	    "\"conversation_id\":%" PRIu64 ",\"user_id\":%" PRIu64,
	    n->kind == NOTICE_READ ? "read" : "typing", n->conversation_id,
	    n->user_id);
	if (n->kind == NOTICE_READ)
		length += snprintf(text + length,
		    sizeof(text) - (size_t)length, ",\"read_number\":%" PRIu64,
		    n->number);
	text[length++] = '}';
	outbox_ephemeral(recipients_list(), recipients_count(), text,
	    (size_t)length);
}
