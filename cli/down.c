#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "cli/commands.h"

/* A database that writes everything out may take a while. */
#define PATIENCE_MS 90000

int
down(struct instance *in, const struct arguments *a)
{
	const struct timespec pause = {.tv_nsec = 10000000};
	int64_t begun = clock_monotonic_ms();
	pid_t pid;

	(void)a;
	pid = instance_supervisor(in);
	if (pid == 0) {
		complain("not running in %s", in->config.var);
		return 0;
	}
	if (kill(pid, SIGTERM) != 0) {
		complain("can't end process %d: not ours", (int)pid);
		return 1;
	}
	while (instance_supervisor(in) == pid) {
		if (clock_monotonic_ms() - begun > PATIENCE_MS) {
			complain("process %d does not end", (int)pid);
			return 1;
		}
		nanosleep(&pause, NULL);
	}
	return 0;
}
