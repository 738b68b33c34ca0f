/*
 * attack: a large static array, touched
 * with: --memory=32M
 * expect: memory-limit
 */
#include "attack.h"

static char data[256 * MIB];

int main(void)
{
	memset(data, 1, sizeof(data));
	return data[12345];
}
