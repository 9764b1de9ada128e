#pragma once

#include <uv.h>

#include "environment.h"

namespace afxdp {

// A descriptor watched by the environment's loop. It watches a duplicate, so that two watches can
// be on one socket, and so that the loop never polls a number that was closed and used again.
class Watch {
 public:
  // Returns 0 or a negative errno. There may be an object even so: then it has to be stopped.
  static int Start(Environment& environment, int fd, int events, napi_value listener, Watch** out);

  // Calls back no more. The object deletes itself when the loop has closed the handle.
  void Stop();
  // The descriptor that was given.
  int fd() const { return fd_; }

 private:
  explicit Watch(Environment& environment) : environment_(environment) {}
  ~Watch();
  static void OnEvent(uv_poll_t* handle, int status, int events);
  void Call();

  Environment& environment_;
  int fd_ = -1;
  int duplicate_ = -1;
  bool stopped_ = false;
  int events_ = 0;
  uv_poll_t* handle_ = nullptr;
  napi_ref listener_ = nullptr;
  napi_async_context context_ = nullptr;
};

}  // namespace afxdp
