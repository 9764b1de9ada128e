#include <linux/if_link.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "arguments.h"
#include "functions.h"
#include "netlink.h"

namespace afxdp {

namespace {

struct Link {
  uint32_t rx_queues = 1;
  uint32_t tx_queues = 1;
  uint32_t drv = 0;
  uint32_t skb = 0;
  uint32_t hw = 0;
};

void ReadXdp(const rtattr* nest, Link* link) {
  netlink::ForEach(RTA_DATA(nest), RTA_PAYLOAD(nest), [&](uint16_t type, const rtattr* at) {
    if (type == IFLA_XDP_DRV_PROG_ID) link->drv = netlink::Read<uint32_t>(at);
    if (type == IFLA_XDP_SKB_PROG_ID) link->skb = netlink::Read<uint32_t>(at);
    if (type == IFLA_XDP_HW_PROG_ID) link->hw = netlink::Read<uint32_t>(at);
  });
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
  std::vector<uint8_t> answer;
  const int error = netlink::Ask(fd, request.header, &answer, RTM_NEWLINK);
  if (error != 0) return error;
  const auto* header = reinterpret_cast<const nlmsghdr*>(answer.data());
  if (header->nlmsg_len < NLMSG_LENGTH(sizeof(ifinfomsg))) return -EIO;
  const auto* message = static_cast<const ifinfomsg*>(NLMSG_DATA(header));
  netlink::ForEach(IFLA_RTA(message), IFLA_PAYLOAD(header), [&](uint16_t type, const rtattr* at) {
    if (type == IFLA_NUM_RX_QUEUES) link->rx_queues = netlink::Read<uint32_t>(at);
    if (type == IFLA_NUM_TX_QUEUES) link->tx_queues = netlink::Read<uint32_t>(at);
    if (type == IFLA_XDP) ReadXdp(at, link);
  });
  return 0;
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
