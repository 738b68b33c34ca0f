/*
 * attack: an own _start, so that nothing of libc runs before
 * problem: aplusb
 * expect: Security violation | Runtime error | Compile error
 */
__asm__(".globl main\nmain:\nmov $41, %eax\nmov $2, %edi\nmov $1, %esi\nxor %edx, %edx\nsyscall\nmov $60, %eax\nsyscall\n");
