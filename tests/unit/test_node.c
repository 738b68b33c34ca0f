/* inode numbers: there and back, for ever the same */
#include "tests/unit/check.h"

#include "fs/node.h"

/* Written down: an NFS client of last year holds these numbers. */
static const struct { struct node n; uint64_t ino; } numbers[] = {
	{ { NODE_ROOT, 0 }, 1 },
	{ { NODE_README, 0 }, 16 },
	{ { NODE_HEALTH, 0 }, 19 },
	{ { NODE_PROBLEM, 1 }, 0x114 },
	{ { NODE_PFILE, 7 }, 0x715 },
	{ { NODE_USERS, 0 }, 24 },
	{ { NODE_USER, 3 }, 0x319 },
	{ { NODE_PLACE, 1 }, 0x11a },
	{ { NODE_SUB, 1 }, 0x11b },
	{ { NODE_HISTORY, 1 }, 0x11c },
	{ { NODE_FILE, 0x1234 }, 0x12341d },
	{ { NODE_VERDICT, 0x1234 }, 0x12341e },
	{ { NODE_COMPILE, INT64_C(1) << 54 }, (UINT64_C(1) << 62) + 0x20 },
	{ { NODE_ATTEMPT, 9 }, 0x921 },
	{ { NODE_ATTEMPT_COMPILE, 9 }, 0x925 },
};

static void test_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		struct node n = node_from_ino(numbers[i].ino);

		CHECK_INT(node_ino(numbers[i].n), numbers[i].ino);
		CHECK_INT(n.kind, numbers[i].n.kind);
		CHECK_INT(n.row, numbers[i].n.row);
	}
}

static void test_unknown(void **state)
{
	static const uint64_t none[] = { 0, 2, 15, 0x100, 0x10f, NODE_KINDS, 0xff, UINT64_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		CHECK_INT(node_from_ino(none[i]).kind, NODE_NONE);
}

static void test_links(void **state)
{
	static const struct { int64_t problem; uid_t uid; } ok[] = {
		{ 0, 0 }, { 1, 1000 }, { 0xffffff, 0xffffffffu }, { 12, 0x80000000u },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ok); i++) {
		struct node n = node_link(NODE_SUB_LINK, ok[i].problem, ok[i].uid);

		n = node_from_ino(node_ino(n));
		CHECK_INT(n.kind, NODE_SUB_LINK);
		CHECK_INT(node_link_problem(n), ok[i].problem);
		CHECK_INT(node_link_uid(n), ok[i].uid);
	}
	CHECK(node_ino(node_link(NODE_SUB_LINK, 1, 2)) != node_ino(node_link(NODE_SUB_LINK, 1, 3)));
	CHECK_INT(node_link(NODE_SUB_LINK, 0x1000000, 1).kind, NODE_NONE);
	CHECK_INT(node_link(NODE_SUB_LINK, -1, 1).kind, NODE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_links),
	};

	return cmocka_run_group_tests_name("node", tests, NULL, NULL);
}
