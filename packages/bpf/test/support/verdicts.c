/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a loaded XDP program on packets by BPF_PROG_TEST_RUN: `verdicts PROGRAM_ID TIMES [DEVICE QUEUE] < packets > verdicts`.
 * Each packet is a 32-bit length and its bytes; for each run comes one byte, the program's XDP_* answer. All packets
 * are run once before the next round begins. They arrive on the device's queue, which needs a program in its driver.
 */
#include <linux/bpf.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(enum bpf_cmd command, union bpf_attr *attr)
{
	return (int)syscall(__NR_bpf, command, attr, sizeof *attr);
}

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int run(int program, struct xdp_md *context, const uint8_t *packet, uint32_t length)
{
	static uint8_t out[1 << 16];
	union bpf_attr attr;

	memset(&attr, 0, sizeof attr);
	attr.test.prog_fd = (uint32_t)program;
	attr.test.data_in = (uintptr_t)packet;
	attr.test.data_size_in = length;
	attr.test.data_out = (uintptr_t)out;
	attr.test.data_size_out = sizeof out;
	attr.test.repeat = 1;
	if (context->ingress_ifindex != 0) {
		context->data_end = length;
		attr.test.ctx_in = (uintptr_t)context;
		attr.test.ctx_size_in = sizeof *context;
	}
	if (bpf(BPF_PROG_TEST_RUN, &attr) < 0)
		die("BPF_PROG_TEST_RUN");
	return (int)attr.test.retval;
}

int main(int argc, char **argv)
{
	static uint8_t input[1 << 24];
	struct xdp_md context = {0};
	union bpf_attr attr;
	size_t size;
	int program;

	if (argc != 3 && argc != 5)
		return 2;
	if (argc == 5) {
		context.ingress_ifindex = if_nametoindex(argv[3]);
		context.rx_queue_index = (uint32_t)strtoul(argv[4], NULL, 10);
	}
	memset(&attr, 0, sizeof attr);
	attr.prog_id = (uint32_t)strtoul(argv[1], NULL, 10);
	program = bpf(BPF_PROG_GET_FD_BY_ID, &attr);
	if (program < 0)
		die("BPF_PROG_GET_FD_BY_ID");
	size = fread(input, 1, sizeof input, stdin);
	for (long round = strtol(argv[2], NULL, 10); round > 0; round--) {
		uint32_t length;

		for (size_t at = 0; at + 4 <= size; at += 4 + length) {
			memcpy(&length, input + at, 4);
			putchar(run(program, &context, input + at + 4, length));
		}
	}
	return 0;
}
