/*
 * sweep.c - apart from box.c: only the supervisor needs it
 */
#include "sandbox/box.h"
#include "sandbox/cgroup.h"

int box_sweep(const char *cgroup, struct diag *diag)
{
	return cgroup_sweep(cgroup, diag);
}
