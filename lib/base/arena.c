#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/memory.h"

/*
 * Under AddressSanitizer a block is as large as what was asked for, byte for
 * byte, and a reset frees all of them: what lies behind an allocation or is
 * used after the reset is then poisoned by the sanitizer's own malloc.
 */
#define FIRST_BLOCK_BYTES ((size_t)64 * 1024)
#define LARGEST_STEP_BYTES ((size_t)1024 * 1024)

struct block {
	struct block *older;
	size_t size;
	size_t used;
	alignas(max_align_t) char bytes[];
};

struct deferred {
	struct deferred *earlier;
	void (*call)(void *);
	void *argument;
};

struct arena {
	struct block *newest;
	struct deferred *deferred;
	size_t used;
	size_t limit;
};

struct arena *
arena_new(size_t limit_bytes)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (arena == NULL)
		memory_out("none left for an arena");
	arena->limit = limit_bytes;
	return arena;
}

static size_t
block_size(const struct arena *arena, size_t need)
{
	size_t size = FIRST_BLOCK_BYTES;

	if (MEMORY_SANITIZED)
		return need;
	if (arena->newest != NULL)
		size = arena->newest->size * 2;
	if (size > LARGEST_STEP_BYTES)
		size = LARGEST_STEP_BYTES;
	return size > need ? size : need;
}

static struct block *
block_add(struct arena *arena, size_t need)
{
	size_t size = block_size(arena, need);
	struct block *block = malloc(sizeof(*block) + size);

	if (block == NULL)
		memory_out("none left for a block");
	block->older = arena->newest;
	block->size = size;
	block->used = 0;
	arena->newest = block;
	return block;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	const size_t step = alignof(max_align_t);
	struct block *block = arena->newest;
	void *bytes;

	if (size > arena->limit || arena->used > arena->limit - size)
		memory_out("the limit of the arena is reached");
	arena->used += size;
	if (!MEMORY_SANITIZED)
		size = (size + step - 1) / step * step;
	if (block == NULL || MEMORY_SANITIZED || block->size - block->used < size)
		block = block_add(arena, size);
	bytes = block->bytes + block->used;
	block->used += size;
	memset(bytes, 0, size);
	return bytes;
}

char *
arena_copy(struct arena *arena, const char *bytes, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		memory_out("a length without room for its NUL");
	copy = arena_alloc(arena, length + 1);
	if (length > 0)
		memcpy(copy, bytes, length);
	return copy;
}

char *
arena_text(struct arena *arena, const char *s)
{
	return s == NULL ? NULL : arena_copy(arena, s, strlen(s));
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0)
		memory_out("a text that cannot be formatted");
	text = arena_alloc(arena, (size_t)length + 1);
	va_start(arguments, format);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	va_end(arguments);
	return text;
}

void
arena_defer(struct arena *arena, void (*call)(void *), void *argument)
{
	struct deferred *deferred = arena_alloc(arena, sizeof(*deferred));

	deferred->earlier = arena->deferred;
	deferred->call = call;
	deferred->argument = argument;
	arena->deferred = deferred;
}

size_t
arena_used(const struct arena *arena)
{
	return arena->used;
}

static void
run_deferred(struct arena *arena)
{
	while (arena->deferred != NULL) {
		struct deferred *deferred = arena->deferred;

		arena->deferred = deferred->earlier;
		deferred->call(deferred->argument);
	}
}

/* Frees blocks until only the oldest is left, or none. */
static void
free_blocks(struct arena *arena, bool keep_oldest)
{
	while (arena->newest != NULL) {
		struct block *block = arena->newest;

		if (keep_oldest && block->older == NULL) {
			block->used = 0;
			return;
		}
		arena->newest = block->older;
		free(block);
	}
}

void
arena_wipe(struct arena *arena)
{
	run_deferred(arena);
	for (struct block *b = arena->newest; b != NULL; b = b->older)
		explicit_bzero(b->bytes, b->used);
	arena_reset(arena);
}

void
arena_reset(struct arena *arena)
{
	run_deferred(arena);
	free_blocks(arena, !MEMORY_SANITIZED);
	arena->used = 0;
}

void
arena_free(struct arena *arena)
{
	if (arena == NULL)
		return;
	run_deferred(arena);
	free_blocks(arena, false);
	free(arena);
}
