/*
 * attack: write to a pipe that nobody reads
 * with: --wall-time=0.3s
 * expect: wall-limit
 */
#include "attack.h"

int main(void)
{
	char data[4096] = { 0 };
	int p[2];

	pipe(p);
	for (;;)
		write(p[1], data, sizeof(data));
}
