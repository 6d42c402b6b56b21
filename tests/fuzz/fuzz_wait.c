/* A request on wait.sock, arriving in two pieces. */
#include <stddef.h>
#include <stdint.h>

#include "pushd/ask.c"
#include "pushd/channel.c"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
check(const struct ask *a)
{
	switch (a->kind) {
	case ASK_WAIT:
		if (a->stream_id == 0 || a->for_s > ASK_FOR_MAX_S ||
		    (a->stream != 'c' && a->stream != 'u' && a->stream != 's'))
			abort();
		break;
	case ASK_CAME:
	case ASK_GONE:
		if (a->channel.user_id == 0 || a->channel.user_id > ID_MAX ||
		    a->channel.conversation_id > ID_MAX)
			abort();
		break;
	case ASK_MORE:
	case ASK_BAD:
	case ASK_STATUS:
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct ask a;

	ask_parse((const char *)bytes, size / 2, &a);
	check(&a);
	ask_parse((const char *)bytes, size, &a);
	check(&a);
	return 0;
}
