#include "watch.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "arguments.h"
#include "functions.h"

namespace afxdp {

int Watch::Start(Environment& environment, int fd, int events, napi_value listener, Watch** out) {
  const napi_env env = environment.env();
  uv_loop_t* loop = nullptr;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return -EINVAL;
  const int duplicate = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) return -errno;
  // The size is that of the running Node's libuv, which may differ from the header's.
  auto* handle = static_cast<uv_poll_t*>(std::calloc(1, uv_handle_size(UV_POLL)));
  int error = handle == nullptr ? -ENOMEM : uv_poll_init(loop, handle, duplicate);
  if (error != 0) {
    std::free(handle);
    close(duplicate);
    return error;
  }
  auto* watch = new Watch(environment);
  watch->fd_ = fd;
  watch->events_ = events;
  watch->duplicate_ = duplicate;
  watch->handle_ = handle;
  uv_handle_set_data(reinterpret_cast<uv_handle_t*>(handle), watch);
  napi_value name = nullptr;
  napi_create_string_utf8(env, "afxdp.watch", NAPI_AUTO_LENGTH, &name);
  if (napi_async_init(env, nullptr, name, &watch->context_) != napi_ok ||
      napi_create_reference(env, listener, 1, &watch->listener_) != napi_ok) {
    error = -ENOMEM;
  } else {
    error = uv_poll_start(handle, events, OnEvent);
  }
  *out = watch;
  return error;
}

void Watch::Stop() {
  if (stopped_) return;
  stopped_ = true;
  auto* handle = reinterpret_cast<uv_handle_t*>(handle_);
  uv_close(handle, [](uv_handle_t* closed) {
    auto* watch = static_cast<Watch*>(uv_handle_get_data(closed));
    Environment& environment = watch->environment_;
    delete watch;
    environment.HandleClosed();
  });
  close(duplicate_);
}

Watch::~Watch() {
  const napi_env env = environment_.env();
  if (listener_ != nullptr) napi_delete_reference(env, listener_);
  if (context_ != nullptr) napi_async_destroy(env, context_);
  std::free(handle_);
}

void Watch::OnEvent(uv_poll_t* handle, int status, int) {
  auto* watch = static_cast<Watch*>(uv_handle_get_data(reinterpret_cast<uv_handle_t*>(handle)));
  // An error of the descriptor calls back, too: its own calls then say what it is. libuv stops to
  // watch on one (uv__poll_io), but a netlink socket that has lost events goes on afterwards.
  if (status < 0) uv_poll_start(handle, watch->events_, OnEvent);
  watch->Call();
}

void Watch::Call() {
  const napi_env env = environment_.env();
  const Napi::HandleScope scope(env);
  napi_value listener = nullptr;
  napi_value receiver = nullptr;  // must be an object
  if (napi_get_reference_value(env, listener_, &listener) != napi_ok || listener == nullptr) return;
  napi_get_global(env, &receiver);
  // Through the async context, so that microtasks run after the listener.
  if (napi_make_callback(env, context_, receiver, listener, 0, nullptr, nullptr) !=
      napi_pending_exception) {
    return;
  }
  napi_value exception = nullptr;
  if (napi_get_and_clear_last_exception(env, &exception) == napi_ok) {
    napi_fatal_exception(env, exception);
  }
}

Napi::Value StartWatch(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int fd = in.Watchable(0);
  const int events = in.Int(1, 1);
  const Napi::Function listener = in.Function(2);
  if (in.failed()) return in.failure();
  if ((events & ~(POLLIN | POLLOUT)) != 0) return in.answer(-EINVAL);
  const int wanted = ((events & POLLIN) ? UV_READABLE : 0) | ((events & POLLOUT) ? UV_WRITABLE : 0);
  return in.answer(in.environment().StartWatch(fd, wanted, listener));
}

Napi::Value StopWatch(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const uint32_t id = in.U32(0);
  if (in.failed()) return in.failure();
  return in.answer(in.environment().StopWatch(id) ? 0 : -ENOENT);
}

}  // namespace afxdp
