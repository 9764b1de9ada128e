#include <linux/genetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "arguments.h"
#include "functions.h"
#include "netdev-abi.h"
#include "netlink.h"

namespace afxdp {

namespace {

struct Features {
  uint64_t xdp = 0;
  uint32_t zero_copy_max_segments = 0;
  uint64_t rx_metadata = 0;
  uint64_t xsk = 0;
};

// A request of generic netlink with one attribute.
struct Request {
  nlmsghdr header;
  genlmsghdr command;
  rtattr attribute;
  std::array<uint8_t, 16> payload;
};

template <size_t N>
Request MakeRequest(uint16_t family, uint8_t command, uint8_t version, uint16_t attribute,
                    const uint8_t (&payload)[N]) {
  static_assert(N <= sizeof(Request::payload));
  Request request{};
  request.header.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN + RTA_SPACE(N));
  request.header.nlmsg_type = family;
  request.header.nlmsg_flags = NLM_F_REQUEST;
  request.command.cmd = command;
  request.command.version = version;
  request.attribute.rta_type = attribute;
  request.attribute.rta_len = RTA_LENGTH(N);
  std::memcpy(request.payload.data(), payload, N);
  return request;
}

// Calls `body` with each attribute of the answer to a request. Returns 0 or a negative errno.
template <typename Body>
int Ask(int fd, const Request& request, const Body& body) {
  std::vector<uint8_t> answer;
  const int error = netlink::Ask(fd, request.header, &answer, request.header.nlmsg_type);
  if (error != 0) return error;
  const auto* header = reinterpret_cast<const nlmsghdr*>(answer.data());
  if (header->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN)) return -EIO;
  const auto* first = static_cast<const uint8_t*>(NLMSG_DATA(header)) + GENL_HDRLEN;
  netlink::ForEach(first, NLMSG_PAYLOAD(header, GENL_HDRLEN), body);
  return 0;
}

// The number that the kernel gave the family; -EPROTONOSUPPORT when it has none of this name.
int FindFamily(int fd) {
  uint8_t name[sizeof netdev::kFamilyName];
  std::memcpy(name, netdev::kFamilyName, sizeof name);
  const Request request =
      MakeRequest(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, CTRL_ATTR_FAMILY_NAME, name);
  int family = 0;
  const int error = Ask(fd, request, [&](uint16_t type, const rtattr* at) {
    if (type == CTRL_ATTR_FAMILY_ID) family = netlink::Read<uint16_t>(at);
  });
  if (error == -ENOENT || (error == 0 && family == 0)) return -EPROTONOSUPPORT;
  return error != 0 ? error : family;
}

int GetFeatures(int fd, uint32_t interface_index, Features* features) {
  const int family = FindFamily(fd);
  if (family < 0) return family;
  uint8_t index[sizeof interface_index];
  std::memcpy(index, &interface_index, sizeof index);
  const Request request =
      MakeRequest(static_cast<uint16_t>(family), netdev::NETDEV_CMD_DEV_GET, netdev::kFamilyVersion,
                  netdev::NETDEV_A_DEV_IFINDEX, index);
  return Ask(fd, request, [&](uint16_t type, const rtattr* at) {
    switch (type) {
      case netdev::NETDEV_A_DEV_XDP_FEATURES:
        features->xdp = netlink::Read<uint64_t>(at);
        break;
      case netdev::NETDEV_A_DEV_XDP_ZC_MAX_SEGS:
        features->zero_copy_max_segments = netlink::Read<uint32_t>(at);
        break;
      case netdev::NETDEV_A_DEV_XDP_RX_METADATA_FEATURES:
        features->rx_metadata = netlink::Read<uint64_t>(at);
        break;
      case netdev::NETDEV_A_DEV_XSK_FEATURES:
        features->xsk = netlink::Read<uint64_t>(at);
        break;
      default:
        break;
    }
  });
}

}  // namespace

Napi::Value InterfaceFeatures(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int index = in.Int(0, 1);
  if (in.failed()) return in.failure();
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
  if (fd < 0) return in.answer(-errno);
  Features features;
  const int error = GetFeatures(fd, static_cast<uint32_t>(index), &features);
  close(fd);
  if (error != 0) return in.answer(error);
  const auto object = Napi::Object::New(info.Env());
  object.Set("xdp", static_cast<double>(features.xdp));
  object.Set("zeroCopyMaxSegments", static_cast<double>(features.zero_copy_max_segments));
  object.Set("rxMetadata", static_cast<double>(features.rx_metadata));
  object.Set("xsk", static_cast<double>(features.xsk));
  return object;
}

}  // namespace afxdp
