/*
 * base/memory.h -- memory that is out ends the process.
 *
 * malloc(), calloc() and realloc() do not return NULL here, neither to us nor
 * to the libraries: whoever asks in vain ends this process, the pool starts
 * another, and the client hears 503 from the web server, as after a kill by
 * the kernel, which is how memory mostly runs out.  There is one end for all
 * because libraries do not tell: json-c takes a lack of memory for bad JSON,
 * utf8proc for an empty name, md4c for a text that it cannot render.
 *
 * Not in builds with AddressSanitizer, whose malloc ends the process itself.
 *
 * Source  Replacing malloc, in the manual of the GNU C library.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#if defined(__SANITIZE_ADDRESS__)
#define MEMORY_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEMORY_SANITIZED 1
#endif
#endif
#ifndef MEMORY_SANITIZED
#define MEMORY_SANITIZED 0
#endif

/** memory_out(why): log it and end this process. */
void memory_out(const char *why) __attribute__((noreturn));

#endif
