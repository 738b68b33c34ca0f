/*
 * attack: ptrace in the profile of the compiler
 * with: --profile=compile
 * expect: SV ptrace
 */
#include "attack.h"

int main(void)
{
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	return 99;
}
