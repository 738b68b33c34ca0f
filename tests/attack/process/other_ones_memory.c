/*
 * attack: read and write the memory of a sibling
 * expect: exited 0
 */
#include "attack.h"

static char secret[] = "sibling's secret";

int main(void)
{
	int p[2], n;
	char path[64], got[sizeof(secret)] = "";
	pid_t child;

	pipe(p);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_DUMPABLE, 0);
		secret[0] = 'S';
		write(p[1], "x", 1);
		for (;;)
			pause();
	}
	read(p[0], got, 1);
	snprintf(path, sizeof(path), "/proc/%d/mem", child);
	n = open(path, O_RDWR);
	open_way_if(n >= 0 && pread(n, got, sizeof(got), (off_t)secret) > 0);
	return 0;
}
