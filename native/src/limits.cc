#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mempolicy.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <limits>

#include "arguments.h"
#include "functions.h"

namespace afxdp {

namespace {

// PROC_USER_INIT_INO (include/linux/proc_ns.h): the number of the first user namespace's file.
constexpr ino_t kInitialUserNamespace = 0xEFFFFFFDU;

// Whether this thread has CAP_IPC_LOCK where the kernel asks for it (net/xdp/xdp_umem.c): in the
// first user namespace. Returns 0, 1 or a negative errno.
int MayLockAnything() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  if (syscall(SYS_capget, &header, data.data()) < 0) return -errno;
  if ((data[0].effective & CAP_TO_MASK(CAP_IPC_LOCK)) == 0) return 0;
  const int fd = open("/proc/thread-self/ns/user", O_RDONLY | O_CLOEXEC);
  // Without /proc, or in a kernel without user namespaces, the capability is all there is to know.
  if (fd < 0) return 1;
  struct stat status{};
  const bool known = fstat(fd, &status) == 0;
  close(fd);
  return !known || status.st_ino == kInitialUserNamespace ? 1 : 0;
}

constexpr int kMaxNodes = 1024;  // the most that a kernel is built for (CONFIG_NODES_SHIFT)

}  // namespace

Napi::Value MemoryLimits(const Napi::CallbackInfo& info) {
  Arguments in(info);
  rlimit limit{};
  if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0) return in.answer(-errno);
  const int unlimited = MayLockAnything();
  if (unlimited < 0) return in.answer(unlimited);
  const double bytes = limit.rlim_cur == RLIM_INFINITY ? std::numeric_limits<double>::infinity()
                                                       : static_cast<double>(limit.rlim_cur);
  const auto answer = Napi::Object::New(info.Env());
  answer.Set("lockLimit", bytes);
  answer.Set("unlimited", unlimited == 1);
  return answer;
}

Napi::Value PreferNode(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const Arena arena = in.ArenaBytes(0);
  const Range range = in.ArenaPages(arena, 1, 2);
  const auto node = static_cast<size_t>(in.Integer(3, 0, kMaxNodes - 1));
  if (in.failed()) return in.failure();
  constexpr size_t kBits = 8 * sizeof(unsigned long);
  std::array<unsigned long, kMaxNodes / kBits> mask{};
  mask[node / kBits] = 1UL << (node % kBits);
  // The kernel takes one from the number of bits before it reads them.
  const long result = syscall(SYS_mbind, range.start, range.length, MPOL_PREFERRED, mask.data(),
                              kMaxNodes + 1UL, 0U);
  return in.answer(result < 0 ? -errno : 0);
}

}  // namespace afxdp
