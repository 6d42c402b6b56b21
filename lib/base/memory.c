#include <dlfcn.h>
#include <stdbool.h>
#include <sysexits.h>

#include "base/log.h"
#include "base/memory.h"

void
memory_out(const char *why)
{
	log_error("memory: %s; this process ends", why);
	_exit(EX_OSERR);
}

#if !MEMORY_SANITIZED

/*
 * Of a name that the program itself has, the libraries take the program's; the
 * next one is that of libc.  Nothing asked for is no lack of it.
 */
static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);

/* ISO C has no other way from an object's address to that of a function. */
#define FIND(name) (*(void **)(void *)&next_##name = dlsym(RTLD_NEXT, #name))

static void *
checked(void *bytes, bool asked)
{
	if (bytes == NULL && asked)
		memory_out("none left");
	return bytes;
}

void *
malloc(size_t size)
{
	if (next_malloc == NULL)
		FIND(malloc);
	return checked(next_malloc(size), size > 0);
}

void *
calloc(size_t count, size_t size)
{
	if (next_calloc == NULL)
		FIND(calloc);
	return checked(next_calloc(count, size), count > 0 && size > 0);
}

void *
realloc(void *old, size_t size)
{
	if (next_realloc == NULL)
		FIND(realloc);
	return checked(next_realloc(old, size), size > 0);
}

#endif
