/*
 * natter: what it can be told, in one table.
 */
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/commands.h"

/* Options besides --var; each command names the letters of those it takes. */
static const struct option options[] = {
	{"var", required_argument, NULL, 'v'},
	{"admin", no_argument, NULL, 'a'},
	{"bot", no_argument, NULL, 'b'},
	{"password-stdin", no_argument, NULL, 'p'},
	{"display-name", required_argument, NULL, 'd'},
	{"user", required_argument, NULL, 'u'},
	{"scopes", required_argument, NULL, 's'},
	{"conversation", required_argument, NULL, 'c'},
	{"expires", required_argument, NULL, 'e'},
	{"uses", required_argument, NULL, 'n'},
	{"plan", no_argument, NULL, 'l'},
	{"replace", no_argument, NULL, 'r'},
	{"push", no_argument, NULL, 'P'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

struct entry {
	const char *noun;
	const char *verb;	/* NULL: none */
	enum { ALONE, NAMED, LISTED } words;	/* one more: NAME; or several */
	bool starting;		/* instance_open() */
	const char *options;
	command *call;
	const char *usage;
	const char *does;
};

/* clang-format off */
static const struct entry table[] = {
	{"up", NULL, ALONE, true, "", up,
	    "", "start everything; Ctrl-C stops it"},
	{"run", NULL, LISTED, true, "", run,
	    "web|push|app|pushd...", "only these, in a container for instance"},
	{"reload", NULL, ALONE, false, "P", reload,
	    "[--push]", "take new settings, certificates and programs, and lose"
	    " no request; --push: end all streams, too, which come back"},
	{"down", NULL, ALONE, false, "", down,
	    "", "stop everything"},
	{"ps", NULL, ALONE, false, "", ps,
	    "", "one line per process: role pid"},
	{"user", "add", NAMED, false, "abpd", user_add,
	    "NAME [--admin] [--bot] [--display-name TEXT] [--password-stdin]",
	    "make an account; without a password, print a sign-in link"},
	{"user", "list", ALONE, false, "", user_show_all,
	    "", "all accounts"},
	{"user", "reset", NAMED, false, "", user_reset,
	    "NAME", "print a one-time sign-in link for a new password"},
	{"user", "disable", NAMED, false, "", user_off,
	    "NAME", "end all sessions; may not sign in"},
	{"user", "enable", NAMED, false, "", user_on,
	    "NAME", "may sign in again"},
	{"token", "add", NAMED, false, "usce", token_add,
	    "NAME --user USER [--scopes read,write] [--conversation ID]"
	    " [--expires 30d]", "print a bearer secret for scripts"},
	{"invite", "add", ALONE, false, "ne", invite_add,
	    "[--uses N] [--expires 7d]",
	    "print an invitation link and its code"},
	{"migrate", NULL, ALONE, false, "l", migrate_now,
	    "[--plan]", "bring the database to this program's schema;"
	    " or say what that takes"},
	{"backup", NULL, NAMED, false, "", backup,
	    "FILE", "all of the database in one file, while people write;"
	    " -: to standard output"},
	{"verify", NULL, NAMED, false, "", verify,
	    "FILE", "is this backup whole?  Needs no database; -: standard"
	    " input"},
	{"restore", NULL, NAMED, false, "r", restore,
	    "FILE [--replace]", "load a backup into an empty database, or in"
	    " place of what it holds"},
	{"config", "check", ALONE, false, "", config_check,
	    "", "are the settings right?"},
	{"config", "dump", ALONE, false, "", config_print,
	    "", "the settings in effect"},
	{"config", NULL, ALONE, false, "", config_print,
	    "", "the same"},
	{"doctor", NULL, ALONE, false, "", doctor,
	    "", "look for what is wrong"},
};
/* clang-format on */

#define TABLE_COUNT (sizeof(table) / sizeof(table[0]))

static int
usage(FILE *out)
{
	size_t i;

	fprintf(out, "usage: natter [--var DIR] COMMAND\n\n");
	for (i = 0; i < TABLE_COUNT; i++)
		fprintf(out, "  natter %s%s%s %s\n\t%s\n", table[i].noun,
		    table[i].verb == NULL ? "" : " ",
		    table[i].verb == NULL ? "" : table[i].verb,
		    table[i].usage, table[i].does);
	fprintf(out, "\nDIR is the instance's folder; without it, VAR or"
	    " NATTER_VAR of the\nenvironment, else var.\n");
	return out == stdout ? 0 : 2;
}

static bool
is_verb(const struct entry *t, char **words, int count)
{
	return t->verb == NULL ||
	    (count > 1 && strcmp(words[1], t->verb) == 0);
}

/* By its own words, whatever follows; those with a verb come first. */
static const struct entry *
find(char **words, int count)
{
	size_t i;

	for (i = 0; i < TABLE_COUNT && count > 0; i++) {
		if (strcmp(words[0], table[i].noun) == 0 &&
		    is_verb(&table[i], words, count))
			return &table[i];
	}
	return NULL;
}

static bool
is_noun(const char *word)
{
	size_t i;

	for (i = 0; i < TABLE_COUNT; i++) {
		if (strcmp(word, table[i].noun) == 0)
			return true;
	}
	return false;
}

/* Which word is wrong; nothing when there is none at all. */
static int
no_such(char **words, int count)
{
	if (count == 1 && is_noun(words[0]))
		complain("a word is missing after %s", words[0]);
	else if (count > 1 && is_noun(words[0]))
		complain("no such command: %s %s", words[0], words[1]);
	else if (count > 0)
		complain("no such command: %s", words[0]);
	return usage(stderr);
}

static bool
takes_words(const struct entry *t, char **words, int count)
{
	int own = 1 + (t->verb != NULL);

	if (t->words != ALONE && count == own)
		complain("a word is missing after %s", words[count - 1]);
	else if (t->words != LISTED && count > own + (int)t->words)
		complain("one word too many: %s", words[own + (int)t->words]);
	else
		return true;
	return false;
}

static bool
takes_options(const struct entry *t, const char *given)
{
	char wrong = given[strspn(given, t->options)];
	size_t i = 0;

	if (wrong == '\0')
		return true;
	while (options[i].val != wrong)
		i++;
	complain("not for this command: --%s", options[i].name);
	return false;
}

static void
take(struct arguments *a, int letter, const char *value)
{
	switch (letter) {
	case 'a': a->admin = true; break;
	case 'b': a->bot = true; break;
	case 'p': a->password_stdin = true; break;
	case 'P': a->push = true; break;
	case 'd': a->display_name = value; break;
	case 'u': a->user = value; break;
	case 's': a->scopes = value; break;
	case 'c': a->conversation = value; break;
	case 'e': a->expires = value; break;
	case 'n': a->uses = value; break;
	case 'l': a->plan = true; break;
	case 'r': a->replace = true; break;
	default: break;
	}
}

/* Whoever started it may have closed some of these.  A lock, a log or the end of
 * a pipe must not get their numbers, which children are given anew. */
static void
hold_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* What is said of a token or a lock-out stays; whoever runs the instance makes
 * the file, as its owner. */
static void
keep_log(const struct instance *in)
{
	char path[PATH_SIZE];

	log_in_words(open(instance_file(in, INSTANCE_LOG, path),
	    O_WRONLY | O_APPEND | O_CLOEXEC));
}

int
main(int argc, char **argv)
{
	struct arguments a = {0};
	struct instance in;
	const struct entry *t;
	const char *var = NULL;
	char given[32] = "";
	size_t count = 0;
	int letter, status = 1;

	hold_standard_files();
	log_start("natter");
	log_in_words(-1);
	for (;;) {
		letter = getopt_long(argc, argv, "h", options, NULL);
		if (letter == -1)
			break;
		if (letter == '?')
			return usage(stderr);
		if (letter == 'h')
			return usage(stdout);
		if (letter == 'v')
			var = optarg;
		else if (count + 1 < sizeof(given))
			given[count++] = (char)letter;
		take(&a, letter, optarg);
	}
	t = find(argv + optind, argc - optind);
	if (t == NULL)
		return no_such(argv + optind, argc - optind);
	if (!takes_words(t, argv + optind, argc - optind) ||
	    !takes_options(t, given))
		return usage(stderr);
	if (t->words != ALONE) {
		a.count = (size_t)(argc - optind - 1 - (t->verb != NULL));
		a.words = argv + argc - a.count;
		a.name = a.words[0];
	}
	if (t->call == run)
		log_in_lines();		/* to whoever runs the container */
	if (instance_open(&in, var, t->starting) == OK) {
		if (!t->starting)
			keep_log(&in);
		status = t->call(&in, &a);
	}
	instance_close(&in);
	return status;
}
