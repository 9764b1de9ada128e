#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "arguments.h"
#include "functions.h"

namespace afxdp {

namespace {

// One request about the interface that the first argument names, in the calling thread's network
// namespace. Returns 0 or a negative errno.
int Ask(const std::string& name, unsigned long request, ifreq* answer) {
  if (name.empty() || name.size() >= IFNAMSIZ || name.find('\0') != std::string::npos) {
    return -ENODEV;
  }
  // Interface requests work on a socket of any family; this one is in every kernel.
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -errno;
  std::memcpy(answer->ifr_name, name.data(), name.size());
  const int error = ioctl(fd, request, answer) < 0 ? -errno : 0;
  close(fd);
  return error;
}

}  // namespace

Napi::Value InterfaceIndex(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  if (in.failed()) return in.failure();
  ifreq answer{};
  const int error = Ask(name, SIOCGIFINDEX, &answer);
  return in.answer(error != 0 ? error : answer.ifr_ifindex);
}

Napi::Value InterfaceFlags(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  if (in.failed()) return in.failure();
  ifreq answer{};
  const int error = Ask(name, SIOCGIFFLAGS, &answer);
  return in.answer(error != 0 ? error : static_cast<uint16_t>(answer.ifr_flags));
}

Napi::Value InterfaceMtu(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  if (in.failed()) return in.failure();
  ifreq answer{};
  const int error = Ask(name, SIOCGIFMTU, &answer);
  return in.answer(error != 0 ? error : answer.ifr_mtu);
}

Napi::Value InterfaceChannels(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  if (in.failed()) return in.failure();
  ethtool_channels channels{};
  channels.cmd = ETHTOOL_GCHANNELS;
  ifreq answer{};
  answer.ifr_data = &channels;
  const int error = Ask(name, SIOCETHTOOL, &answer);
  if (error != 0) return in.answer(error);
  const auto counts = Napi::Array::New(info.Env(), 2);
  counts.Set(0U, static_cast<double>(channels.rx_count) + channels.combined_count);
  counts.Set(1U, static_cast<double>(channels.tx_count) + channels.combined_count);
  return counts;
}

}  // namespace afxdp
