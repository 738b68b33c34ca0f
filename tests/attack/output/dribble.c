/*
 * attack: a byte now and then
 * with: --wall-time=0.3s
 * expect: wall-limit
 */
#include "attack.h"

int main(void)
{
	for (;;) {
		write(1, "x", 1);
		usleep(1000);
	}
}
