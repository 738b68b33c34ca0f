/*
 * attack: read from a pipe whose other end is one's own
 * with: --wall-time=0.3s
 * expect: wall-limit
 */
#include "attack.h"

int main(void)
{
	int p[2];
	char c;

	pipe(p);
	read(p[0], &c, 1);
	return 0;
}
