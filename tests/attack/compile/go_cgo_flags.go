/*
 * attack: flags for the C compiler that load a plugin
 * problem: hidden
 * expect: Compile error
 */
package main
// #cgo CFLAGS: -fplugin=/box/x.so
// #cgo LDFLAGS: -Wl,-rpath,/tmp -fplugin=/box/x.so
// #include "/etc/passwd"
import "C"
func main() { }
