/*
 * attack: embed a file of the host
 * problem: hidden
 * expect: Compile error
 */
package main
import _ "embed"
//go:embed /etc/shadow
var a string
//go:embed ../../etc/passwd
var b string
func main() { print(a, b) }
