/*
 * attack: find the host's tree under something that covers it
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	FILE *f = fopen("/proc/self/mountinfo", "r");
	char line[1024], point[512];
	int roots = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %*s %*s %*s %511s", point) == 1)
			roots += strcmp(point, "/") == 0;
	open_way_if(roots != 1);
	return 0;
}
