/*
 * attack: spend it in page faults
 * with: --cpu-time=0.2s
 * expect: cpu-limit
 */
#include "attack.h"

int main(void)
{
	for (;;) {
		char *p = mmap(NULL, 8 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (long i = 0; i < 8 * MIB; i += 4096)
			p[i] = 1;
		munmap(p, 8 * MIB);
	}
}
