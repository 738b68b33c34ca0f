/*
 * attack: commands in comments
 * problem: hidden
 * expect: Wrong answer | Compile error
 */
package main
//go:generate sh -c "touch /tmp/generated"
import "os"
func main() { if _, err := os.Stat("/tmp/generated"); err == nil { os.Exit(1) } }
