#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "environment.h"
#include "node.h"

namespace afxdp {

struct Bytes {
  uint8_t* data = nullptr;
  size_t length = 0;
};

// The whole memory of an arena; `buffer` is its SharedArrayBuffer.
struct Arena {
  uint8_t* base = nullptr;
  size_t length = 0;
  napi_value buffer = nullptr;
};

struct Range {
  uint8_t* start = nullptr;
  size_t length = 0;
};

// Reads the arguments of one call. The first that is unusable decides the answer: a wrong
// JavaScript type throws a TypeError, a value out of range answers -EINVAL, a foreign descriptor
// -EBADF.
class Arguments {
 public:
  explicit Arguments(const Napi::CallbackInfo& info)
      : info_(info), environment_(Environment::From(info)) {}

  Environment& environment() { return *environment_; }

  int64_t Integer(size_t at, int64_t low, int64_t high);
  uint32_t U32(size_t at) { return static_cast<uint32_t>(Integer(at, 0, UINT32_MAX)); }
  int Int(size_t at, int low) { return static_cast<int>(Integer(at, low, INT32_MAX)); }
  double Double(size_t at);
  // A descriptor of the given kind that this environment opened.
  int Descriptor(size_t at, Kind kind);
  // The same, or -1.
  int DescriptorOrNone(size_t at, Kind kind);
  // A socket, a waker or a link monitor that this environment opened.
  int Watchable(size_t at);
  // A waker of any thread, or -1.
  int WakerOrNone(size_t at);
  // A program, map or link that this environment opened.
  int BpfDescriptor(size_t at);
  std::string String(size_t at);
  Bytes Uint8Array(size_t at);
  Napi::Function Function(size_t at);
  std::vector<std::string> Strings(size_t at);
  std::vector<uint32_t> U32s(size_t at);

  Arena ArenaBytes(size_t at);
  // A range inside the arena that starts on a page. Length is not 0.
  Range ArenaRange(const Arena& arena, size_t offset_at, size_t length_at);
  // The same in whole pages.
  Range ArenaPages(const Arena& arena, size_t offset_at, size_t length_at);

  bool failed() const { return type_error_ || error_ != 0; }
  bool type_failed() const { return type_error_; }
  // The answer of a call that failed.
  Napi::Value failure() const;
  // The answer of a call that was made: a value, or a negative errno.
  Napi::Value answer(int64_t result) const;

 private:
  void WrongType(size_t at, const char* wanted);
  void Refuse(int error) {
    if (!failed()) error_ = error;
  }

  const Napi::CallbackInfo& info_;
  Environment* environment_;
  bool type_error_ = false;
  int error_ = 0;
};

}  // namespace afxdp
