/*
 * attack: a call that looks at all of the address space, for ten seconds and more, and hears no signal
 * with: --cpu-time=1s
 * expect: exited 4
 */
#include "attack.h"

#define TIB (1UL << 40)

int main(void)
{
	size_t piece = 4 << 20, want = 16UL << 30;	/* a byte for each page of 64 TiB */
	int fd = memfd_create("x", 0);
	char *vec = mmap(NULL, want, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *all = mmap(NULL, 64 * TIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	ftruncate(fd, piece);		/* the same pages again and again */
	if (all == MAP_FAILED || vec == MAP_FAILED)
		return 1;
	for (size_t at = 0; at < want; at += piece)
		if (mmap(vec + at, piece, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
			return 2;
	return mincore(all, 64 * TIB, (void *)vec) == 0 ? 3 : 4;
}
