#include "memfd.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/memfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bit>
#include <cerrno>

#include "arguments.h"
#include "functions.h"
#include "pages.h"

namespace afxdp {

namespace {

// Memory is what a memfd, a file of /dev/shm or one of a hugetlbfs is. The kernel would map a file
// of a disk as well, and only refuse it as a UMEM (EFAULT).
int CheckIsMemory(int fd) {
  struct stat status{};
  struct statfs system{};
  if (fstat(fd, &status) < 0 || fstatfs(fd, &system) < 0) return -errno;
  const bool in_memory = system.f_type == TMPFS_MAGIC || system.f_type == HUGETLBFS_MAGIC;
  if (!in_memory || !S_ISREG(status.st_mode)) return -EINVAL;
  const int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -errno;
  if ((flags & O_ACCMODE) != O_RDWR) return -EACCES;
  // Such a seal keeps everybody from mapping it for writing. What is no memfd may have none.
  const int seals = fcntl(fd, F_GET_SEALS);
  return seals >= 0 && (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) != 0 ? -EACCES : 0;
}

// Gives memory its length, for good. Returns 0 or a negative errno.
int SetLength(int fd, int64_t length) {
  if (ftruncate(fd, length) < 0) return -errno;
  // Who gets this memory must not shrink it under another's mapping, whom that would kill.
  constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  return fcntl(fd, F_ADD_SEALS, kSeals) < 0 ? -errno : 0;
}

}  // namespace

int memfd::Check(int fd, size_t length, uint64_t huge_page_size) {
  struct stat status{};
  struct statfs system{};
  if (fstat(fd, &status) < 0 || fstatfs(fd, &system) < 0) return -errno;
  const uint64_t size =
      system.f_type == HUGETLBFS_MAGIC ? static_cast<uint64_t>(system.f_bsize) : 0;
  if (size != huge_page_size || static_cast<uint64_t>(status.st_size) < length) return -EINVAL;
  return 0;
}

Napi::Value CreateMemory(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  const int64_t length = in.Integer(1, 1, INT64_MAX);
  const auto huge = static_cast<uint64_t>(in.Integer(2, 0, INT64_MAX));
  if (in.failed()) return in.failure();
  const uint64_t page = huge == 0 ? pages::Size() : huge;
  if (!std::has_single_bit(page) || page < pages::Size() ||
      static_cast<uint64_t>(length) % page != 0 || name.find('\0') != std::string::npos) {
    return in.answer(-EINVAL);
  }
  unsigned int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  if (huge != 0) {
    flags |= MFD_HUGETLB | (static_cast<unsigned int>(std::countr_zero(huge)) << MFD_HUGE_SHIFT);
  }
  const int fd = memfd_create(name.c_str(), flags);
  if (fd < 0) return in.answer(-errno);
  const int error = SetLength(fd, length);
  if (error == 0) return in.answer(in.environment().Adopt(fd, Kind::memory));
  close(fd);
  return in.answer(error);
}

Napi::Value AdoptMemory(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int64_t given = in.Integer(0, 0, INT32_MAX);
  if (in.failed()) return in.failure();
  // First a duplicate, so that what is looked at is what is taken.
  const int fd = fcntl(static_cast<int>(given), F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return in.answer(-errno);
  const int error = CheckIsMemory(fd);
  if (error == 0) return in.answer(in.environment().Adopt(fd, Kind::memory));
  close(fd);
  return in.answer(error);
}

}  // namespace afxdp
