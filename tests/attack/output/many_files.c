/*
 * attack: as many files as can be had
 * with: --files=100
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	char name[64];
	int n = 0;

	for (int i = 0; i < 20000; i++) {
		snprintf(name, sizeof(name), "/%s/%d", i % 3 == 0 ? "tmp" : i % 3 == 1 ? "dev/shm" : "box", i);
		n += opens(name, O_WRONLY | O_CREAT);
	}
	open_way_if(n > 100);
	return 0;
}
