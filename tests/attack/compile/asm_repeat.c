/*
 * attack: let the assembler repeat for ever
 * problem: hidden
 * expect: Compile error
 */
__asm__(".rept 2000000000\nnop\n.endr\n");
int main(void) { return 0; }
