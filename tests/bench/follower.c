#include "tests/bench/follower.h"

#include <errno.h>

#include "tests/bench/ledger.h"
#include "tests/bench/samples.h"

#define FOLLOWERS_MAX 8192
#define LINE_MAX_BYTES 2048
#define TEXT_FRAME 1

static struct {
	uint64_t frames, disordered, gaps;
} heard;

static void
upgrade(struct follower *f, const char *path, const char *token)
{
	char request[LINE_MAX_BYTES + 512];
	char *end;
	int length;

	length = snprintf(request, sizeof(request),
	    "GET %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n"
	    "Connection: Upgrade\r\nUpgrade: websocket\r\n"
	    "Sec-WebSocket-Version: 13\r\n"
	    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
	    path, token);
	link_send(&f->link, request, (size_t)length);
	do {
		if (!link_receive(&f->link, true))
			die("upgrade");
		end = strstr(f->link.data, "\r\n\r\n");
	} while (end == NULL);
	if (strncmp(f->link.data + 9, "101", 3) != 0) {
		fprintf(stderr, "load: %.400s\n", f->link.data);
		errno = EPROTO;
		die("upgrade refused");
	}
	link_drop(&f->link, (size_t)(end + 4 - f->link.data));
}

static void
open_one(struct follower *f, char *line)
{
	char *rest = line;
	const char *address, *path, *token;

	line[strcspn(line, "\n")] = '\0';
	address = strsep(&rest, "\t");
	path = strsep(&rest, "\t");
	token = strsep(&rest, "\t");
	if (path == NULL) {
		errno = EINVAL;
		die("a follower's line");
	}
	f->seqs = calloc(CONVERSATIONS_MAX, sizeof(*f->seqs));
	if (f->seqs == NULL)
		die("memory");
	link_open(&f->link, address);
	upgrade(f, path, token == NULL ? "" : token);
}

struct follower *
followers_open(const char *file, size_t *count)
{
	FILE *in = fopen(file, "re");
	struct follower *all = calloc(FOLLOWERS_MAX, sizeof(*all));
	char line[LINE_MAX_BYTES];

	*count = 0;
	if (in == NULL || all == NULL)
		die(file);
	while (*count < FOLLOWERS_MAX &&
	    fgets(line, sizeof(line), in) != NULL)
		open_one(&all[(*count)++], line);
	fclose(in);
	return all;
}

/* Events of one conversation have to come as n, n+1, n+2. */
static void
check_order(struct follower *f, const char *event)
{
	static const char key[] = "\",\"seq\":";
	char *end;
	uint64_t conversation, seq;

	conversation = strtoul(event, &end, 10);
	if (conversation >= CONVERSATIONS_MAX ||
	    strncmp(end, key, sizeof(key) - 1) != 0)
		return;
	seq = strtoul(end + sizeof(key) - 1, NULL, 10);
	if (f->seqs[conversation] != 0 && seq <= f->seqs[conversation])
		heard.disordered++;
	else if (f->seqs[conversation] != 0 &&
	    seq != f->seqs[conversation] + 1)
		heard.gaps++;
	f->seqs[conversation] = (uint32_t)seq;
}

static void
read_text(struct follower *f, const char *text, size_t length)
{
	static const char stream[] = "\"stream\":\"c:";
	static const char index[] = "\"text\":\"n=";
	const char *end = text + length, *at;
	int64_t now = now_ns();

	for (at = text; (at = memmem(at, (size_t)(end - at), stream,
	    sizeof(stream) - 1)) != NULL;) {
		at += sizeof(stream) - 1;
		check_order(f, at);
	}
	for (at = text; (at = memmem(at, (size_t)(end - at), index,
	    sizeof(index) - 1)) != NULL;) {
		at += sizeof(index) - 1;
		ledger_heard(strtoull(at, NULL, 10), now);
	}
}

/* Head and payload of the frame at bytes; 0: not all of it is there. */
static size_t
frame_length(const unsigned char *bytes, size_t length, size_t *head)
{
	size_t payload, i, more = 0;

	if (length < 2)
		return 0;
	payload = bytes[1] & 127U;
	if (payload >= 126)
		more = payload == 126 ? 2 : 8;
	*head = 2 + more;
	if (length < *head)
		return 0;
	if (more > 0)
		payload = 0;
	for (i = 0; i < more; i++)
		payload = payload << 8 | bytes[2 + i];
	return length < *head + payload ? 0 : *head + payload;
}

void
follower_hear(struct follower *f)
{
	struct link *l = &f->link;
	size_t done = 0, head, length;

	if (!link_receive(l, false)) {
		errno = ECONNRESET;
		die("a follower was sent away");
	}
	for (;;) {
		unsigned char *frame = (unsigned char *)l->data + done;

		length = frame_length(frame, l->length - done, &head);
		if (length == 0)
			break;
		heard.frames++;
		if ((frame[0] & 15U) == TEXT_FRAME)
			read_text(f, l->data + done + head, length - head);
		done += length;
	}
	link_drop(l, done);
}

void
followers_print(void)
{
	printf(",\"frames\":%llu,\"disordered\":%llu,\"gaps\":%llu",
	    (unsigned long long)heard.frames,
	    (unsigned long long)heard.disordered,
	    (unsigned long long)heard.gaps);
}
