#include "pushd/channel.h"

#include <inttypes.h>

size_t
channel_format(struct channel c, char text[static CHANNEL_TEXT_SIZE])
{
	int length;

	if (c.user_id == 0)
		length = snprintf(text, CHANNEL_TEXT_SIZE, "p_probe");
	else if (c.conversation_id == 0)
		length = snprintf(text, CHANNEL_TEXT_SIZE, "u_%" PRIu64,
		    c.user_id);
	else
		length = snprintf(text, CHANNEL_TEXT_SIZE,
		    "c_%" PRIu64 "_%" PRIu64, c.conversation_id, c.user_id);
	return (size_t)length;
}

bool
channel_parse(struct text text, struct channel *c)
{
	struct text part;

	*c = (struct channel){0};
	if (!text_split(&text, '_', &part))
		return false;
	if (text_is(part, "c")) {
		if (!text_split(&text, '_', &part) ||
		    !parse_id(part, &c->conversation_id))
			return false;
	} else if (!text_is(part, "u")) {
		return false;
	}
	return text.data != NULL && parse_id(text, &c->user_id);
}
