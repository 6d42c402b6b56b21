/*
 * model/members.h -- who is in a conversation, and how far they have read.
 *
 * Owns the table members.  What is a member's own, read mark and loudness, is in
 * member_marks.c, all else in members.c.  Joining and leaving are events in the
 * conversation's stream, so "from the moment of removal" is exact: the removal
 * has a seq, and nothing with a later one may reach that person.
 *
 * Shapes  member: {user, role, read_number, joined_at}.
 */
#ifndef MODEL_MEMBERS_H
#define MODEL_MEMBERS_H

#include "base/db.h"
#include "base/err.h"
#include "base/json.h"
#include "model/users.h"

#include <stddef.h>
#include <stdint.h>

struct arena;
struct event;
struct lock;

enum role { ROLE_NONE, ROLE_MEMBER, ROLE_ADMIN, ROLE_OWNER };
enum notify { NOTIFY_ALL, NOTIFY_MENTIONS, NOTIFY_NOTHING };

struct member {
	struct user user;
	enum role role;
	uint64_t read_number;
	enum notify notify;
	int64_t joined_at_ms;
};

struct member_list {
	struct member *items;
	size_t count;
};

extern struct stmt *const members_sql[];
extern struct stmt *const member_marks_sql[];
extern const char *const role_words[];		/* by enum role */
extern const char *const notify_words[];	/* by enum notify; NULL-ended */

/** role_of(word): ROLE_NONE for NULL and unknown words. */
enum role role_of(const char *word);
enum notify notify_of(const char *word);

/** members_of: by name.  ERR_NOT_FOUND: ${reader} is not in it. */
enum err members_of(struct arena *arena, uint64_t conversation_id,
    uint64_t reader_id, struct member_list *list);

/** member_insert(conversation_id, user_id, role, read_number, now_ms): the bare
 * row, inside a transaction that holds the lock.  ERR_CONFLICT: in it already. */
enum err member_insert(uint64_t conversation_id, uint64_t user_id,
    enum role role, uint64_t read_number, int64_t now_ms);

/**
 * member_add: ${actor} adds ${user_id}, or joins a public group.
 * ERR_NOT_FOUND: no such conversation for the actor, or no such user.
 * ERR_FORBIDDEN: may not add.  ERR_CONFLICT: in it already, or the group is
 * full.
 */
enum err member_add(struct arena *arena, uint64_t conversation_id,
    uint64_t actor_id, uint64_t user_id, uint64_t members_max,
    struct member *added);

/** member_remove: somebody else, or oneself.  ERR_OWNER_MUST_STAY: the owner
 * of a group with other members has to hand over first.  A group that the last
 * one leaves is gone. */
enum err member_remove(struct arena *arena, uint64_t conversation_id,
    uint64_t actor_id, uint64_t user_id);

/** member_change: a new role; ROLE_OWNER hands the group over. */
enum err member_change(struct arena *arena, uint64_t conversation_id,
    uint64_t actor_id, uint64_t user_id, enum role role,
    struct member *changed);

/**
 * member_read(arena, conversation_id, user_id, number, back, read_number, unread):
 * Read up to ${number}; never backwards unless ${back}.
 * ERR_BAD_INPUT: there is no such message yet.
 */
enum err member_read(struct arena *arena, uint64_t conversation_id,
    uint64_t user_id, uint64_t number, bool back, uint64_t *read_number,
    uint64_t *unread);

/** member_notify(conversation_id, user_id, notify, ev): how loud the conversation
 * is for this member, inside a transaction; ev tells of it. */
enum err member_notify(uint64_t conversation_id, uint64_t user_id,
    enum notify notify, struct event *ev);

/**
 * How a user is called now, to all who share a conversation: event
 * "user.updated" in each.
 *
 *	members_tell(arena, user_id, &told)	in the transaction that changed
 *						it, after an event of the user
 *	members_announce(arena, told)		after COMMIT
 */
struct told;		/* opaque; NULL: nobody */
enum err members_tell(struct arena *arena, uint64_t user_id,
    struct told **told);
void members_announce(struct arena *arena, const struct told *told);

void shape_member(struct json *j, const char *key, const struct member *m);

#endif
