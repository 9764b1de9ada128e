#pragma once

// Numbers of the kernel's BPF interface that the headers of Debian 12 lack.
// Sources: include/uapi/linux/bpf.h, include/uapi/linux/magic.h.

#include <linux/bpf.h>

#ifndef BPF_F_XDP_DEV_BOUND_ONLY
#define BPF_F_XDP_DEV_BOUND_ONLY (1U << 6)
#endif
#ifndef BPF_FS_MAGIC
#define BPF_FS_MAGIC 0xcafe4a11
#endif
