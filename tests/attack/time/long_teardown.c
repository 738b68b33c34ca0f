/*
 * attack: leave a large memory to be taken down after the end
 * with: --memory=512M
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	for (int i = 0; i < 60000; i++) {
		char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == MAP_FAILED)
			break;
		p[0] = 1;
		mprotect(p, 4096, PROT_READ);
	}
	return 0;
}
