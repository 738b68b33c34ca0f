/*
 * attack: a core dump, large and by a helper of the host
 * expect: signaled SEGV | signaled ABRT
 */
#include "attack.h"

int main(void)
{
	struct rlimit l = { RLIM_INFINITY, RLIM_INFINITY };
	char *p = malloc(64 * MIB);

	memset(p, 1, 64 * MIB);
	setrlimit(RLIMIT_CORE, &l);
	prctl(PR_SET_DUMPABLE, 1);
	raise(SIGSEGV);
	return 0;
}
