#include "fs/node.h"

#define KIND_BITS	8
#define UID_BITS	32
#define LINK_PROBLEMS	(INT64_C(1) << (64 - KIND_BITS - UID_BITS))

static const bool known[NODE_KINDS] = {
	[NODE_ROOT] = true,
	[NODE_README ... NODE_KINDS - 1] = true,
};

uint64_t node_ino(struct node n)
{
	return (uint64_t)n.row << KIND_BITS | n.kind;
}

struct node node_from_ino(uint64_t ino)
{
	unsigned kind = ino & ((1 << KIND_BITS) - 1);

	if (kind >= NODE_KINDS || !known[kind])
		return (struct node){ NODE_NONE, 0 };
	return (struct node){ kind, (int64_t)(ino >> KIND_BITS) };
}

struct node node_link(enum node_kind kind, int64_t problem, uid_t uid)
{
	if (problem < 0 || problem >= LINK_PROBLEMS)
		return (struct node){ NODE_NONE, 0 };
	return (struct node){ kind, problem << UID_BITS | uid };
}

int64_t node_link_problem(struct node n)
{
	return n.row >> UID_BITS;
}

uid_t node_link_uid(struct node n)
{
	return (uid_t)n.row;
}
