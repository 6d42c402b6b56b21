/*
 * To be preloaded into a worker: its allocations are counted, those of the
 * libraries too, and one of them fails.
 *
 * ALLOCATIONS         a file of two numbers, shared with the test: which
 *                     allocation from now on fails (0: none), and how many
 *                     there have been
 * ALLOCATIONS_LISTEN  a socket to listen on, as `natter up` would hand it over
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

static struct counts {
	uint32_t fails;
	uint32_t count;
} *shared;

/* ISO C has no other way from an object's address to that of a function. */
#define NEXT(name, ...) \
	static void *(*next)(__VA_ARGS__); \
	if (next == NULL) \
		*(void **)(void *)&next = dlsym(RTLD_NEXT, #name)

static void *
map(void *at, size_t size, int may, int how, int fd, off_t from)
{
	return (void *)syscall(SYS_mmap, at, size, may, how, fd, from);
}

static bool
fails_now(void)
{
	if (shared == NULL || ++shared->count != shared->fails)
		return false;
	errno = ENOMEM;
	return true;
}

void *
malloc(size_t size)
{
	NEXT(malloc, size_t);
	return fails_now() ? NULL : next(size);
}

void *
calloc(size_t count, size_t size)
{
	NEXT(calloc, size_t, size_t);
	return fails_now() ? NULL : next(count, size);
}

void *
realloc(void *old, size_t size)
{
	NEXT(realloc, void *, size_t);
	return fails_now() ? NULL : next(old, size);
}

void *
mmap(void *at, size_t size, int may, int how, int fd, off_t from)
{
	return fails_now() ? MAP_FAILED : map(at, size, may, how, fd, from);
}

/* When it has its name, it can be connected to. */
static void
listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s-", path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(fd, 16) != 0 || dup2(fd, STDIN_FILENO) != 0 ||
	    rename(address.sun_path, path) != 0)
		abort();
	close(fd);
}

static void __attribute__((constructor))
begin(void)
{
	const char *path = getenv("ALLOCATIONS_LISTEN");
	const char *file = getenv("ALLOCATIONS");
	int fd = file == NULL ? -1 : open(file, O_RDWR | O_CLOEXEC);
	void *counts;

	if (path != NULL)
		listen_at(path);
	if (fd < 0)
		return;
	counts = map(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED, fd, 0);
	close(fd);
	if (counts != MAP_FAILED)
		shared = counts;
}
