#pragma once

#include <string>

namespace afxdp {

// Collects what libbpf says on this thread, and with it the verifier's log and the reasons that
// the kernel gives over netlink, for as long as it lives. One at a time for each thread.
class LogCapture {
 public:
  explicit LogCapture(std::string* log);
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;
};

}  // namespace afxdp
