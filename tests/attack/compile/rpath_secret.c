/*
 * attack: warnings of the linker that tell whether a file is there
 * problem: hidden
 * expect: Compile error | Wrong answer
 */
__asm__(".section .gnu.warning.main\n.ascii \"Accepted\"\n.section .drectve\n.ascii \"-lx\"\n");
int main(void) { return 0; }
