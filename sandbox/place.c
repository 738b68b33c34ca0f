#include "sandbox/place.h"

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/resource.h>

#define NICE_ASIDE	5	/* on a busy host 19 would take seconds for what is needed soon */

static bool pinned, stuck;
static cpu_set_t anywhere, here;
static int urgency;

int place_init(int core)
{
	urgency = getpriority(PRIO_PROCESS, 0);
	if (core < 0)
		return 0;
	CPU_ZERO(&here);
	CPU_SET(core, &here);
	if (sched_getaffinity(0, sizeof(anywhere), &anywhere) < 0 ||
	    sched_setaffinity(0, sizeof(here), &here) < 0)
		return -errno;
	pinned = true;
	return 0;
}

/* Where it fails the work is done all the same. */
void place_aside(pid_t pid)
{
	if (!stuck)
		setpriority(PRIO_PROCESS, pid, NICE_ASIDE);
	if (pinned)
		sched_setaffinity(pid, sizeof(anywhere), &anywhere);
}

int place_back(pid_t pid)
{
	if (pinned && sched_setaffinity(pid, sizeof(here), &here) < 0)
		return -errno;
	if (setpriority(PRIO_PROCESS, pid, urgency) == 0)
		return 0;
	stuck = errno == EACCES || errno == EPERM;
	return -errno;
}
