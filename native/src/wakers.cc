#include "wakers.h"

#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <mutex>
#include <unordered_set>

namespace afxdp::wakers {

namespace {

struct Table {
  std::mutex mutex;
  std::unordered_set<int> fds;
};

// Never destroyed: Workers may still run while the process exits.
Table& table() {
  static auto* instance = new Table;
  return *instance;
}

}  // namespace

void Add(int fd) {
  const std::lock_guard lock(table().mutex);
  table().fds.insert(fd);
}

int RemoveAndClose(int fd) {
  const std::lock_guard lock(table().mutex);
  table().fds.erase(fd);
  return close(fd) == 0 || errno == EINTR ? 0 : -errno;
}

bool Has(int fd) {
  const std::lock_guard lock(table().mutex);
  return table().fds.contains(fd);
}

int Wake(int fd) {
  const std::lock_guard lock(table().mutex);
  if (!table().fds.contains(fd)) return -EBADF;
  const uint64_t one = 1;
  while (write(fd, &one, sizeof one) < 0) {
    // A counter at its maximum is as readable as it can be.
    if (errno == EAGAIN) return 0;
    if (errno != EINTR) return -errno;
  }
  return 0;
}

void Drain(int fd) {
  const std::lock_guard lock(table().mutex);
  if (!table().fds.contains(fd)) return;
  uint64_t count = 0;
  while (read(fd, &count, sizeof count) < 0 && errno == EINTR) {
  }
}

}  // namespace afxdp::wakers
