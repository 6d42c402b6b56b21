#include "tests/bench/sender.h"

#include <errno.h>

#include "tests/bench/ledger.h"
#include "tests/bench/samples.h"

#define LINES_MAX 4096
#define LINE_MAX_BYTES 8192
#define REQUEST_MAX 16384

struct line {
	char *method, *path, *token, *body;
};

static struct {
	struct line lines[LINES_MAX];
	size_t count;
	const char *address;
} plan;

static char *
next_part(char **rest)
{
	char *part = strsep(rest, "\t");

	return strdup(part == NULL ? "" : part);
}

void
sender_plan(const char *file)
{
	FILE *f = fopen(file, "re");
	char line[LINE_MAX_BYTES];

	if (f == NULL)
		die(file);
	while (plan.count < LINES_MAX && fgets(line, sizeof(line), f) != NULL) {
		struct line *l = &plan.lines[plan.count++];
		char *rest = line;

		line[strcspn(line, "\n")] = '\0';
		l->method = next_part(&rest);
		l->path = next_part(&rest);
		l->token = next_part(&rest);
		l->body = next_part(&rest);
	}
	fclose(f);
}

void
sender_open(struct sender *s, const char *address)
{
	plan.address = address;
	*s = (struct sender){.busy = false};
	link_open(&s->link, address);
}

/* The body with its indexes; how long it is. */
static size_t
fill(const char *body, uint64_t index, char *out)
{
	size_t length = 0;

	for (; *body != '\0'; body++) {
		if (body[0] == '%' && body[1] == 'n') {
			length += (size_t)snprintf(out + length, 16, "%010llu",
			    (unsigned long long)index);
			body++;
		} else {
			out[length++] = *body;
		}
	}
	return length;
}

void
sender_send(struct sender *s)
{
	const struct line *l = &plan.lines[ledger_sent() % plan.count];
	char body[2 * LINE_MAX_BYTES], request[REQUEST_MAX];
	size_t body_length;
	int length;

	s->index = ledger_send(now_ns());
	s->busy = true;
	body_length = fill(l->body, s->index, body);
	length = snprintf(request, sizeof(request),
	    "%s %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n",
	    l->method, l->path, l->token);
	if (body_length > 0)
		length += snprintf(request + length,
		    sizeof(request) - (size_t)length,
		    "Content-Type: application/json\r\nContent-Length: %zu"
		    "\r\n\r\n%.*s", body_length, (int)body_length, body);
	else
		length += snprintf(request + length,
		    sizeof(request) - (size_t)length, "\r\n");
	if ((size_t)length >= sizeof(request))
		die("request too long");
	link_send(&s->link, request, (size_t)length);
}

/* How long head and body are together; 0: not all of the head is there. */
static size_t
whole_length(const struct link *l)
{
	const char *end = strstr(l->data, "\r\n\r\n");
	const char *field = strcasestr(l->data, "\r\nContent-Length:");
	size_t head;

	if (end == NULL)
		return 0;
	head = (size_t)(end + 4 - l->data);
	if (field == NULL || field > end) {
		errno = EPROTO;
		die("an answer without Content-Length");
	}
	return head + strtoul(field + 17, NULL, 10);
}

static void
complain(const struct link *l)
{
	static int complaints;

	if (complaints++ < 3)
		fprintf(stderr, "load: answered %.600s\n", l->data);
}

bool
sender_hear(struct sender *s, bool *reconnected)
{
	struct link *l = &s->link;
	bool open = link_receive(l, false);
	const char *close_field;
	size_t length;
	bool good;

	*reconnected = false;
	length = l->length == 0 ? 0 : whole_length(l);
	if (length == 0 || l->length < length) {
		if (!open)
			die("an answer that is not whole");
		return false;
	}
	good = l->length > 9 && l->data[9] == '2';
	if (!good)
		complain(l);
	close_field = strcasestr(l->data, "\r\nConnection: close");
	ledger_answered(s->index, now_ns(), good);
	s->busy = false;
	if (!open || (close_field != NULL &&
	    close_field < strstr(l->data, "\r\n\r\n"))) {
		link_close(l);
		link_open(l, plan.address);
		*reconnected = true;
	} else {
		link_drop(l, length);
	}
	return true;
}
