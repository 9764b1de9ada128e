#pragma once

#include <cstddef>
#include <cstdint>

namespace afxdp::memfd {

// Whether `length` bytes of the descriptor's memory can be mapped as pages of this size (0 for
// ordinary ones). Touching what lies behind a file's end would end the process with SIGBUS.
// Returns 0 or a negative errno.
int Check(int fd, size_t length, uint64_t huge_page_size);

}  // namespace afxdp::memfd
