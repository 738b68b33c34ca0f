/*
 * attack: run between the ticks of the clock and sleep when it ticks
 * with: --cpu-time=0.2s
 * expect: cpu-limit
 */
#include "attack.h"

int main(void)
{
	for (;;) {
		int64_t start = now_us();

		while (now_us() - start < 700)
			;
		usleep(1);
	}
}
