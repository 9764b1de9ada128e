/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a program that finds a memfd as its descriptor 3, sealed with F_SEAL_*: exec-sealed SEALS PROGRAM ARGUMENT... */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd = memfd_create("afxdp-test", MFD_ALLOW_SEALING);

	if (argc < 3 || fd < 0 || ftruncate(fd, 4096) < 0 || fcntl(fd, F_ADD_SEALS, atoi(argv[1])) < 0)
		return 1;
	if (dup2(fd, 3) < 0)
		return 1;
	execv(argv[2], argv + 2);
	return 1;
}
