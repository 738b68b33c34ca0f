/*
 * attack: reach the network while compiling
 * with: --profile=compile
 * expect: exited 0
 */
#include "attack.h"

int main(void)
{
	for (int family = 0; family < 46; family++)
		for (int type = 1; type < 6; type++)
			open_way_if(socket(family, type, 0) >= 0);
	return 0;
}
