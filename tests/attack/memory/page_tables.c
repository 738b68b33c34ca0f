/*
 * attack: hide it in page tables: one page in each two megabytes
 * with: --memory=32M --cpu-time=3s
 * expect: memory-limit | exited 0
 */
#include "attack.h"

int main(void)
{
	long size = 1L << 40;
	volatile char *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char sum = 0;

	madvise((void *)p, size, MADV_NOHUGEPAGE);
	for (long i = 0; i < 64L << 30; i += 2 * MIB)
		sum += p[i];
	/* 32768 tables of a page each: more than it may have. */
	open_way_if(1);
	return sum;
}
