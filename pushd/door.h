/*
 * pushd/door.h -- a listening socket in the loop.
 *
 * Where accept() fails because descriptors or memory are out, the one who came
 * is still there, and the loop would be told so at once, again and again.  The
 * door then stays shut for a moment; who knocks waits in the kernel.
 *
 * Memory  Lives inside its owner's struct or file.
 * Source  accept(2).
 */
#ifndef PUSHD_DOOR_H
#define PUSHD_DOOR_H

#include "pushd/loop.h"

#include <stdbool.h>

struct door {
	struct watch watch;	/* fd -1: not open */
	struct timer rest;
	void (*enter)(int fd);
	bool is_short;		/* of something, and it was logged */
};

/** door_open(d, fd, enter): call enter with each connection to the listening
 * socket, which is the door's from now on.  false: logged. */
bool door_open(struct door *d, int fd, void (*enter)(int fd));

/** door_look(d): let in whoever knocks, before the loop's turn comes to it. */
void door_look(struct door *d);

void door_close(struct door *d);

#endif
