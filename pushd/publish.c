#include "pushd/publish.h"

#include "base/log.h"
#include "pushd/loop.h"

#include <curl/curl.h>
#include <sys/epoll.h>

#define TIMEOUT_MS 1000L
#define TARGET_SIZE 9000
#define ANSWER_SIZE 4096

static struct {
	CURLM *multi;
	CURL *easy;
	struct curl_slist *headers;
	publish_done *done;
	struct timer timer;
	bool busy;
	char answer[ANSWER_SIZE];
	size_t length;
} publisher;

/* What does not fit is dropped; all that is read from answers is short. */
static size_t
take_answer(char *bytes, size_t size, size_t count, void *unused)
{
	size_t length = size * count;
	size_t room = sizeof(publisher.answer) - 1 - publisher.length;
	size_t taken = length < room ? length : room;

	(void)unused;
	memcpy(publisher.answer + publisher.length, bytes, taken);
	publisher.length += taken;
	return length;
}

static void
finish(CURLcode result)
{
	long status = 0;

	if (result == CURLE_OK)
		curl_easy_getinfo(publisher.easy, CURLINFO_RESPONSE_CODE,
		    &status);
	curl_multi_remove_handle(publisher.multi, publisher.easy);
	publisher.answer[publisher.length] = '\0';
	publisher.busy = false;
	publisher.done(status, publisher.answer);
}

static void
look_for_end(void)
{
	CURLMsg *message;
	int left;

	message = curl_multi_info_read(publisher.multi, &left);
	if (message != NULL && message->msg == CURLMSG_DONE)
		finish(message->data.result);
}

static void
socket_event(void *argument, uint32_t events)
{
	struct watch *w = argument;
	int mask = 0, running;

	if (events & (EPOLLIN | EPOLLHUP))
		mask |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		mask |= CURL_CSELECT_OUT;
	if (events & EPOLLERR)
		mask |= CURL_CSELECT_ERR;
	curl_multi_socket_action(publisher.multi, w->fd, mask, &running);
	look_for_end();
}

static void
timer_event(void *unused)
{
	int running;

	(void)unused;
	curl_multi_socket_action(publisher.multi, CURL_SOCKET_TIMEOUT, 0,
	    &running);
	look_for_end();
}

static int
socket_wanted(CURL *easy, curl_socket_t fd, int what, void *unused,
    void *socket_data)
{
	struct watch *w = socket_data;
	uint32_t events = 0;

	(void)easy;
	(void)unused;
	if (what == CURL_POLL_REMOVE) {
		if (w != NULL) {
			loop_forget(w);
			free(w);
			curl_multi_assign(publisher.multi, fd, NULL);
		}
		return 0;
	}
	if (what & CURL_POLL_IN)
		events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		events |= EPOLLOUT;
	if (w != NULL) {
		loop_change(w, events);
		return 0;
	}
	w = malloc(sizeof(*w));
	if (w == NULL)
		return -1;
	*w = (struct watch){.fd = fd, .call = socket_event, .argument = w};
	if (!loop_watch(w, events)) {
		free(w);
		return -1;
	}
	curl_multi_assign(publisher.multi, fd, w);
	return 0;
}

static int
timer_wanted(CURLM *multi, long delay_ms, void *unused)
{
	(void)multi;
	(void)unused;
	if (delay_ms < 0)
		timer_stop(&publisher.timer);
	else
		timer_set(&publisher.timer, delay_ms);
	return 0;
}

static bool
prepare(const char *path)
{
	CURL *easy = publisher.easy;
	CURLM *multi = publisher.multi;
	CURLcode bad = 0;
	CURLMcode worse = 0;

	publisher.headers = curl_slist_append(NULL, "Expect:");
	publisher.headers = curl_slist_append(publisher.headers,
	    "Content-Type: application/json");
	publisher.headers = curl_slist_append(publisher.headers,
	    "Accept: text/json");
	bad |= curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, path);
	bad |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, publisher.headers);
	bad |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
	bad |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
	bad |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
	    CURL_HTTP_VERSION_1_1);
	worse |= curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION,
	    socket_wanted);
	worse |= curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timer_wanted);
	worse |= curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, 1L);
	return publisher.headers != NULL && bad == 0 && worse == 0;
}

bool
publish_start(const char *path, publish_done *done)
{
	CURLcode begun = curl_global_init(CURL_GLOBAL_NOTHING);

	publisher.done = done;
	publisher.timer.call = timer_event;
	publisher.easy = curl_easy_init();
	publisher.multi = curl_multi_init();
	if (begun != CURLE_OK || publisher.easy == NULL ||
	    publisher.multi == NULL || !prepare(path)) {
		log_error("publisher: libcurl does not start");
		return false;
	}
	return true;
}

void
publish_end(void)
{
	if (publisher.multi != NULL && publisher.busy)
		curl_multi_remove_handle(publisher.multi, publisher.easy);
	curl_easy_cleanup(publisher.easy);
	curl_multi_cleanup(publisher.multi);
	curl_slist_free_all(publisher.headers);
	timer_stop(&publisher.timer);
	publisher.easy = publisher.multi = NULL;
	publisher.headers = NULL;
	curl_global_cleanup();
}

void
publish_send(enum publish_verb verb, const char *target, const char *body,
    size_t length)
{
	char url[TARGET_SIZE];
	CURL *easy = publisher.easy;
	CURLMcode added;
	int running;

	snprintf(url, sizeof(url), "http://push%s", target);
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL);
	if (verb == PUBLISH_POST) {
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)length);
	} else {
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
		if (verb == PUBLISH_DELETE)
			curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, "DELETE");
	}
	publisher.busy = true;
	publisher.length = 0;
	added = curl_multi_add_handle(publisher.multi, easy);
	if (added != CURLM_OK) {
		publisher.busy = false;
		publisher.answer[0] = '\0';
		publisher.done(0, publisher.answer);
		return;
	}
	/* Out with it now: the loop's next turn would be a system call later. */
	curl_multi_socket_action(publisher.multi, CURL_SOCKET_TIMEOUT, 0,
	    &running);
	look_for_end();
}
