/*
 * base/arena.h -- memory that belongs to one request and goes all at once.
 *
 * Memory  arena_alloc() never returns NULL: it zeroes, and ends the process
 *         when memory is out (base/memory.h says why) or the arena's limit is
 *         reached.  That is right only because input is bounded first.
 *         Unused bytes are poisoned under AddressSanitizer.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

/** arena_new(limit): an empty arena that will hand out at most limit bytes. */
struct arena *arena_new(size_t limit_bytes);

/** arena_alloc(arena, size): zeroed bytes, aligned for any type. */
void *arena_alloc(struct arena *arena, size_t size);

/** arena_copy(arena, bytes, length): a NUL-terminated copy. */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);

/** arena_text(arena, s): a copy of a C string; NULL stays NULL. */
char *arena_text(struct arena *arena, const char *s);

/** arena_printf(arena, format, ...): the formatted text. */
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/**
 * arena_defer(arena, call, argument): run call(argument) at the next reset, in
 * reverse order of registration; for things malloc'ed by a library.
 */
void arena_defer(struct arena *arena, void (*call)(void *), void *argument);

/** arena_used(arena): bytes handed out since the last reset. */
size_t arena_used(const struct arena *arena);

/** arena_wipe(arena): overwrite what was handed out (secrets), then reset. */
void arena_wipe(struct arena *arena);

/** arena_reset(arena): give everything back; keeps the first block. */
void arena_reset(struct arena *arena);

/** arena_free(arena): the end of it; NULL is accepted. */
void arena_free(struct arena *arena);

#endif
