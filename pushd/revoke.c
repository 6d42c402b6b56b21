#include "pushd/revoke.h"

#include "pushd/channel.h"
#include "pushd/loop.h"
#include "pushd/outbox.h"
#include "pushd/registry.h"

#include <uthash.h>

#define AGAIN_MS 3000

struct revocation {
	struct channel channel;		/* conversation 0: all of the user's */
	struct timer again;
	UT_hash_handle hh;
};

static struct revocation *revocations;

static void
close_single(struct channel c)
{
	if (c.conversation_id != 0)
		outbox_close(c);
}

static void
close_channels(struct channel c)
{
	outbox_close(c);
	if (c.conversation_id == 0)
		registry_of_user(c.user_id, close_single);
}

static void
close_again(void *argument)
{
	struct revocation *r = argument;

	close_channels(r->channel);
	HASH_DELETE(hh, revocations, r);
	free(r);
}

static void
shut(struct channel c)
{
	struct revocation *r;

	close_channels(c);
	HASH_FIND(hh, revocations, &c, sizeof(c), r);
	if (r == NULL) {
		r = calloc(1, sizeof(*r));
		if (r == NULL)
			abort();
		r->channel = c;
		r->again.call = close_again;
		r->again.argument = r;
		HASH_ADD(hh, revocations, channel, sizeof(c), r);
	}
	timer_set(&r->again, AGAIN_MS);
}

void
revoke_user(uint64_t user_id)
{
	shut((struct channel){.user_id = user_id});
}

void
revoke_member(uint64_t conversation_id, uint64_t user_id)
{
	shut((struct channel){conversation_id, user_id});
}

void
revoke_end(void)
{
	struct revocation *r, *next;

	HASH_ITER(hh, revocations, r, next) {
		timer_stop(&r->again);
		HASH_DELETE(hh, revocations, r);
		free(r);
	}
}
