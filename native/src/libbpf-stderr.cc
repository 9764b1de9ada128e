// Stands for libc's stderr in libbpf.a (see the Makefile). libbpf writes to it only before its
// print function is set.

#include <cstdio>

extern "C" {
extern FILE* afxdp_libbpf_stderr;
FILE* afxdp_libbpf_stderr = stderr;
}
