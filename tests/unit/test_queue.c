/* judge/queue.c: fairness between users, as tables of who comes and who goes */
#include "tests/unit/check.h"

#include <errno.h>

#include "judge/queue.h"

/* "A1 A2 B7" comes, "A1 B7 A2" goes; a small letter goes in the background. */
static const struct { const char *come, *go; } rows[] = {
	{ "",				"" },
	{ "A1",				"A1" },
	{ "A1 A2 A3",			"A1 A2 A3" },
	{ "A1 A2 A3 B4",		"A1 B4 A2 A3" },
	{ "A1 A2 A3 B4 C5 B6",		"A1 B4 C5 A2 B6 A3" },
	{ "A3 A1 A2",			"A1 A2 A3" },
	{ "a1 a2 B3 A4",		"B3 A4 a1 a2" },
	{ "a1 b2 a3",			"a1 b2 a3" },
};

static int64_t add(struct queue *q, const char *word)
{
	bool background = word[0] >= 'a';
	int64_t id = word[1] - '0';

	CHECK_INT(queue_add(q, word[0] & ~0x20, id, background), 0);
	return id;
}

static void test_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct queue q = { 0 };
		size_t n = 0;

		for (const char *w = rows[i].come; *w; w += w[2] ? 3 : 2, n++)
			add(&q, w);
		CHECK_INT(queue_length(&q), n);
		/* What was foretold is what happens. */
		n = 0;
		for (const char *w = rows[i].go; *w; w += w[2] ? 3 : 2)
			CHECK_INT(queue_before(&q, w[1] - '0'), n++);
		for (const char *w = rows[i].go; *w; w += w[2] ? 3 : 2) {
			CHECK_INT(queue_before(&q, w[1] - '0'), 0);
			CHECK_INT(queue_take(&q), w[1] - '0');
			CHECK_INT(queue_before(&q, w[1] - '0'), -ENOENT);
		}
		CHECK_INT(queue_take(&q), 0);
		queue_release(&q);
	}
}

static void test_hundred(void **state)
{
	struct queue q = { 0 };

	(void)state;
	for (int64_t id = 1; id <= 100; id++)
		CHECK_INT(queue_add(&q, 7, id, false), 0);
	for (int i = 0; i < 10; i++)
		CHECK(queue_take(&q) > 0);
	CHECK_INT(queue_add(&q, 8, 500, false), 0);
	CHECK_INT(queue_before(&q, 500), 0);
	CHECK_INT(queue_take(&q), 500);
	queue_release(&q);
}

/* Fifty who hand in twenty each, one who comes late with one, and one who always comes again. */
static void test_fifty(void **state)
{
	struct queue q = { 0 };
	int64_t id = 0;
	int turns = 0;

	(void)state;
	for (int i = 0; i < 20; i++)
		for (int64_t user = 1; user <= 50; user++)
			CHECK_INT(queue_add(&q, user, ++id, false), 0);
	for (int i = 0; i < 70; i++)
		CHECK(queue_take(&q) > 0);
	CHECK_INT(queue_add(&q, 99, 5000, false), 0);
	CHECK_INT(queue_before(&q, 5000), 0);
	for (int64_t mine = 5000; queue_length(&q) > 500;) {
		int64_t got = queue_take(&q);

		if (got != mine)
			continue;
		turns++;
		CHECK_INT(queue_add(&q, 99, ++mine, false), 0);
	}
	CHECK(turns >= 430 / 51 && turns <= 430 / 51 + 1);
	queue_release(&q);
}

static void test_remove(void **state)
{
	struct queue q = { 0 };

	(void)state;
	add(&q, "A1");
	add(&q, "A2");
	add(&q, "b3");
	CHECK_INT(queue_add(&q, 'A', 1, false), -EEXIST);
	CHECK_INT(queue_add(&q, 'A', 3, false), -EEXIST);
	CHECK_INT(queue_length(&q), 3);
	CHECK(queue_remove(&q, 1));
	CHECK(!queue_remove(&q, 1));
	CHECK(queue_remove(&q, 3));
	CHECK_INT(queue_take(&q), 2);
	CHECK_INT(queue_take(&q), 0);
	/* Negative ids are as good: calibrations. */
	CHECK_INT(queue_add(&q, 0, -1, false), 0);
	CHECK_INT(queue_add(&q, 0, -2, false), 0);
	CHECK_INT(queue_take(&q), -2);
	queue_release(&q);
	queue_release(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_hundred),
		cmocka_unit_test(test_fifty),
		cmocka_unit_test(test_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
