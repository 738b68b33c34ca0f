/*
 * attack: let the assembler fill gigabytes
 * problem: hidden
 * expect: Compile error
 */
__asm__(".fill 2000000000, 8, 7\n");
int main(void) { return 0; }
