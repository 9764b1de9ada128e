#include <sys/socket.h>

#include <cerrno>

#include "arguments.h"
#include "functions.h"
#include "xdp-abi.h"

namespace afxdp {

namespace {

// Options of SOL_SOCKET whose value is a plain number. Of the others some take a pointer, and
// SO_GET_FILTER counts its buffer in other units than bytes.
bool IsPlainSocketOption(int option) {
  switch (option) {
    case SO_ERROR:
    case SO_BUSY_POLL:
    case SO_PREFER_BUSY_POLL:
    case SO_BUSY_POLL_BUDGET:
    case SO_INCOMING_NAPI_ID:
      return true;
    default:
      return false;
  }
}

bool IsAllowedOption(int level, int option) {
  // XDP_UMEM_REG holds an address: registerUmem makes that from an arena.
  if (level == SOL_XDP) return option != XDP_UMEM_REG;
  return level == SOL_SOCKET && IsPlainSocketOption(option);
}

constexpr int64_t kMaxKicks = 1 << 16;

}  // namespace

Napi::Value Socket(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  return in.answer(fd < 0 ? -errno : in.environment().Adopt(fd, Kind::socket));
}

Napi::Value SetSocketOption(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int fd = in.Descriptor(0, Kind::socket);
  const int level = in.Int(1, 0);
  const int option = in.Int(2, 0);
  const Bytes value = in.Uint8Array(3);
  if (in.failed()) return in.failure();
  if (!IsAllowedOption(level, option)) return in.answer(-ENOPROTOOPT);
  const int result =
      setsockopt(fd, level, option, value.data, static_cast<socklen_t>(value.length));
  return in.answer(result < 0 ? -errno : 0);
}

Napi::Value GetSocketOption(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int fd = in.Descriptor(0, Kind::socket);
  const int level = in.Int(1, 0);
  const int option = in.Int(2, 0);
  const Bytes value = in.Uint8Array(3);
  if (in.failed()) return in.failure();
  if (!IsAllowedOption(level, option)) return in.answer(-ENOPROTOOPT);
  if (value.length > INT32_MAX) return in.answer(-EINVAL);
  auto length = static_cast<socklen_t>(value.length);
  const int result = getsockopt(fd, level, option, value.data, &length);
  return in.answer(result < 0 ? -errno : static_cast<int64_t>(length));
}

Napi::Value Bind(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int fd = in.Descriptor(0, Kind::socket);
  const Bytes address = in.Uint8Array(1);
  if (in.failed()) return in.failure();
  const auto* name = reinterpret_cast<const sockaddr*>(address.data);
  const int result = bind(fd, name, static_cast<socklen_t>(address.length));
  return in.answer(result < 0 ? -errno : 0);
}

Napi::Value SendLoop(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int fd = in.Descriptor(0, Kind::socket);
  const int64_t times = in.Integer(1, 1, kMaxKicks);
  if (in.failed()) return in.failure();
  int error = 0;
  for (int64_t i = 0; i < times; i++) {
    do {
      error = sendto(fd, nullptr, 0, MSG_DONTWAIT, nullptr, 0) < 0 ? errno : 0;
    } while (error == EINTR);
    if (error != EAGAIN) break;
  }
  return in.answer(-error);
}

Napi::Value Receive(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int fd = in.Descriptor(0, Kind::socket);
  if (in.failed()) return in.failure();
  int error = 0;
  do {
    error = recvfrom(fd, nullptr, 0, MSG_DONTWAIT, nullptr, nullptr) < 0 ? errno : 0;
  } while (error == EINTR);
  return in.answer(-error);
}

Napi::Value Close(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const double fd = in.Double(0);
  if (in.failed()) return in.failure();
  if (!(fd >= 0 && fd <= INT32_MAX) || fd != static_cast<int>(fd)) return in.answer(-EBADF);
  return in.answer(in.environment().Close(static_cast<int>(fd)));
}

}  // namespace afxdp
