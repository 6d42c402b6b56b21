/*
 * transaction -- the database's part of a send alone, as a limit: CALL
 * message_post_by(...) from N connections in a closed loop, with nothing around
 * it.  Prints one JSON object.
 *
 *	transaction --socket PATH --user NAME --database NAME --plan FILE
 *	            --connections N [--warm MS] [--window MS] [--run WORD]
 *	            [--usage NAME=PID,...]
 *
 * The password is in the environment, MYSQL_PWD.  The plan has a conversation,
 * an author, the SHA-256 of his token and his name a line, tabs between;
 * connections take the lines in turn.  --run: makes idempotency keys differ from
 * another run's.
 */
#include <getopt.h>
#if __has_include(<mysql.h>)
#include <mysql.h>
#elif __has_include(<mysql/mysql.h>)
#include <mysql/mysql.h>
#else
#include <mariadb/mysql.h>
#endif
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "tests/bench/samples.h"
#include "tests/bench/usage.h"

#define CONNECTIONS_MAX 128
#define PLAN_MAX 4096
#define PARAMETERS 11
#define COLUMNS 5

struct place {
	unsigned long long conversation, author;
	char hash[65], name[65];	/* hash: in hex */
};

struct client {
	pthread_t thread;
	MYSQL *mysql;
	struct samples samples;
	uint64_t done;
};

static struct {
	const char *socket, *user, *database, *run;
	struct place plan[PLAN_MAX];
	size_t plan_count, connections;
	int64_t warm_ms, window_ms;
	_Atomic uint64_t next;
	_Atomic bool open, over;
	struct client clients[CONNECTIONS_MAX];
} bench = {.warm_ms = 1000, .window_ms = 3000, .run = ""};

static void
fail(const char *what, const char *why)
{
	fprintf(stderr, "transaction: %s: %s\n", what, why);
	exit(1);
}

static void
bind_number(MYSQL_BIND *b, unsigned long long *number)
{
	b->buffer_type = MYSQL_TYPE_LONGLONG;
	b->buffer = number;
	b->is_unsigned = 1;
}

static void
bind_text(MYSQL_BIND *b, const char *text, size_t length)
{
	b->buffer_type = MYSQL_TYPE_STRING;
	b->buffer = (void *)(uintptr_t)text;
	b->buffer_length = (unsigned long)length;
}

/* The one row of the answer, as a program would read it; its outcome. */
static void
read_answer(MYSQL_STMT *s)
{
	unsigned long long numbers[COLUMNS];
	MYSQL_BIND row[COLUMNS] = {0};
	char outcome[16] = "";
	int left;

	row[0].buffer_type = MYSQL_TYPE_STRING;
	row[0].buffer = outcome;
	row[0].buffer_length = sizeof(outcome);
	for (size_t i = 1; i < COLUMNS; i++)
		bind_number(&row[i], &numbers[i]);
	if (mysql_stmt_bind_result(s, row) != 0 ||
	    mysql_stmt_store_result(s) != 0 || mysql_stmt_fetch(s) != 0)
		fail("answer", mysql_stmt_error(s));
	if (strcmp(outcome, "posted") != 0)
		fail("outcome", outcome);
	do {
		mysql_stmt_free_result(s);
		left = mysql_stmt_next_result(s);
	} while (left == 0);
}

static void
post(MYSQL_STMT *s, uint64_t n)
{
	static const char hash[32] = "as long as a hash";
	struct place p = bench.plan[n % bench.plan_count];
	unsigned long long now_ms = (unsigned long long)time(NULL) * 1000;
	char key[64], text[128], html[160];
	MYSQL_BIND b[PARAMETERS] = {0};

	snprintf(key, sizeof(key), "bench-%s-%llu", bench.run,
	    (unsigned long long)n);
	snprintf(text, sizeof(text), "n=%010llu a message of ordinary length,"
	    " as people write them", (unsigned long long)n);
	snprintf(html, sizeof(html), "<p>%s</p>", text);
	bind_text(&b[0], p.hash, strlen(p.hash));
	bind_text(&b[1], p.name, strlen(p.name));
	bind_number(&b[2], &p.conversation);
	bind_number(&b[3], &p.author);
	bind_text(&b[4], key, strlen(key));
	bind_text(&b[5], hash, sizeof(hash));
	bind_text(&b[6], text, strlen(text));
	bind_text(&b[7], html, strlen(html));
	b[8].buffer_type = MYSQL_TYPE_NULL;
	bind_text(&b[9], "", 0);
	bind_number(&b[10], &now_ms);
	if (mysql_stmt_bind_param(s, b) != 0 || mysql_stmt_execute(s) != 0)
		fail("call", mysql_stmt_error(s));
	read_answer(s);
}

static void *
work(void *argument)
{
	static const char sql[] = "CALL message_post_by(UNHEX(?),?,?,?,?,?,?,?,"
	    "?,?,?)";
	struct client *c = argument;
	MYSQL_STMT *s;

	mysql_thread_init();
	s = mysql_stmt_init(c->mysql);
	if (mysql_stmt_prepare(s, sql, sizeof(sql) - 1) != 0)
		fail("prepare", mysql_stmt_error(s));
	while (!atomic_load_explicit(&bench.over, memory_order_relaxed)) {
		uint64_t n = atomic_fetch_add(&bench.next, 1);
		int64_t begun = now_ns();
		bool counts = atomic_load(&bench.open);

		post(s, n);
		if (counts && atomic_load(&bench.open)) {
			samples_add(&c->samples, now_ns() - begun);
			c->done++;
		}
	}
	mysql_stmt_close(s);
	mysql_thread_end();
	return NULL;
}

static void
open_client(struct client *c)
{
	static const char begin[] = "SET SESSION sql_mode ="
	    " 'STRICT_TRANS_TABLES', SESSION time_zone = '+00:00'";
	static const char isolation[] = "SET SESSION TRANSACTION ISOLATION"
	    " LEVEL READ COMMITTED";

	c->mysql = mysql_init(NULL);
	mysql_options(c->mysql, MYSQL_INIT_COMMAND, begin);
	mysql_options(c->mysql, MYSQL_INIT_COMMAND, isolation);
	mysql_options(c->mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	if (mysql_real_connect(c->mysql, NULL, bench.user, getenv("MYSQL_PWD"),
	    bench.database, 0, bench.socket, CLIENT_MULTI_RESULTS) == NULL)
		fail("connect", mysql_error(c->mysql));
}

static void
read_plan(const char *file)
{
	FILE *f = fopen(file, "re");
	char line[256], *at;

	if (f == NULL)
		fail("plan", file);
	while (bench.plan_count < PLAN_MAX &&
	    fgets(line, sizeof(line), f) != NULL) {
		struct place *p = &bench.plan[bench.plan_count++];

		p->conversation = strtoull(line, &at, 10);
		p->author = strtoull(at, &at, 10);
		at++;
		snprintf(p->hash, sizeof(p->hash), "%s", strsep(&at, "\t"));
		if (at == NULL)
			fail("plan", "four words are wanted");
		snprintf(p->name, sizeof(p->name), "%s", strsep(&at, "\n"));
	}
	fclose(f);
}

static void
take(int option, const char *value)
{
	switch (option) {
	case 's': bench.socket = value; break;
	case 'U': bench.user = value; break;
	case 'D': bench.database = value; break;
	case 'p': read_plan(value); break;
	case 'c': bench.connections = strtoul(value, NULL, 10); break;
	case 'w': bench.warm_ms = strtoll(value, NULL, 10); break;
	case 'd': bench.window_ms = strtoll(value, NULL, 10); break;
	case 'R': bench.run = value; break;
	case 'u': usage_group(value); break;
	default: exit(2);
	}
}

static void
sleep_ms(int64_t ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}

static void
measure(void)
{
	struct samples all = {0};
	int64_t begin_ns, end_ns;
	uint64_t done = 0;
	size_t i;

	for (i = 0; i < bench.connections; i++)
		open_client(&bench.clients[i]);
	for (i = 0; i < bench.connections; i++)
		if (pthread_create(&bench.clients[i].thread, NULL, work,
		    &bench.clients[i]) != 0)
			fail("thread", "none left");
	sleep_ms(bench.warm_ms);
	usage_begin();
	begin_ns = now_ns();
	atomic_store(&bench.open, true);
	sleep_ms(bench.window_ms);
	atomic_store(&bench.open, false);
	end_ns = now_ns();
	usage_end();
	atomic_store(&bench.over, true);
	for (i = 0; i < bench.connections; i++) {
		pthread_join(bench.clients[i].thread, NULL);
		mysql_close(bench.clients[i].mysql);
		samples_join(&all, &bench.clients[i].samples);
		done += bench.clients[i].done;
	}
	printf("{\"rate\":%.1f",
	    (double)done * 1e9 / (double)(end_ns - begin_ns));
	samples_print(&all, "");
	usage_print(done);
	printf("}\n");
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {{"socket", 1, NULL, 's'},
	    {"user", 1, NULL, 'U'}, {"database", 1, NULL, 'D'},
	    {"plan", 1, NULL, 'p'}, {"connections", 1, NULL, 'c'},
	    {"warm", 1, NULL, 'w'}, {"window", 1, NULL, 'd'},
	    {"run", 1, NULL, 'R'}, {"usage", 1, NULL, 'u'},
	    {NULL, 0, NULL, 0}};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		take(option, optarg);
	if (bench.plan_count == 0 || bench.connections == 0 ||
	    bench.connections > CONNECTIONS_MAX)
		return 2;
	mysql_library_init(0, NULL, NULL);
	measure();
	return 0;
}
