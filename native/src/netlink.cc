#include "netlink.h"

#include <sys/socket.h>

#include <cerrno>

namespace afxdp::netlink {

ssize_t Receive(int fd, int flags, std::vector<uint8_t>* bytes, uint32_t* sender) {
  // With MSG_TRUNC a peek tells the whole length.
  ssize_t length = recv(fd, nullptr, 0, flags | MSG_PEEK | MSG_TRUNC);
  if (length < 0) return -errno;
  bytes->resize(static_cast<size_t>(length));
  sockaddr_nl from{};
  socklen_t from_length = sizeof from;
  length = recvfrom(fd, bytes->data(), bytes->size(), flags, reinterpret_cast<sockaddr*>(&from),
                    &from_length);
  if (length < 0) return -errno;
  *sender = from.nl_pid;
  return length;
}

int Ask(int fd, const nlmsghdr& request, std::vector<uint8_t>* answer, uint16_t type) {
  if (send(fd, &request, request.nlmsg_len, 0) < 0) return -errno;
  uint32_t sender = 0;
  const ssize_t length = Receive(fd, 0, answer, &sender);
  if (length < 0) return static_cast<int>(length);
  const auto* header = reinterpret_cast<const nlmsghdr*>(answer->data());
  if (sender != 0 || !NLMSG_OK(header, static_cast<size_t>(length))) return -EIO;
  if (header->nlmsg_type == NLMSG_ERROR) {
    if (header->nlmsg_len < NLMSG_LENGTH(sizeof(nlmsgerr))) return -EIO;
    const int error = static_cast<const nlmsgerr*>(NLMSG_DATA(header))->error;
    return error == 0 ? -EIO : error;
  }
  return header->nlmsg_type == type ? 0 : -EIO;
}

}  // namespace afxdp::netlink
