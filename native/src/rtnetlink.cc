#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "arguments.h"
#include "functions.h"

namespace afxdp {

namespace {

struct Link {
  uint32_t rx_queues = 1;
  uint32_t tx_queues = 1;
  uint32_t drv = 0;
  uint32_t skb = 0;
  uint32_t hw = 0;
};

uint32_t ReadU32(const rtattr* attribute) {
  uint32_t value = 0;
  if (RTA_PAYLOAD(attribute) >= sizeof value) {
    std::memcpy(&value, RTA_DATA(attribute), sizeof value);
  }
  return value;
}

void ReadXdp(const rtattr* nest, Link* link) {
  auto left = static_cast<int>(RTA_PAYLOAD(nest));
  for (auto* at = static_cast<const rtattr*>(RTA_DATA(nest)); RTA_OK(at, left);
       at = RTA_NEXT(at, left)) {
    if (at->rta_type == IFLA_XDP_DRV_PROG_ID) link->drv = ReadU32(at);
    if (at->rta_type == IFLA_XDP_SKB_PROG_ID) link->skb = ReadU32(at);
    if (at->rta_type == IFLA_XDP_HW_PROG_ID) link->hw = ReadU32(at);
  }
}

int ReadAnswer(const std::vector<uint8_t>& bytes, size_t length, Link* link) {
  const auto* header = reinterpret_cast<const nlmsghdr*>(bytes.data());
  if (!NLMSG_OK(header, length)) return -EIO;
  if (header->nlmsg_type == NLMSG_ERROR) {
    if (header->nlmsg_len < NLMSG_LENGTH(sizeof(nlmsgerr))) return -EIO;
    const int error = static_cast<const nlmsgerr*>(NLMSG_DATA(header))->error;
    return error == 0 ? -EIO : error;
  }
  if (header->nlmsg_type != RTM_NEWLINK || header->nlmsg_len < NLMSG_LENGTH(sizeof(ifinfomsg))) {
    return -EIO;
  }
  auto left = static_cast<int>(IFLA_PAYLOAD(header));
  const auto* message = static_cast<const ifinfomsg*>(NLMSG_DATA(header));
  for (const rtattr* at = IFLA_RTA(message); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    switch (at->rta_type & NLA_TYPE_MASK) {
      case IFLA_NUM_RX_QUEUES:
        link->rx_queues = ReadU32(at);
        break;
      case IFLA_NUM_TX_QUEUES:
        link->tx_queues = ReadU32(at);
        break;
      case IFLA_XDP:
        ReadXdp(at, link);
        break;
      default:
        break;
    }
  }
  return 0;
}

int GetLink(int fd, int interface_index, Link* link) {
  struct {
    nlmsghdr header;
    ifinfomsg message;
  } request{};
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof request.message);
  request.header.nlmsg_type = RTM_GETLINK;
  request.header.nlmsg_flags = NLM_F_REQUEST;
  request.message.ifi_family = AF_UNSPEC;
  request.message.ifi_index = interface_index;
  if (send(fd, &request, sizeof request, 0) < 0) return -errno;
  // With MSG_TRUNC a peek tells the whole length.
  ssize_t length = recv(fd, nullptr, 0, MSG_PEEK | MSG_TRUNC);
  if (length < 0) return -errno;
  std::vector<uint8_t> bytes(static_cast<size_t>(length));
  length = recv(fd, bytes.data(), bytes.size(), 0);
  if (length < 0) return -errno;
  return ReadAnswer(bytes, static_cast<size_t>(length), link);
}

}  // namespace

Napi::Value LinkAttributes(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int index = in.Int(0, 0);
  if (in.failed()) return in.failure();
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0) return in.answer(-errno);
  Link link;
  const int error = GetLink(fd, index, &link);
  close(fd);
  if (error != 0) return in.answer(error);
  const auto object = Napi::Object::New(info.Env());
  object.Set("rxQueues", static_cast<double>(link.rx_queues));
  object.Set("txQueues", static_cast<double>(link.tx_queues));
  object.Set("drv", static_cast<double>(link.drv));
  object.Set("skb", static_cast<double>(link.skb));
  object.Set("hw", static_cast<double>(link.hw));
  return object;
}

}  // namespace afxdp
