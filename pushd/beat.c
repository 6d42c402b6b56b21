#include "pushd/beat.h"

#include "base/clock.h"
#include "model/conversations.h"
#include "pushd/database.h"

#include <inttypes.h>

#define TEXT_SIZE 320

/* clang-format off */
static struct stmt conversations_in = {.sql =
	"SELECT m.conversation_id FROM members m WHERE m.user_id = ?"};
/* clang-format on */

struct stmt *const beat_sql[] = {&conversations_in, NULL};

enum err
beat_figures(uint64_t user_id, uint64_t *last_seq, uint64_t *sum)
{
	if (!database_ready())
		return ERR_UNAVAILABLE;
	return conversations_sum(user_id, sum, last_seq);
}

static enum err
figure_of_one(struct channel c, uint64_t *last_seq)
{
	struct admission a = {0};
	uint64_t sum;
	enum err e;

	if (!database_ready())
		return ERR_UNAVAILABLE;
	e = conversations_sum(c.user_id, &sum, last_seq);
	if (e == OK)
		e = conversation_admit(c.conversation_id, c.user_id, &a);
	*last_seq = a.last_seq;
	return e;
}

void
beat_each_conversation(uint64_t user_id, void (*visit)(struct channel c))
{
	struct channel c = {.user_id = user_id};
	enum err e;

	if (!database_ready())
		return;
	e = db_query(&conversations_in, U64(user_id));
	if (e != OK)
		return;
	while (db_next(&conversations_in)) {
		c.conversation_id = db_u64(&conversations_in, 0);
		visit(c);
	}
	db_done(&conversations_in);
}

/* Whoever can't be told what he listens to comes again. */
void
beat_hello(struct channel c)
{
	char text[TEXT_SIZE];
	int length;

	if (database_epoch()[0] == '\0' && !database_ready()) {
		outbox_close(c);
		return;
	}
	length = snprintf(text, sizeof(text),
	    "{\"type\":\"hello\",\"epoch\":\"%s\",\"user_id\":%" PRIu64 "}",
	    database_epoch(), c.user_id);
	outbox_hello(c, text, (size_t)length);
}

bool
beat_send(struct channel c, outbox_answer *call)
{
	char text[TEXT_SIZE], at[CLOCK_TEXT_SIZE];
	uint64_t last_seq = 0, sum = 0;
	int length;
	enum err e;

	e = c.conversation_id == 0 ?
	    beat_figures(c.user_id, &last_seq, &sum) :
	    figure_of_one(c, &last_seq);
	if (e == ERR_NOT_FOUND || database_epoch()[0] == '\0') {
		outbox_close(c);
		return false;
	}
	clock_format(clock_now_ms(), at);
	length = snprintf(text, sizeof(text), "{\"type\":\"heartbeat\","
	    "\"at\":\"%s\",\"epoch\":\"%s\"", at, database_epoch());
	if (e == OK)
		length += snprintf(text + length,
		    sizeof(text) - (size_t)length, ",\"last_seq\":%" PRIu64,
		    last_seq);
	if (e == OK && c.conversation_id == 0)
		length += snprintf(text + length,
		    sizeof(text) - (size_t)length, ",\"sum\":%" PRIu64, sum);
	text[length++] = '}';
	outbox_ask(c, text, (size_t)length, call);
	return true;
}
