#include <linux/mman.h>
#include <sys/mman.h>

#include <bit>
#include <cerrno>

#include "arguments.h"
#include "functions.h"
#include "memfd.h"
#include "pages.h"

namespace afxdp {

namespace {

// What goes over a part of an arena.
struct Source {
  MappingKind kind;
  int flags;
  int fd;
  int64_t page_offset;
};

// Maps over a range of an arena, which it keeps alive. Returns 0 or a negative errno, and has then
// changed nothing.
int MapOver(Environment& environment, const Arena& arena, const Range& range,
            const Source& source) {
  constexpr int kProtection = PROT_READ | PROT_WRITE;
  // A refused MAP_FIXED may leave a hole in the arena, since the kernel takes the old pages away
  // first. So ask elsewhere whether it would be refused.
  const int probed = source.flags & ~MAP_POPULATE;
  void* probe = mmap(nullptr, range.length, kProtection, probed, source.fd, source.page_offset);
  if (probe == MAP_FAILED) return -errno;
  munmap(probe, range.length);

  napi_ref reference = nullptr;
  const napi_env env = environment.env();
  if (napi_create_reference(env, arena.buffer, 1, &reference) != napi_ok) return -ENOMEM;
  const void* mapped = mmap(range.start, range.length, kProtection, source.flags | MAP_FIXED,
                            source.fd, source.page_offset);
  if (mapped == MAP_FAILED) {
    const int error = errno;
    pages::MapZero(range.start, range.length);
    napi_delete_reference(env, reference);
    return -error;
  }
  // In a forked child a ring would keep the queue busy, and the child's or this process's writes to
  // private memory would go to copies that the kernel does not look at.
  madvise(range.start, range.length, MADV_DONTFORK);
  environment.Record({source.kind, range.start, range.length, reference});
  return 0;
}

// Whether a range consists of whole pages of this size; 0 stands for ordinary ones.
bool IsOnPages(const Range& range, uint64_t size) {
  if (size == 0) return true;
  return std::has_single_bit(size) && size > pages::Size() &&
         reinterpret_cast<uintptr_t>(range.start) % size == 0 && range.length % size == 0;
}

Napi::Value Unmap(const Napi::CallbackInfo& info, MappingKind kind) {
  Arguments in(info);
  const Arena arena = in.ArenaBytes(0);
  const Range range = in.ArenaPages(arena, 1, 2);
  if (in.failed()) return in.failure();
  if (!in.environment().Has(kind, range.start, range.length)) return in.answer(-EINVAL);
  const int error = pages::MapZero(range.start, range.length);
  if (error == 0) in.environment().Forget(range.start, range.length);
  return in.answer(error);
}

}  // namespace

Napi::Value MapRing(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int fd = in.Descriptor(0, Kind::socket);
  const Arena arena = in.ArenaBytes(1);
  const Range range = in.ArenaPages(arena, 2, 3);
  const int64_t page_offset = in.Integer(4, 0, INT64_MAX);
  if (in.failed()) return in.failure();
  if (in.environment().Overlaps(range.start, range.length)) return in.answer(-EINVAL);
  const Source ring{MappingKind::ring, MAP_SHARED | MAP_POPULATE, fd, page_offset};
  return in.answer(MapOver(in.environment(), arena, range, ring));
}

Napi::Value UnmapRing(const Napi::CallbackInfo& info) { return Unmap(info, MappingKind::ring); }

Napi::Value MapMemory(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const Arena arena = in.ArenaBytes(0);
  const Range range = in.ArenaPages(arena, 1, 2);
  const int fd = in.DescriptorOrNone(3, Kind::memory);
  const auto huge = static_cast<uint64_t>(in.Integer(4, 0, INT64_MAX));
  if (in.failed()) return in.failure();
  if (in.environment().Overlaps(range.start, range.length) || !IsOnPages(range, huge)) {
    return in.answer(-EINVAL);
  }
  // Of huge pages the kernel reserves as many as the mapping has, or says ENOMEM now. They come to
  // be when they are first touched, so that preferNode can still say where.
  Source memory{MappingKind::memory, MAP_SHARED, fd, 0};
  if (fd >= 0) {
    const int error = memfd::Check(fd, range.length, huge);
    return in.answer(error != 0 ? error : MapOver(in.environment(), arena, range, memory));
  }
  if (huge == 0) return in.answer(-EINVAL);
  memory.flags =
      MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | (std::countr_zero(huge) << MAP_HUGE_SHIFT);
  const int error = MapOver(in.environment(), arena, range, memory);
  // Nothing else is left to be wrong but that the kernel has no pages of this size.
  return in.answer(error == -EINVAL ? -ENODEV : error);
}

Napi::Value UnmapMemory(const Napi::CallbackInfo& info) { return Unmap(info, MappingKind::memory); }

Napi::Value AlignmentOffset(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const Arena arena = in.ArenaBytes(0);
  const auto alignment = static_cast<uint64_t>(in.Integer(1, 1, INT64_MAX));
  if (in.failed()) return in.failure();
  if (!std::has_single_bit(alignment)) return in.answer(-EINVAL);
  const uint64_t offset = -reinterpret_cast<uintptr_t>(arena.base) & (alignment - 1);
  return in.answer(offset < arena.length ? static_cast<int64_t>(offset) : -EINVAL);
}

}  // namespace afxdp
