/*
 * attack: let the assembler take in /etc/shadow and the judge's memory
 * problem: hidden
 * expect: Compile error
 */
__asm__(".incbin \"/etc/shadow\"\n.incbin \"/proc/1/mem\"\n.incbin \"/proc/kcore\"\n");
int main(void) { return 0; }
