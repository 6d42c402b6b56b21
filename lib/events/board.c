#include "events/board.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define BLOCK 4096

/* The first four bytes say which layout the file has. */
#define MAGIC UINT32_C(0x4e425231)

struct face {
	_Atomic uint32_t magic;
	_Atomic int64_t alive_at_ms;
	_Atomic int64_t round_trip_at_ms;
	_Alignas(BLOCK) _Atomic uint8_t presence[BOARD_USERS_MAX];
};

struct board {
	struct face *face;
	int fd;
	bool writable;
};

/*
 * A worker may be up before pushd; so a reader makes the empty file too where
 * it may, or it would look at no board for the rest of its life.
 */
static int
open_file(const char *path, bool writable)
{
	struct stat st;
	int fd, done;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (fd < 0 && !writable)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -1;
	done = fstat(fd, &st);
	if (done == 0 && st.st_size < (off_t)sizeof(struct face))
		done = ftruncate(fd, (off_t)sizeof(struct face));
	if (done != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

struct board *
board_open(const char *path, bool writable)
{
	struct board *board;
	void *map;
	int fd;

	fd = open_file(path, writable);
	if (fd < 0) {
		log_warn("board: %s", strerror(errno));
		return NULL;
	}
	map = mmap(NULL, sizeof(struct face),
	    writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
	board = malloc(sizeof(*board));
	if (map == MAP_FAILED || board == NULL) {
		log_warn("board: %s", strerror(errno));
		if (map != MAP_FAILED)
			munmap(map, sizeof(struct face));
		free(board);
		close(fd);
		return NULL;
	}
	*board = (struct board){
		.face = map, .fd = fd, .writable = writable
	};
	if (writable) {
		uint32_t magic = atomic_load(&board->face->magic);

		if (magic != MAGIC && magic != 0)
			memset(map, 0, sizeof(struct face));
		atomic_store(&board->face->magic, MAGIC);
	}
	return board;
}

void
board_close(struct board *board)
{
	if (board == NULL)
		return;
	munmap(board->face, sizeof(struct face));
	close(board->fd);
	free(board);
}

unsigned
board_get(const struct board *board, uint64_t user_id)
{
	if (board == NULL || user_id >= BOARD_USERS_MAX)
		return BOARD_OFFLINE;
	return atomic_load_explicit(&board->face->presence[user_id],
	    memory_order_relaxed);
}

bool
board_online(const struct board *board, uint64_t user_id)
{
	return board_get(board, user_id) != BOARD_OFFLINE;
}

int64_t
board_alive_at_ms(const struct board *board)
{
	return board == NULL ? 0 : atomic_load(&board->face->alive_at_ms);
}

int64_t
board_round_trip_at_ms(const struct board *board)
{
	return board == NULL ? 0 : atomic_load(&board->face->round_trip_at_ms);
}

void
board_set(struct board *board, uint64_t user_id, unsigned presence)
{
	if (board == NULL || !board->writable || user_id >= BOARD_USERS_MAX)
		return;
	atomic_store_explicit(&board->face->presence[user_id],
	    (uint8_t)presence, memory_order_relaxed);
}

void
board_alive(struct board *board, int64_t at_ms)
{
	if (board != NULL && board->writable)
		atomic_store(&board->face->alive_at_ms, at_ms);
}

void
board_round_trip(struct board *board, int64_t at_ms)
{
	if (board != NULL && board->writable)
		atomic_store(&board->face->round_trip_at_ms, at_ms);
}

/*
 * Reads by pread(2): a walk through the map would make all of it resident in a
 * process that goes on to touch a page or two.
 */
void
board_each(const struct board *board,
    void (*visit)(uint64_t user_id, unsigned presence, void *argument),
    void *argument)
{
	const off_t start = (off_t)offsetof(struct face, presence);
	unsigned char block[BLOCK];

	if (board == NULL)
		return;
	for (uint64_t at = 0; at < BOARD_USERS_MAX; at += BLOCK) {
		ssize_t got = pread(board->fd, block, BLOCK, start + (off_t)at);

		for (ssize_t i = 0; i < got; i++)
			if (block[i] != BOARD_OFFLINE)
				visit(at + (uint64_t)i, block[i], argument);
	}
}
