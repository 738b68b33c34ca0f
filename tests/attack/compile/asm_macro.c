/*
 * attack: a macro of the assembler that calls itself
 * problem: hidden
 * expect: Compile error
 */
__asm__(".macro a\n a\n a\n.endm\n a\n");
int main(void) { return 0; }
