#include "cli/supervise.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/files.h"

#define CHILDREN_MAX 600
#define QUICK_MS 1000
#define DELAY_FIRST_MS 100
#define DELAY_MAX_MS 5000
#define DEATHS_ARE_FAILURE 3
#define READY_MS 20000
#define POLL_MS 5
#define LONG_MS 3000

static struct child *children[CHILDREN_MAX];
static size_t child_count;
static sigset_t watched;
static char processes_file[PATH_SIZE];
static unsigned told_to_stop;
static bool told_to_reload;

enum err
supervise_begin(const char *processes)
{
	sigemptyset(&watched);
	sigaddset(&watched, SIGCHLD);
	sigaddset(&watched, SIGHUP);
	sigaddset(&watched, SIGINT);
	sigaddset(&watched, SIGTERM);
	sigprocmask(SIG_BLOCK, &watched, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* Workers of a dead nginx master come to us to be reaped. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	return path_make(processes_file, "%s", processes);
}

static size_t
put_process(char *text, size_t size, const char *role, pid_t pid)
{
	if (pid == 0)
		return 0;
	return (size_t)snprintf(text, size, "%s %d\n", role, (int)pid);
}

static void
write_processes(void)
{
	char text[2 * CHILDREN_MAX * 24];
	size_t i, length = 0;

	for (i = 0; i < child_count; i++) {
		length += put_process(text + length, sizeof(text) - length,
		    children[i]->role, children[i]->pid);
		length += put_process(text + length, sizeof(text) - length,
		    children[i]->role, children[i]->leaving);
	}
	file_write(processes_file, text, length);
}

static void
become(const char *const *argv, int input, int ready, const char *log,
    size_t memory_max, pid_t parent)
{
	const struct rlimit memory = {memory_max, memory_max};
	int fd;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	if (input < 0)
		input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	dup2(input, 0);
	if (ready == CHILD_READY)
		fcntl(ready, F_SETFD, 0);
	else if (ready >= 0)
		dup2(ready, CHILD_READY);
	if (memory_max != 0)
		setrlimit(RLIMIT_DATA, &memory);
	fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd >= 0) {
		dup2(fd, 1);
		dup2(fd, 2);
	}
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &watched, NULL);
	/* execv() changes nothing behind its pointers. */
	execv(argv[0], (char *const *)(uintptr_t)argv);
	fprintf(stderr, "can't execute %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static pid_t
spawn(const char *const *argv, int input, int ready, const char *log,
    size_t memory_max)
{
	pid_t parent = getpid(), pid;

	pid = fork();
	if (pid == 0)
		become(argv, input, ready, log, memory_max, parent);
	if (pid > 0)
		setpgid(pid, pid);	/* whoever of the two comes first */
	else
		complain("can't fork: %s", strerror(errno));
	return pid;
}

static void
stop_listening(struct child *c)
{
	if (c->ear > 0)
		close(c->ear);
	c->ear = 0;
}

static enum err
launch(struct child *c)
{
	int ready[2] = {-1, -1};
	pid_t pid;
	size_t i;

	stop_listening(c);
	if (c->tells && pipe2(ready, O_CLOEXEC | O_NONBLOCK) != 0) {
		complain("can't make a pipe: %s", strerror(errno));
		c->due_at_ms = clock_monotonic_ms() + DELAY_FIRST_MS;
		return ERR_INTERNAL;
	}
	for (i = 0; i < CHILD_SOCKETS_MAX && c->sockets[i] != NULL; i++)
		unlink(c->sockets[i]);
	c->started_at_ms = clock_monotonic_ms();
	pid = spawn(c->argv, c->input, ready[1], c->log, c->memory_max);
	if (ready[1] >= 0)
		close(ready[1]);
	c->ear = ready[0] < 0 ? 0 : ready[0];
	if (pid < 0) {
		c->due_at_ms = c->started_at_ms + DELAY_FIRST_MS;
		return ERR_INTERNAL;
	}
	c->pid = pid;
	write_processes();
	return OK;
}

enum err
child_start(struct child *c)
{
	if (child_count == CHILDREN_MAX) {
		complain("more than %d processes", CHILDREN_MAX);
		return ERR_BAD_INPUT;
	}
	children[child_count++] = c;
	return launch(c);
}

static void
died(struct child *c, pid_t pid)
{
	int64_t now = clock_monotonic_ms(), delay = 0;
	unsigned i;

	if (pid == c->leaving) {
		c->leaving = 0;
		write_processes();
		return;
	}
	c->old_group = c->pid;
	c->pid = 0;
	if (now - c->started_at_ms >= QUICK_MS)
		c->quick_deaths = 0;
	else
		c->quick_deaths++;
	for (i = 1; i < c->quick_deaths && delay < DELAY_MAX_MS; i++)
		delay = delay == 0 ? DELAY_FIRST_MS : 2 * delay;
	c->due_at_ms = now + (delay < DELAY_MAX_MS ? delay : DELAY_MAX_MS);
	write_processes();
}

/*
 * A dead leader is looked at before it is reaped: as long as it is a zombie,
 * its number belongs to its group and to nobody else.
 */
static void
reap(void)
{
	siginfo_t info;
	struct child *c;
	size_t i;

	for (;;) {
		memset(&info, 0, sizeof(info));
		if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
		    info.si_pid == 0)
			return;
		for (i = 0, c = NULL; i < child_count && c == NULL; i++) {
			if (children[i]->pid == info.si_pid ||
			    children[i]->leaving == info.si_pid)
				c = children[i];
		}
		if (c != NULL)
			kill(-info.si_pid, SIGKILL);
		waitpid(info.si_pid, NULL, 0);
		if (c != NULL)
			died(c, info.si_pid);
	}
}

static bool
group_lives(pid_t group)
{
	return group != 0 && kill(-group, 0) == 0;
}

static void
restart_dead(void)
{
	int64_t now = clock_monotonic_ms();
	struct child *c;
	size_t i;

	for (i = 0; i < child_count; i++) {
		c = children[i];
		if (c->pid != 0 || c->stopping || now < c->due_at_ms)
			continue;
		if (group_lives(c->old_group))
			c->due_at_ms = now + 2;
		else
			launch(c);
	}
}

static int64_t
next_due(int64_t wait_ms)
{
	int64_t now = clock_monotonic_ms();
	size_t i;

	for (i = 0; i < child_count; i++) {
		if (children[i]->pid == 0 && !children[i]->stopping &&
		    children[i]->due_at_ms - now < wait_ms)
			wait_ms = children[i]->due_at_ms - now;
	}
	return wait_ms < 0 ? 0 : wait_ms;
}

static void
listen_for(int64_t wait_ms)
{
	struct timespec wait = {.tv_sec = wait_ms / 1000,
	    .tv_nsec = wait_ms % 1000 * 1000000};
	int sig = sigtimedwait(&watched, NULL, &wait);

	if (sig == SIGINT || sig == SIGTERM)
		told_to_stop++;
	else if (sig == SIGHUP)
		told_to_reload = true;
}

void
supervise_turn(int64_t wait_ms)
{
	listen_for(next_due(wait_ms));
	reap();
	restart_dead();
}

static void
end(struct child *c, int sig)
{
	if (c->pid != 0)
		kill(sig == SIGKILL ? -c->pid : c->pid, sig);
}

/* Half of its time is for hearing, the other half for ending. */
static void
press(struct child *c, int64_t waited_ms)
{
	if (!c->told && (c->hears == NULL || waited_ms > c->stop_ms / 2 ||
	    c->hears(c))) {
		c->told = true;
		end(c, c->stop_signal);
	}
	if ((told_to_stop > 1 && !c->patient) || waited_ms > c->stop_ms)
		end(c, SIGKILL);
}

void
child_stop(struct child *stopped, size_t count)
{
	int64_t begun = clock_monotonic_ms(), waited = 0;
	bool alive = count > 0, said = false;
	size_t i;

	for (i = 0; i < count; i++) {
		stopped[i].stopping = true;
		stopped[i].told = false;
	}
	while (alive) {
		alive = false;
		for (i = 0; i < count; i++) {
			if (stopped[i].pid == 0)
				continue;
			alive = true;
			press(&stopped[i], waited);
			if (waited > LONG_MS && !said) {
				complain("waiting for %s to end",
				    stopped[i].role);
				said = true;
			}
		}
		if (alive)
			supervise_turn(20);
		waited = clock_monotonic_ms() - begun;
	}
}

void
child_renew(struct child *c)
{
	int64_t begun = clock_monotonic_ms();
	pid_t old = c->pid;

	end(c, c->stop_signal);
	while (told_to_stop == 0 && (c->pid == old || c->pid == 0)) {
		supervise_turn(20);
		if (c->pid == old &&
		    clock_monotonic_ms() - begun > c->stop_ms)
			end(c, SIGKILL);
	}
}

/* Whether it has told; asked until it did, it is deaf afterwards. */
static bool
is_ready(struct child *c)
{
	char word;

	if (c->ear != 0 && read(c->ear, &word, 1) == 1)
		stop_listening(c);
	return c->ear == 0;
}

static void
end_leaving(struct child *c)
{
	int64_t begun = clock_monotonic_ms();

	if (c->leaving != 0)
		kill(c->leaving, c->stop_signal);
	while (c->leaving != 0) {
		supervise_turn(POLL_MS);
		if (c->leaving != 0 &&
		    clock_monotonic_ms() - begun > c->stop_ms)
			kill(-c->leaving, SIGKILL);
	}
}

/* The one before is the one again; if it died meanwhile, another is started. */
static void
take_back(struct child *c)
{
	pid_t failed = c->pid, before = c->leaving;

	c->pid = before;
	c->leaving = failed;
	c->quick_deaths = 0;
	c->due_at_ms = 0;
	stop_listening(c);
	end_leaving(c);
}

enum err
child_replace(struct child *c)
{
	int64_t begun = clock_monotonic_ms();
	enum err e;

	if (c->pid == 0)
		return OK;	/* it is about to be started anyway */
	c->leaving = c->pid;
	c->pid = 0;
	c->stopping = true;	/* one that dies is not started again */
	e = launch(c);
	while (e == OK && c->pid != 0 && !is_ready(c) && told_to_stop == 0 &&
	    clock_monotonic_ms() - begun < READY_MS)
		supervise_turn(POLL_MS);
	c->stopping = false;
	if (e == OK && c->pid != 0 && c->ear == 0) {
		end_leaving(c);
		return OK;
	}
	take_back(c);
	if (told_to_stop > 0)
		return ERR_CONFLICT;
	complain("the new %s does not become ready, so the old one stays; %s"
	    " says why", c->role, c->log);
	return ERR_UNAVAILABLE;
}

enum err
child_run(const char *role, const char *const *argv, const char *log)
{
	unsigned told = told_to_stop;
	int status = 0;
	pid_t pid, got;

	pid = spawn(argv, -1, -1, log, 0);
	if (pid < 0)
		return ERR_INTERNAL;
	/* Not in the table, so reap() must not see it: wait for it alone. */
	for (;;) {
		got = waitpid(pid, &status, WNOHANG);
		if (got != 0)
			break;
		listen_for(POLL_MS);
		if (told_to_stop != told)
			kill(-pid, SIGKILL);
	}
	reap();		/* what was heard meanwhile of the others */
	if (told_to_stop != told)
		return ERR_CONFLICT;
	if (got == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return OK;
	complain("%s failed; %s says why", role, log);
	return ERR_INTERNAL;
}

unsigned
supervise_told_to_stop(void)
{
	return told_to_stop;
}

bool
supervise_told_to_reload(void)
{
	bool told = told_to_reload;

	told_to_reload = false;
	return told;
}

const struct child *
supervise_failing(void)
{
	size_t i;

	for (i = 0; i < child_count; i++) {
		if (children[i]->quick_deaths >= DEATHS_ARE_FAILURE)
			return children[i];
	}
	return NULL;
}
