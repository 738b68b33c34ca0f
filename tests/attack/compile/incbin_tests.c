/*
 * attack: let the assembler take in the tests
 * problem: hidden
 * expect: Compile error
 */
__asm__(".incbin \"@STATE@/problems/hidden/2.ans\"\n");
int main(void) { return 0; }
