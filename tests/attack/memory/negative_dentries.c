/*
 * attack: hide it in names that do not exist
 * with: --memory=32M --cpu-time=1s
 * expect: memory-limit | exited 0 | cpu-limit
 */
#include "attack.h"

int main(void)
{
	char name[200];

	for (int i = 0; i < 100000; i++) {
		snprintf(name, sizeof(name), "/tmp/%0150d", i);
		access(name, F_OK);
	}
	return 0;
}
