#pragma once

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/types.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace afxdp::netlink {

// Takes one datagram in whole. Returns its length or a negative errno; `sender` is the port of who
// sent it, 0 for the kernel.
ssize_t Receive(int fd, int flags, std::vector<uint8_t>* bytes, uint32_t* sender);

// Sends a request to the kernel and takes the one message that answers it. Returns 0 or a negative
// errno, also the one that the kernel answers; the message lies at the front of `answer`.
int Ask(int fd, const nlmsghdr& request, std::vector<uint8_t>* answer, uint16_t type);

// Calls `body` with each attribute of a row of them.
template <typename Body>
void ForEach(const void* first, size_t length, const Body& body) {
  auto left = static_cast<int>(length);
  for (auto* at = static_cast<const rtattr*>(first); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    body(static_cast<uint16_t>(at->rta_type & NLA_TYPE_MASK), at);
  }
}

// An attribute's number; 0 when it is shorter than that.
template <typename Number>
Number Read(const rtattr* attribute) {
  Number value = 0;
  if (RTA_PAYLOAD(attribute) >= sizeof value) {
    std::memcpy(&value, RTA_DATA(attribute), sizeof value);
  }
  return value;
}

}  // namespace afxdp::netlink
