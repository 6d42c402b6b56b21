/* A Cookie header and, after a NUL, an Authorization header. */
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"
#include "http/authorization.h"
#include "http/cookie.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena *arena = arena_new(16 * 1024 * 1024);
	char *cookie = arena_copy(arena, (const char *)bytes, size);
	size_t length = strlen(cookie);
	struct text value;
	size_t count;

	count = cookie_find(cookie, "natter_session", &value);
	if ((count == 0 && value.length > 0) || value.length > 64)
		abort();
	if (length < size &&
	    strlen(authorization_secret(arena, cookie + length + 1)) > size)
		abort();
	arena_free(arena);
	return 0;
}
