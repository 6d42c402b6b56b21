/*
 * http/shared.h -- a small file that all workers of an instance map.
 *
 * It holds nothing that is worth keeping: a file of another layout or from
 * before the machine started is emptied.  A file that can't be had (logged)
 * is replaced by memory of this process alone.
 */
#ifndef HTTP_SHARED_H
#define HTTP_SHARED_H

#include <stddef.h>
#include <stdint.h>

#define SHARED_KEY_SIZE 16

struct shared {
	uint64_t layout;
	char boot[40];			/* /proc/sys/kernel/random/boot_id */
	uint8_t key[SHARED_KEY_SIZE];	/* random; made with the file */
	_Alignas(64) unsigned char bytes[];
};

/** shared_map(path, layout, size): size zeroed or filled bytes behind a
 * struct shared; never NULL.  path NULL: memory of this process alone. */
struct shared *shared_map(const char *path, uint64_t layout, size_t size);

/** shared_unmap(shared, size): NULL is accepted. */
void shared_unmap(struct shared *shared, size_t size);

#endif
