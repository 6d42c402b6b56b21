#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/token.h"
#include "http/shared.h"

static void
read_boot(char out[static 40])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, out, 36);

	if (n < 0)
		n = 0;
	memset(out + n, 0, 40 - (size_t)n);
	if (fd >= 0)
		close(fd);
}

/* Never shrinks: others have the file mapped. */
static bool
make_room(int fd, size_t size)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	return st.st_size >= (off_t)size || ftruncate(fd, (off_t)size) == 0;
}

/* The caller holds the file's lock, or nobody else has this memory. */
static void
prepare(struct shared *shared, uint64_t layout, size_t size)
{
	char boot[sizeof(shared->boot)];

	read_boot(boot);
	if (shared->layout == layout &&
	    memcmp(shared->boot, boot, sizeof(boot)) == 0)
		return;
	if (shared->layout != 0)	/* else it is new, which is zeros */
		memset(shared->bytes, 0, size);
	token_bytes(shared->key, sizeof(shared->key));
	memcpy(shared->boot, boot, sizeof(boot));
	shared->layout = layout;
}

static struct shared *
map_file(const char *path, uint64_t layout, size_t size)
{
	size_t total = sizeof(struct shared) + size;
	void *memory = MAP_FAILED;
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return NULL;
	if (flock(fd, LOCK_EX) == 0 && make_room(fd, total))
		memory = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_SHARED,
		    fd, 0);
	if (memory != MAP_FAILED)
		prepare(memory, layout, size);
	flock(fd, LOCK_UN);	/* the mapping would keep it locked */
	close(fd);
	return memory == MAP_FAILED ? NULL : memory;
}

struct shared *
shared_map(const char *path, uint64_t layout, size_t size)
{
	struct shared *shared = NULL;
	void *memory;

	if (path != NULL) {
		shared = map_file(path, layout, size);
		if (shared == NULL)
			log_warn("%s: %s; each worker counts alone", path,
			    strerror(errno));
	}
	if (shared != NULL)
		return shared;
	memory = mmap(NULL, sizeof(*shared) + size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		memory_out("none left to count in");
	prepare(memory, layout, size);
	return memory;
}

void
shared_unmap(struct shared *shared, size_t size)
{
	if (shared != NULL)
		munmap(shared, sizeof(*shared) + size);
}
