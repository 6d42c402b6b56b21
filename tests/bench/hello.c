/*
 * hello -- the least that a FastCGI program can do, as a limit for ours: a
 * pool of processes on one socket that answer without looking.
 *
 *	hello SOCKET PROCESSES
 *
 * Ends with its standard input.
 */
#include <fcgiapp.h>
#include <signal.h>
#include <sys/prctl.h>

#define BACKLOG 1024

/* As long as the answer to a short message. */
static const char answer[] =
	"Status: 201 Created\r\nContent-Type: application/json\r\n"
	"Cache-Control: private, no-store\r\nContent-Length: 300\r\n\r\n"
	"{\"id\":1,\"text\":\"%-282s\"}";

static void
serve(int fd)
{
	FCGX_Request request;
	char text[1024], rest[1024];
	int length = snprintf(text, sizeof(text), answer, "hello");

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (FCGX_Init() != 0 || FCGX_InitRequest(&request, fd, 0) != 0)
		exit(1);
	while (FCGX_Accept_r(&request) == 0) {
		while (FCGX_GetStr(rest, sizeof(rest), request.in) > 0)
			continue;
		FCGX_PutStr(text, length, request.out);
		FCGX_Detach(&request);
		FCGX_Finish_r(&request);
	}
	exit(0);
}

int
main(int argc, char **argv)
{
	char byte;
	int fd;

	if (argc != 3)
		return 2;
	fd = FCGX_OpenSocket(argv[1], BACKLOG);
	if (fd < 0)
		return 1;
	for (long left = strtol(argv[2], NULL, 10); left > 0; left--) {
		if (fork() == 0)
			serve(fd);
	}
	puts("open");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		continue;
	return 0;
}
