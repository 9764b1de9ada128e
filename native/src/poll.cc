#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "arguments.h"
#include "functions.h"
#include "wakers.h"

namespace afxdp {

namespace {

// The end of a Worker or of the process waits for a call that blocks, so none blocks for longer.
constexpr double kMaxWaitMs = 100;

}  // namespace

Napi::Value Poll(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int fd = in.Descriptor(0, Kind::socket);
  const auto events = static_cast<short>(in.Integer(1, 0, INT16_MAX));
  const double timeout = in.Double(2);
  const int waker = in.WakerOrNone(3);
  if (in.failed()) return in.failure();
  if (!(timeout >= 0)) return in.answer(-EINVAL);
  pollfd polled[2] = {{fd, events, 0}, {waker, POLLIN, 0}};
  const auto capped = static_cast<int>(std::min(timeout, kMaxWaitMs));
  const int count = poll(polled, waker < 0 ? 1 : 2, capped);
  // A signal ends the wait, as a timeout would: its handler in JavaScript runs after this call.
  if (count < 0) return in.answer(errno == EINTR ? 0 : -errno);
  if (polled[1].revents & POLLIN) wakers::Drain(waker);
  return in.answer(polled[0].revents);
}

Napi::Value ClockMs(const Napi::CallbackInfo& info) {
  Arguments in(info);
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  // 30 bits are a small integer everywhere in V8: nothing is allocated for it.
  return in.answer((now.tv_sec * 1000LL + now.tv_nsec / 1000000) & 0x3fffffff);
}

Napi::Value CreateWaker(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  return in.answer(fd < 0 ? -errno : in.environment().Adopt(fd, Kind::waker));
}

Napi::Value Wake(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int waker = in.WakerOrNone(0);
  if (in.failed()) return in.failure();
  return in.answer(wakers::Wake(waker));
}

}  // namespace afxdp
