/* A packet from a worker: what is taken is written again as the same packet. */
#include <stddef.h>
#include <stdint.h>

#include "events/notice.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char packet[NOTICE_PACKET_MAX];
	struct notice n;
	size_t length;

	if (!notice_parse((const char *)bytes, size, &n))
		return 0;
	length = notice_format(&n, packet);
	if (length != size || memcmp(packet, bytes, size) != 0)
		abort();
	return 0;
}
