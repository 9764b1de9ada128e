#include "interface.h"

#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "arguments.h"
#include "functions.h"
#include "xdp-abi.h"

namespace afxdp {

bool IsInterfaceName(const std::string& name) {
  return !name.empty() && name.size() < IFNAMSIZ && name != "." && name != ".." &&
         name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
}

int AskInterface(const std::string& name, unsigned long request, ifreq* answer) {
  if (!IsInterfaceName(name)) return -ENODEV;
  // Interface requests work on a socket of any family; this one is in every kernel.
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  std::memcpy(answer->ifr_name, name.data(), name.size());
  const int error = ioctl(fd, request, answer) < 0 ? -errno : 0;
  close(fd);
  return error;
}

int AskEthtool(const std::string& name, void* command) {
  ifreq answer{};
  answer.ifr_data = static_cast<char*>(command);
  return AskInterface(name, SIOCETHTOOL, &answer);
}

Napi::Value InterfaceIndex(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  if (in.failed()) return in.failure();
  ifreq answer{};
  const int error = AskInterface(name, SIOCGIFINDEX, &answer);
  return in.answer(error != 0 ? error : answer.ifr_ifindex);
}

Napi::Value InterfaceFlags(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  if (in.failed()) return in.failure();
  ifreq answer{};
  const int error = AskInterface(name, SIOCGIFFLAGS, &answer);
  return in.answer(error != 0 ? error : static_cast<uint16_t>(answer.ifr_flags));
}

Napi::Value InterfaceMtu(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  if (in.failed()) return in.failure();
  ifreq answer{};
  const int error = AskInterface(name, SIOCGIFMTU, &answer);
  return in.answer(error != 0 ? error : answer.ifr_mtu);
}

Napi::Value NamespaceCookie(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return in.answer(-errno);
  uint64_t cookie = 0;
  socklen_t length = sizeof cookie;
  const int error =
      getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &length) < 0 ? -errno : 0;
  close(fd);
  if (error != 0) return in.answer(error);
  return Napi::BigInt::New(info.Env(), cookie);
}

Napi::Value Promiscuous(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int index = in.Int(0, 1);
  if (in.failed()) return in.failure();
  // Of no protocol: it receives nothing.
  const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return in.answer(-errno);
  packet_mreq membership{};
  membership.mr_ifindex = index;
  membership.mr_type = PACKET_MR_PROMISC;
  if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &membership, sizeof membership) < 0) {
    const int error = errno;
    close(fd);
    return in.answer(-error);
  }
  return in.answer(in.environment().Adopt(fd, Kind::promiscuous));
}

}  // namespace afxdp
