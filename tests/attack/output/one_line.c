/*
 * attack: one line of many megabytes, with null bytes
 * with: --output=1M
 * expect: output-limit
 */
#include "attack.h"

int main(void)
{
	static char data[4 * MIB];

	memset(data + MIB, 'x', MIB);
	write(1, data, sizeof(data));
	write(1, data, sizeof(data));
	return 0;
}
