/*
 * model/conversations.h -- where things are said.
 *
 * Owns the table conversations.  Every change in a conversation begins with
 * conversation_lock() inside a transaction: the row lock puts changes in order,
 * and the membership read with it is exact.  Opening, changing and deleting are
 * in conversation_changes.c, all else in conversations.c.
 *
 * Shapes  conversation: {id, kind, name?, topic?, visibility?, role, last_seq,
 *         last_number, read_number, unread, mentions, member_count,
 *         last_message?, peer?, archived, notify}.  The last message is a
 *         preview: at most QUOTE_CHARACTERS of text, and html "" when it was
 *         longer.  In events of the conversation's stream only what is the
 *         same for all members.
 * Units   name 1 to 80 characters, topic up to 250.
 */
#ifndef MODEL_CONVERSATIONS_H
#define MODEL_CONVERSATIONS_H

#include "base/db.h"
#include "base/err.h"
#include "base/json.h"
#include "model/members.h"
#include "model/messages.h"
#include "model/users.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

#define NAME_CHARACTERS 80
#define TOPIC_CHARACTERS 250
#define FIRST_MEMBERS_MAX 100	/* named when a group is made */

enum conversation_kind { DIRECT, GROUP };
enum visibility { PRIVATE, PUBLIC };

struct conversation {
	uint64_t id;
	enum conversation_kind kind;
	const char *name;
	const char *topic;
	enum visibility visibility;
	uint64_t last_seq;
	uint64_t last_number;
	uint64_t member_count;
	int64_t active_at_ms;
	int64_t archived_at_ms;		/* 0: not */
	/* as one member sees it */
	struct member me;		/* of user only the id */
	uint64_t mentions;		/* unread messages that name me */
	struct user peer;		/* direct: the other, or oneself; id 0: none */
	const struct message *last_message;	/* NULL: none yet */
};

struct conversation_list {
	struct conversation *items;
	size_t count;
};

/* What may be changed; NULL or -1: as it is. */
struct conversation_change {
	const char *name;
	const char *topic;
	int visibility;
	int archived;
	int notify;			/* of the caller alone */
};

/* What conversation_lock() and conversation_lock_for() found. */
struct lock {
	enum conversation_kind kind;
	enum visibility visibility;
	enum role role;
	bool archived;
	uint64_t last_number;
	uint64_t member_count;
	uint64_t direct_low, direct_high;
};

/* What a reader needs to know first. */
struct admission {
	enum role role;
	uint64_t last_seq;
	uint64_t last_number;
};

extern struct stmt *const conversations_sql[];		/* reading */
extern struct stmt *const conversation_changes_sql[];	/* and changing them */
extern const char *const visibility_words[];	/* by enum visibility */

/**
 * conversation_lock(id, member_id, lock): inside a transaction.  ERR_NOT_FOUND:
 * no such conversation, or not a member.  conversation_lock_for(id, user_id,
 * lock): also for who is no member, role ROLE_NONE.
 */
enum err conversation_lock(uint64_t id, uint64_t member_id,
    struct lock *lock);
enum err conversation_lock_for(uint64_t id, uint64_t user_id,
    struct lock *lock);

/** conversation_admit(id, user_id, a): ERR_NOT_FOUND: none, or not a member.
 * a may be NULL. */
enum err conversation_admit(uint64_t id, uint64_t user_id,
    struct admission *a);

/** conversation_open_direct: the one conversation of these two (or of one with
 * oneself), made when there is none.  ERR_NOT_FOUND: no such other user. */
enum err conversation_open_direct(struct arena *arena, uint64_t user_id,
    uint64_t other_id, uint64_t *id, bool *created);

/** conversation_create_group: ERR_NOT_FOUND: one of user_ids is nobody. */
enum err conversation_create_group(struct arena *arena, uint64_t owner_id,
    const char *name, const char *topic, enum visibility visibility,
    const uint64_t *user_ids, size_t user_count, uint64_t *id);

/** conversation_read: as ${viewer} sees it; ERR_NOT_FOUND: not a member. */
enum err conversation_read(struct arena *arena, uint64_t id,
    uint64_t viewer_id, struct conversation *c);

/** conversations_of: all of ${viewer}'s, newest activity first, in one
 * statement; only_id: just that one (0: all). */
enum err conversations_of(struct arena *arena, uint64_t viewer_id,
    uint64_t only_id, struct conversation_list *list);

/** conversations_public: groups that ${viewer} may join, whose name contains
 * ${q} ("": all), by name. */
enum err conversations_public(struct arena *arena, uint64_t viewer_id,
    const char *q, size_t limit, struct conversation_list *list);

/** conversation_change: ERR_FORBIDDEN: not by this member. */
enum err conversation_change(struct arena *arena, uint64_t id,
    uint64_t actor_id, const struct conversation_change *change);

/** conversation_delete: by a group's owner; nobody sees it any more. */
enum err conversation_delete(struct arena *arena, uint64_t id,
    uint64_t actor_id);

/** conversations_sum(user_id, sum, last_seq): the sum of last_seq over the user's
 * conversations, and that of the own stream: changes when anything did.
 * ERR_NOT_FOUND: no such user, or nobody is signed in as him: disabled, or
 * without a session and a token that are still good. */
enum err conversations_sum(uint64_t user_id, uint64_t *sum,
    uint64_t *last_seq);

void shape_conversation(struct json *j, const char *key,
    const struct conversation *c);
/** shape_conversation_shared: what is the same for all (events, browsing). */
void shape_conversation_shared(struct json *j, const char *key,
    const struct conversation *c);

/** conversation_shared: read those fields, members or not. */
enum err conversation_shared(struct arena *arena, uint64_t id,
    struct conversation *c);

#endif
