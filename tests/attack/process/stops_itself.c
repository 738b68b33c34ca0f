/*
 * attack: SIGSTOP to oneself
 * with: --wall-time=0.3s
 * expect: wall-limit
 */
#include "attack.h"

int main(void)
{
	raise(SIGSTOP);
	return 1;
}
