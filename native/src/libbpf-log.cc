#include "libbpf-log.h"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>

namespace afxdp {

namespace {

// Where this thread's messages go; without a capture, nowhere. libbpf knows one print function
// for the whole process, and hands it the verifier's log in full.
thread_local std::string* log_of_this_thread = nullptr;

int Print(libbpf_print_level level, const char* format, va_list args) {
  if (log_of_this_thread == nullptr || level == LIBBPF_DEBUG) return 0;
  va_list again;
  va_copy(again, args);
  const int length = std::vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length <= 0) return 0;
  const size_t before = log_of_this_thread->size();
  // vsnprintf ends with a NUL, which is cut off again.
  const size_t room = static_cast<size_t>(length) + 1;
  log_of_this_thread->resize(before + room);
  std::vsnprintf(log_of_this_thread->data() + before, room, format, args);
  log_of_this_thread->pop_back();
  return length;
}

}  // namespace

LogCapture::LogCapture(std::string* log) {
  // Setting the same function again from another thread changes nothing.
  libbpf_set_print(Print);
  log_of_this_thread = log;
}

LogCapture::~LogCapture() { log_of_this_thread = nullptr; }

}  // namespace afxdp
