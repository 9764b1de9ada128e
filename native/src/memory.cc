#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "arguments.h"
#include "functions.h"
#include "pages.h"
#include "xdp-abi.h"

namespace afxdp {

namespace pages {

size_t Size() {
  static const auto size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return size;
}

int MapZero(uint8_t* start, size_t length) {
  const void* mapped = mmap(start, length, PROT_READ | PROT_WRITE,
                            MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return mapped == MAP_FAILED ? -errno : 0;
}

}  // namespace pages

namespace {

// struct xdp_umem_reg in its third version; the address comes first.
constexpr size_t kUmemRegSize = 32;
constexpr size_t kUmemRegLengthAt = 8;

}  // namespace

Napi::Value RegisterUmem(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int fd = in.Descriptor(0, Kind::socket);
  const Arena arena = in.ArenaBytes(1);
  const Range range = in.ArenaRange(arena, 2, 3);
  const Bytes given = in.Uint8Array(4);
  if (in.failed()) return in.failure();
  if (given.length != kUmemRegSize) return in.answer(-EINVAL);
  // A copy, which no other thread can change behind the check.
  uint8_t registration[kUmemRegSize];
  std::memcpy(registration, given.data, kUmemRegSize);
  uint64_t length = 0;
  std::memcpy(&length, registration + kUmemRegLengthAt, sizeof length);
  if (length != range.length) return in.answer(-EINVAL);
  const auto address = reinterpret_cast<uint64_t>(range.start);
  std::memcpy(registration, &address, sizeof address);
  // A forked child must not share these pages: writing to them would give this process a copy,
  // while the kernel goes on with the original.
  const size_t page = pages::Size();
  const size_t whole = range.length / page * page;
  if (whole > 0 && madvise(range.start, whole, MADV_DONTFORK) < 0) return in.answer(-errno);
  // The kernel pins the pages themselves. So the arena need not be kept alive: should its addresses
  // be given back, the kernel never touches what comes to lie there.
  const int result = setsockopt(fd, SOL_XDP, XDP_UMEM_REG, registration, kUmemRegSize);
  return in.answer(result < 0 ? -errno : 0);
}

}  // namespace afxdp
