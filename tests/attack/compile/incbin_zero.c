/*
 * attack: let the assembler take in /dev/zero
 * problem: hidden
 * expect: Compile error
 */
__asm__(".incbin \"/dev/zero\"\n");
int main(void) { return 0; }
