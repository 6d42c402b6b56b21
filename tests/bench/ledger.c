#include "tests/bench/ledger.h"

#include "tests/bench/samples.h"

struct entry {
	int64_t sent_ns, answered_ns;
	uint32_t copies;
	bool counts;
};

static struct {
	struct entry *entries;
	uint64_t sent, answered, errors;
	uint64_t window_answers, window_copies, heard;
	unsigned copies;
	bool open;
	/* POST to answer, POST to a copy, POST to the last copy, and a copy
	 * against the answer. */
	struct samples answer, copy, last, behind;
} ledger;

void
ledger_start(unsigned copies)
{
	ledger.copies = copies;
	ledger.entries = calloc(LEDGER_MAX, sizeof(*ledger.entries));
	if (ledger.entries == NULL)
		abort();
}

void
ledger_window(bool open)
{
	ledger.open = open;
}

uint64_t
ledger_send(int64_t now)
{
	struct entry *e = &ledger.entries[ledger.sent];

	if (ledger.sent == LEDGER_MAX)
		abort();
	e->sent_ns = now;
	e->counts = ledger.open;
	return ledger.sent++;
}

/* Whichever of the two comes last knows the difference. */
static void
compare(const struct entry *e, int64_t heard_ns)
{
	if (e->counts && ledger.copies == 1)
		samples_add(&ledger.behind, heard_ns - e->answered_ns);
}

void
ledger_answered(uint64_t index, int64_t now, bool good)
{
	struct entry *e = &ledger.entries[index];
	int64_t heard_ns = e->answered_ns;

	ledger.answered++;
	if (!good)
		ledger.errors++;
	if (ledger.open)
		ledger.window_answers++;
	if (e->counts)
		samples_add(&ledger.answer, now - e->sent_ns);
	e->answered_ns = now;
	if (heard_ns < 0)
		compare(e, -heard_ns);
}

void
ledger_heard(uint64_t index, int64_t now)
{
	struct entry *e;

	if (index >= ledger.sent)
		return;
	e = &ledger.entries[index];
	e->copies++;
	ledger.heard++;
	if (ledger.open)
		ledger.window_copies++;
	if (!e->counts)
		return;
	samples_add(&ledger.copy, now - e->sent_ns);
	if (e->copies == ledger.copies)
		samples_add(&ledger.last, now - e->sent_ns);
	if (e->answered_ns > 0)
		compare(e, now);
	else
		e->answered_ns = -now;
}

uint64_t
ledger_sent(void)
{
	return ledger.sent;
}

uint64_t
ledger_errors(void)
{
	return ledger.errors;
}

bool
ledger_settled(void)
{
	return ledger.answered == ledger.sent &&
	    ledger.heard >= ledger.sent * ledger.copies;
}

uint64_t
ledger_print(double seconds)
{
	uint64_t lost = 0, doubled = 0;

	for (uint64_t i = 0; i < ledger.sent; i++) {
		const struct entry *e = &ledger.entries[i];

		if (e->copies < ledger.copies)
			lost += ledger.copies - e->copies;
		else
			doubled += e->copies - ledger.copies;
	}
	printf("\"sent\":%llu,\"errors\":%llu,\"rate\":%.1f",
	    (unsigned long long)ledger.sent, (unsigned long long)ledger.errors,
	    (double)ledger.window_answers / seconds);
	samples_print(&ledger.answer, "");
	if (ledger.copies > 0) {
		printf(",\"deliveries\":%.1f,\"lost\":%llu,\"doubled\":%llu",
		    (double)ledger.window_copies / seconds,
		    (unsigned long long)lost, (unsigned long long)doubled);
		samples_print(&ledger.copy, "delivery_");
		samples_print(&ledger.last, "last_");
		samples_print(&ledger.behind, "behind_");
	}
	return ledger.window_answers;
}
