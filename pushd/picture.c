#include "pushd/picture.h"

#include "pushd/database.h"

#include <sys/queue.h>
#include <uthash.h>

#define PICTURES_MAX 10000
#define USERS_MAX 1000000	/* in all pictures together */

/* clang-format off */
static struct stmt load = {.sql =
	"SELECT c.last_seq, m.user_id FROM conversations c"
	" LEFT JOIN members m ON m.conversation_id = c.id"
	" WHERE c.id = ?"};
/* clang-format on */

struct stmt *const picture_sql[] = {&load, NULL};

struct picture {
	uint64_t conversation_id;	/* the key */
	uint64_t as_of;			/* every event up to it is there */
	uint64_t changed;		/* who came or went last, or the load */
	uint64_t *users;		/* sorted */
	size_t count, capacity;
	TAILQ_ENTRY(picture) link;	/* last used at the end */
	UT_hash_handle hh;
};

static struct picture *pictures;
static TAILQ_HEAD(, picture) by_use = TAILQ_HEAD_INITIALIZER(by_use);
static size_t users_in_all;

static void
drop(struct picture *p)
{
	HASH_DELETE(hh, pictures, p);
	TAILQ_REMOVE(&by_use, p, link);
	users_in_all -= p->count;
	free(p->users);
	free(p);
}

static size_t
place_of(const struct picture *p, uint64_t user_id)
{
	size_t low = 0, high = p->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (p->users[middle] < user_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void
insert(struct picture *p, size_t place, uint64_t user_id)
{
	if (p->count == p->capacity) {
		p->capacity = p->capacity == 0 ? 8 : 2 * p->capacity;
		p->users = realloc(p->users, p->capacity * sizeof(uint64_t));
		if (p->users == NULL)
			abort();
	}
	memmove(p->users + place + 1, p->users + place,
	    (p->count - place) * sizeof(uint64_t));
	p->users[place] = user_id;
	p->count++;
	users_in_all++;
}

static enum err
read_rows(struct picture *p)
{
	enum err e;

	if (!database_ready())
		return ERR_UNAVAILABLE;
	e = db_query(&load, U64(p->conversation_id));
	if (e != OK)
		return e;
	while (db_next(&load)) {
		uint64_t user_id = db_u64(&load, 1);

		p->as_of = db_u64(&load, 0);
		if (user_id != 0)
			insert(p, place_of(p, user_id), user_id);
	}
	db_done(&load);
	p->changed = p->as_of;
	return OK;
}

static enum err
take_picture(uint64_t conversation_id, struct picture **taken)
{
	struct picture *p = calloc(1, sizeof(*p));
	enum err e;

	if (p == NULL)
		abort();
	p->conversation_id = conversation_id;
	HASH_ADD(hh, pictures, conversation_id, sizeof(uint64_t), p);
	TAILQ_INSERT_TAIL(&by_use, p, link);
	e = read_rows(p);
	if (e != OK) {
		drop(p);
		return e;
	}
	*taken = p;
	return OK;
}

static void
drop_unused(void)
{
	while (HASH_COUNT(pictures) > PICTURES_MAX ||
	    (users_in_all > USERS_MAX && HASH_COUNT(pictures) > 1))
		drop(TAILQ_FIRST(&by_use));
}

enum err
picture_for(uint64_t conversation_id, uint64_t seq, struct picture **found)
{
	struct picture *p;
	enum err e;

	HASH_FIND(hh, pictures, &conversation_id, sizeof(uint64_t), p);
	if (p != NULL && p->as_of + 1 < seq) {
		drop(p);
		p = NULL;
	}
	if (p == NULL) {
		e = take_picture(conversation_id, &p);
		if (e != OK)
			return e;
		drop_unused();
	} else {
		TAILQ_REMOVE(&by_use, p, link);
		TAILQ_INSERT_TAIL(&by_use, p, link);
	}
	*found = p;
	return OK;
}

void
picture_apply(struct picture *p, uint64_t seq, const char *type,
    uint64_t user_id)
{
	size_t place;

	if (seq <= p->as_of)
		return;
	p->as_of = seq;
	place = place_of(p, user_id);
	if (strcmp(type, "member.added") == 0) {
		p->changed = seq;
		if (!picture_has(p, user_id))
			insert(p, place, user_id);
	} else if (strcmp(type, "member.removed") == 0) {
		p->changed = seq;
		if (!picture_has(p, user_id))
			return;
		p->count--;
		users_in_all--;
		memmove(p->users + place, p->users + place + 1,
		    (p->count - place) * sizeof(uint64_t));
	}
}

const uint64_t *
picture_users(const struct picture *p, size_t *count)
{
	*count = p->count;
	return p->users;
}

bool
picture_has(const struct picture *p, uint64_t user_id)
{
	size_t place = place_of(p, user_id);

	return place < p->count && p->users[place] == user_id;
}

bool
picture_is_of(const struct picture *p, uint64_t seq)
{
	return p->changed <= seq && seq <= p->as_of;
}

void
picture_forget(uint64_t conversation_id)
{
	struct picture *p;

	HASH_FIND(hh, pictures, &conversation_id, sizeof(uint64_t), p);
	if (p != NULL)
		drop(p);
}

void
picture_end(void)
{
	while (!TAILQ_EMPTY(&by_use))
		drop(TAILQ_FIRST(&by_use));
}
