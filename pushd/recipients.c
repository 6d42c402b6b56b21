#include "pushd/recipients.h"

#include "pushd/registry.h"

static struct {
	struct channel *list;
	size_t count, capacity;
} recipients;

void
recipients_start(void)
{
	recipients.count = 0;
}

static void
add(struct channel c)
{
	if (!registry_open(c))
		return;
	if (recipients.count == recipients.capacity) {
		recipients.capacity = recipients.capacity == 0 ? 64 :
		    2 * recipients.capacity;
		recipients.list = realloc(recipients.list,
		    recipients.capacity * sizeof(struct channel));
		if (recipients.list == NULL)
			abort();
	}
	recipients.list[recipients.count++] = c;
}

void
recipients_add_all(uint64_t user_id)
{
	add((struct channel){.user_id = user_id});
}

void
recipients_add_every(uint64_t user_id)
{
	registry_of_user(user_id, add);
}

void
recipients_add(uint64_t user_id, uint64_t conversation_id)
{
	add((struct channel){.user_id = user_id});
	if (registry_singles(user_id))
		add((struct channel){conversation_id, user_id});
}

const struct channel *
recipients_list(void)
{
	return recipients.list;
}

size_t
recipients_count(void)
{
	return recipients.count;
}

void
recipients_end(void)
{
	free(recipients.list);
	recipients.list = NULL;
	recipients.count = recipients.capacity = 0;
}
