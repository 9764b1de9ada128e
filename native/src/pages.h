#pragma once

#include <cstddef>
#include <cstdint>

namespace afxdp::pages {

size_t Size();

// Replaces whole pages by anonymous ones that read zero. Returns 0 or a negative errno.
int MapZero(uint8_t* start, size_t length);

}  // namespace afxdp::pages
