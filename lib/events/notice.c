#include "events/notice.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "events/listen.h"

#include <errno.h>
#include <poll.h>
#include <inttypes.h>
#include <sys/socket.h>
#include <sys/un.h>

/* After a refused connect, how long until the next try: a worker must not pay
 * for a pushd that is away with two system calls per request. */
#define AGAIN_MS 100
#define PAUSE_MS 20

static struct {
	struct sockaddr_un address;
	bool known;
	int fd;
	int64_t next_try_ms;
} line = {.fd = -1};

static bool
type_valid(struct text type)
{
	if (type.length == 0 || type.length >= NOTICE_TYPE_SIZE)
		return false;
	for (size_t i = 0; i < type.length; i++) {
		char c = type.data[i];

		if (!(c >= 'a' && c <= 'z') && c != '.' && c != '_')
			return false;
	}
	return true;
}

static size_t
format_event(const struct notice *n, char *packet)
{
	struct text type = {n->type, strnlen(n->type, NOTICE_TYPE_SIZE)};
	size_t length;
	int head;

	if ((n->stream != 'c' && n->stream != 'u') || !type_valid(type))
		return 0;
	head = snprintf(packet, NOTICE_PACKET_MAX,
	    "E %c %" PRIu64 " %" PRIu64 " %" PRIu64 " %s %" PRIu64, n->stream,
	    n->stream_id, n->seq, n->event_id, n->type, n->user_id);
	if (head <= 0)
		return 0;
	length = (size_t)head;
	if (n->json == NULL || n->json_length == 0 ||
	    n->json_length > NOTICE_JSON_MAX)
		return length;
	packet[length++] = ' ';
	memcpy(packet + length, n->json, n->json_length);
	return length + n->json_length;
}

size_t
notice_format(const struct notice *n, char packet[static NOTICE_PACKET_MAX])
{
	int length = 0;

	switch (n->kind) {
	case NOTICE_EVENT:
		return format_event(n, packet);
	case NOTICE_TYPING:
		length = snprintf(packet, NOTICE_PACKET_MAX,
		    "T %" PRIu64 " %" PRIu64 " %" PRIu64, n->conversation_id,
		    n->user_id, n->seq);
		break;
	case NOTICE_READ:
		length = snprintf(packet, NOTICE_PACKET_MAX,
		    "R %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64,
		    n->conversation_id, n->user_id, n->seq, n->number);
		break;
	case NOTICE_OPENING:
		length = snprintf(packet, NOTICE_PACKET_MAX,
		    "O %" PRIu64 " %" PRIu64, n->user_id, n->conversation_id);
		break;
	case NOTICE_REVOKED:
		length = snprintf(packet, NOTICE_PACKET_MAX, "K %" PRIu64,
		    n->user_id);
		break;
	}
	return length > 0 ? (size_t)length : 0;
}

static bool
take_number(struct text *rest, uint64_t *number)
{
	struct text part;

	return text_split(rest, ' ', &part) && parse_u64(part, ID_MAX, number);
}

static bool
take_id(struct text *rest, uint64_t *id)
{
	return take_number(rest, id) && *id != 0;
}

static bool
parse_event(struct text rest, struct notice *n)
{
	struct text part;

	if (!text_split(&rest, ' ', &part) || part.length != 1)
		return false;
	n->stream = part.data[0];
	if (n->stream != 'c' && n->stream != 'u')
		return false;
	if (!take_id(&rest, &n->stream_id) || !take_id(&rest, &n->seq) ||
	    !take_number(&rest, &n->event_id))
		return false;
	if (!text_split(&rest, ' ', &part) || !type_valid(part))
		return false;
	memcpy(n->type, part.data, part.length);
	if (!take_number(&rest, &n->user_id))
		return false;
	if (rest.data == NULL)
		return true;
	if (rest.length < 2 || rest.length > NOTICE_JSON_MAX ||
	    rest.data[0] != '{' || rest.data[rest.length - 1] != '}')
		return false;
	n->json = rest.data;
	n->json_length = rest.length;
	return true;
}

bool
notice_parse(const char *packet, size_t length, struct notice *n)
{
	struct text rest = {packet, length};
	struct text kind;
	bool good;

	*n = (struct notice){0};
	if (length > NOTICE_PACKET_MAX || !text_split(&rest, ' ', &kind) ||
	    kind.length != 1)
		return false;
	n->kind = (enum notice_kind)(unsigned char)kind.data[0];
	switch (n->kind) {
	case NOTICE_EVENT:
		return parse_event(rest, n);
	case NOTICE_TYPING:
		good = take_id(&rest, &n->conversation_id) &&
		    take_id(&rest, &n->user_id) && take_id(&rest, &n->seq);
		break;
	case NOTICE_READ:
		good = take_id(&rest, &n->conversation_id) &&
		    take_id(&rest, &n->user_id) && take_id(&rest, &n->seq) &&
		    take_number(&rest, &n->number);
		break;
	case NOTICE_OPENING:
		good = take_id(&rest, &n->user_id) &&
		    take_number(&rest, &n->conversation_id);
		break;
	case NOTICE_REVOKED:
		good = take_id(&rest, &n->user_id);
		break;
	default:
		return false;
	}
	return good && rest.data == NULL;
}

static void
hang_up(void)
{
	if (line.fd >= 0)
		close(line.fd);
	line.fd = -1;
}

static bool
dial(void)
{
	int64_t now = clock_monotonic_ms();
	int done;

	if (line.fd >= 0)
		return true;
	if (!line.known || now < line.next_try_ms)
		return false;
	line.next_try_ms = now + AGAIN_MS;
	line.fd = socket(AF_UNIX,
	    SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (line.fd < 0)
		return false;
	done = connect(line.fd, (const struct sockaddr *)&line.address,
	    sizeof(line.address));
	if (done != 0) {
		hang_up();
		return false;
	}
	line.next_try_ms = 0;
	return true;
}

void
notice_connect(const char *path)
{
	size_t length = strlen(path);

	hang_up();
	line.next_try_ms = 0;
	line.address = (struct sockaddr_un){.sun_family = AF_UNIX};
	line.known = length < sizeof(line.address.sun_path);
	if (line.known)
		memcpy(line.address.sun_path, path, length + 1);
	else
		log_error("notices: the path is too long: %s", path);
}

bool
notice_send(const struct notice *n)
{
	char packet[NOTICE_PACKET_MAX];
	size_t length = notice_format(n, packet);

	if (length == 0)
		return false;
	/* The first try may meet the connection of a pushd that has gone. */
	for (int tries = 0; tries < 2; tries++) {
		ssize_t sent;

		if (!dial())
			return false;
		sent = send(line.fd, packet, length,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent >= 0)
			return true;
		if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)
			return false;
		hang_up();
	}
	return false;
}

/* pushd's word on the opening that was just sent. */
static bool
hear(char *word)
{
	struct pollfd answer = {.fd = line.fd, .events = POLLIN};
	ssize_t got = -1;
	int ready;

	ready = poll(&answer, 1, NOTICE_ANSWER_MS);
	if (ready == 1)
		got = recv(line.fd, word, 1, MSG_DONTWAIT);
	/* What comes too late must not be taken for the next one's. */
	if (got != 1)
		hang_up();
	return got == 1;
}

bool
notice_open(uint64_t user_id, uint64_t conversation_id)
{
	const struct notice n = {.kind = NOTICE_OPENING, .user_id = user_id,
		.conversation_id = conversation_id};
	int64_t until_ms = clock_monotonic_ms() + NOTICE_ANSWER_MS;
	char word;

	/* One that is started anew is away for less than that. */
	do {
		if (notice_send(&n) && hear(&word))
			return word == NOTICE_ACCEPTED;
		poll(NULL, 0, PAUSE_MS);
	} while (clock_monotonic_ms() < until_ms);
	return false;
}

int
notice_listen(const char *path)
{
	return listen_at(path, SOCK_SEQPACKET);
}
