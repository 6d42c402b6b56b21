#include <arpa/inet.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/token.h"
#include "base/utf8.h"
#include "http/limit.h"
#include "http/shared.h"

#define LAYOUT (UINT64_C(0x6e6c696d00000000) | LIMIT_SLOTS)
#define PROBES 8
#define SUBJECT_MAX 256
#define MINUTE_US INT64_C(60000000)

struct slot {
	_Atomic uint64_t key;		/* 0: never used */
	_Atomic int64_t full_at_us;	/* when all of the burst is back */
};

static struct shared *shared;

void
limit_start(const struct config *config)
{
	char path[512];
	bool fits = config_path(config, "run/limits", path, sizeof(path));

	limit_stop();
	shared = shared_map(fits ? path : NULL, LAYOUT,
	    LIMIT_SLOTS * sizeof(struct slot));
}

void
limit_stop(void)
{
	shared_unmap(shared, LIMIT_SLOTS * sizeof(struct slot));
	shared = NULL;
}

/* The key of the file keeps strangers from choosing whom they collide with. */
static uint64_t
hash_of(const char *subject)
{
	uint8_t input[SHARED_KEY_SIZE + SUBJECT_MAX];
	uint8_t hash[TOKEN_HASH_SIZE];
	size_t length = strnlen(subject, SUBJECT_MAX);
	uint64_t key;

	memcpy(input, shared->key, SHARED_KEY_SIZE);
	memcpy(input + SHARED_KEY_SIZE, subject, length);
	token_hash(input, SHARED_KEY_SIZE + length, hash);
	memcpy(&key, hash, sizeof(key));
	return key == 0 ? 1 : key;
}

/*
 * The slot of a key, or one that is made its own: unused, or the one nearest
 * to its end.  Two workers that do this at once for the same key may take a
 * slot each; the second is then never found again and runs out.
 */
static struct slot *
slot_of(uint64_t key)
{
	struct slot *slots = (struct slot *)(void *)shared->bytes;
	struct slot *oldest = NULL;
	int64_t oldest_us = INT64_MAX;
	uint64_t owner = 0;

	for (uint64_t i = 0; i < PROBES; i++) {
		struct slot *slot = &slots[(key + i) % LIMIT_SLOTS];
		uint64_t used_by = atomic_load(&slot->key);
		int64_t full_at_us = atomic_load(&slot->full_at_us);

		if (used_by == key)
			return slot;
		if (oldest == NULL || full_at_us < oldest_us) {
			oldest = slot;
			oldest_us = full_at_us;
			owner = used_by;
		}
	}
	if (atomic_compare_exchange_strong(&oldest->key, &owner, key))
		atomic_store(&oldest->full_at_us, 0);
	return oldest;
}

enum err
limit_take(const char *subject, uint32_t per_minute, int64_t now_us,
    unsigned *retry_after_s)
{
	struct slot *slot;
	int64_t step_us, burst_us, full_at_us, begin_us;

	if (per_minute == 0 || shared == NULL)
		return OK;
	step_us = MINUTE_US / per_minute;
	if (step_us == 0)
		step_us = 1;
	burst_us = step_us * (per_minute - 1);
	slot = slot_of(hash_of(subject));
	full_at_us = atomic_load(&slot->full_at_us);
	do {
		begin_us = full_at_us > now_us ? full_at_us : now_us;
		if (begin_us - now_us > burst_us) {
			int64_t wait_us = begin_us - now_us - burst_us;

			*retry_after_s = (unsigned)((wait_us + 999999) /
			    1000000);
			return ERR_RATE_LIMITED;
		}
	} while (!atomic_compare_exchange_weak(&slot->full_at_us, &full_at_us,
	    begin_us + step_us));
	return OK;
}

static enum err
take(struct request *q, const char *subject, uint32_t per_minute)
{
	return limit_take(subject, per_minute, clock_monotonic_us(),
	    &q->retry_after_s);
}

/* A host has a whole /64 of IPv6 to itself: that is one caller. */
static void
address_of(const struct request *q, char out[static INET6_ADDRSTRLEN])
{
	unsigned char six[16];

	snprintf(out, INET6_ADDRSTRLEN, "%s", q->address);
	if (strncmp(q->address, "::ffff:", 7) == 0 ||
	    inet_pton(AF_INET6, q->address, six) != 1)
		return;
	memset(six + 8, 0, 8);
	inet_ntop(AF_INET6, six, out, INET6_ADDRSTRLEN);
}

static enum err
take_address(struct request *q, const char *what, uint32_t per_minute)
{
	char address[INET6_ADDRSTRLEN];
	char subject[SUBJECT_MAX];

	address_of(q, address);
	snprintf(subject, sizeof(subject), "%s address %s", what, address);
	return take(q, subject, per_minute);
}

enum err
limit_address(struct request *q)
{
	return take_address(q, "any", q->config->limit_address);
}

/* An account's tokens and sessions count together: else each new token would
 * raise the limit. */
static enum err
take_caller(struct request *q, const char *what, uint32_t per_minute)
{
	char subject[SUBJECT_MAX];

	if (q->caller.user_id == 0)
		return limit_address(q);
	snprintf(subject, sizeof(subject), "%s user %llu", what,
	    (unsigned long long)q->caller.user_id);
	return take(q, subject, per_minute);
}

enum err
limit_check(struct request *q, const struct route *route)
{
	const struct config *c = q->config;

	switch (route->limit) {
	case LIMIT_READ:
		return take_caller(q, "read", c->limit_read);
	case LIMIT_WRITE:
		return take_caller(q, "write", c->limit_write);
	case LIMIT_SEND:
		return take_caller(q, "send", c->limit_send);
	case LIMIT_TYPING:
		return take_caller(q, "typing", c->limit_typing);
	case LIMIT_STREAM:
		return take_caller(q, "stream", c->limit_stream);
	case LIMIT_SIGN_IN:
		return q->caller.session_id != 0 ?
		    take_caller(q, "sign-in", c->limit_sign_in_address) :
		    take_address(q, "sign-in", c->limit_sign_in_address);
	case LIMIT_SIGN_UP:
		return take_address(q, "sign-up", c->limit_sign_up_address);
	case LIMIT_NONE:
	case LIMIT_COUNT:
		break;
	}
	return OK;
}

enum err
limit_sign_in_account(struct request *q, const char *username)
{
	const char *name = utf8_fold(q->arena, username);
	char subject[SUBJECT_MAX];

	snprintf(subject, sizeof(subject), "sign-in name %.200s",
	    name == NULL ? "" : name);
	return take(q, subject, q->config->limit_sign_in_account);
}
