/*
 * attack: ptrace in the profile of the checker
 * with: --profile=checker
 * expect: SV ptrace
 */
#include "attack.h"

int main(void)
{
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	return 99;
}
