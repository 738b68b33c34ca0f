/*
 * attack: a call by its i386 number, which the x86-64 list allows
 * expect: SV i386 getpid
 */
#include "attack.h"

int main(void)
{
	long r;

	__asm__ volatile ("int $0x80" : "=a"(r) : "a"(20L) : "r8", "r9", "r10", "r11", "memory");
	return 99;
}
