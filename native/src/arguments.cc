#include "arguments.h"

#include <cerrno>
#include <cmath>

#include "pages.h"
#include "wakers.h"

namespace afxdp {

namespace {

constexpr double kMaxSafeInteger = 9007199254740991.0;

bool IsInteger(double value, int64_t low, int64_t high) {
  return value >= -kMaxSafeInteger && value <= kMaxSafeInteger && std::trunc(value) == value &&
         value >= static_cast<double>(low) && value <= static_cast<double>(high);
}

}  // namespace

void Arguments::WrongType(size_t at, const char* wanted) {
  if (failed()) return;
  type_error_ = true;
  if (info_.Env().IsExceptionPending()) return;
  const std::string message = "Argument " + std::to_string(at + 1) + " must be " + wanted + ".";
  Napi::TypeError::New(info_.Env(), message).ThrowAsJavaScriptException();
}

Napi::Value Arguments::failure() const {
  return type_error_ ? info_.Env().Undefined() : answer(-error_);
}

Napi::Value Arguments::answer(int64_t result) const {
  return Napi::Number::New(info_.Env(), static_cast<double>(result));
}

double Arguments::Double(size_t at) {
  double value = 0;
  if (napi_get_value_double(info_.Env(), info_[at], &value) != napi_ok) WrongType(at, "a number");
  return value;
}

int64_t Arguments::Integer(size_t at, int64_t low, int64_t high) {
  const double value = Double(at);
  if (failed()) return 0;
  if (IsInteger(value, low, high)) return static_cast<int64_t>(value);
  Refuse(EINVAL);
  return 0;
}

int Arguments::Descriptor(size_t at, Kind kind) {
  const double value = Double(at);
  if (failed()) return -1;
  if (IsInteger(value, 0, INT32_MAX)) {
    const int fd = static_cast<int>(value);
    if (environment_->KindOf(fd) == kind) return fd;
  }
  Refuse(EBADF);
  return -1;
}

int Arguments::DescriptorOrNone(size_t at, Kind kind) {
  const double value = Double(at);
  return failed() || value == -1 ? -1 : Descriptor(at, kind);
}

int Arguments::Watchable(size_t at) {
  const double value = Double(at);
  if (failed()) return -1;
  if (IsInteger(value, 0, INT32_MAX)) {
    const int fd = static_cast<int>(value);
    const Kind kind = environment_->KindOf(fd);
    if (kind == Kind::socket || kind == Kind::waker || kind == Kind::link_monitor) return fd;
  }
  Refuse(EBADF);
  return -1;
}

int Arguments::WakerOrNone(size_t at) {
  const double value = Double(at);
  if (failed() || value == -1) return -1;
  if (IsInteger(value, 0, INT32_MAX) && wakers::Has(static_cast<int>(value))) {
    return static_cast<int>(value);
  }
  Refuse(EBADF);
  return -1;
}

int Arguments::BpfDescriptor(size_t at) {
  const double value = Double(at);
  if (failed()) return -1;
  if (IsInteger(value, 0, INT32_MAX)) {
    const int fd = static_cast<int>(value);
    const Kind kind = environment_->KindOf(fd);
    if (kind == Kind::program || kind == Kind::map || kind == Kind::link) return fd;
  }
  Refuse(EBADF);
  return -1;
}

std::string Arguments::String(size_t at) {
  if (!info_[at].IsString()) {
    WrongType(at, "a string");
    return {};
  }
  return info_[at].As<Napi::String>().Utf8Value();
}

Bytes Arguments::Uint8Array(size_t at) {
  bool is_typed_array = false;
  napi_is_typedarray(info_.Env(), info_[at], &is_typed_array);
  napi_typedarray_type type = napi_int8_array;
  void* data = nullptr;
  size_t length = 0;
  if (!is_typed_array ||
      napi_get_typedarray_info(info_.Env(), info_[at], &type, &length, &data, nullptr, nullptr) !=
          napi_ok ||
      type != napi_uint8_array) {
    WrongType(at, "a Uint8Array");
    return {};
  }
  return {static_cast<uint8_t*>(data), data == nullptr ? 0 : length};
}

Napi::Function Arguments::Function(size_t at) {
  if (!info_[at].IsFunction()) WrongType(at, "a function");
  return info_[at].As<Napi::Function>();
}

std::vector<std::string> Arguments::Strings(size_t at) {
  std::vector<std::string> strings;
  if (!info_[at].IsArray()) {
    WrongType(at, "an array of strings");
    return strings;
  }
  const auto array = info_[at].As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length() && !failed(); i++) {
    napi_value element = nullptr;
    if (napi_get_element(info_.Env(), array, i, &element) != napi_ok ||
        !Napi::Value(info_.Env(), element).IsString()) {
      WrongType(at, "an array of strings");
    } else {
      strings.push_back(Napi::String(info_.Env(), element).Utf8Value());
    }
  }
  return strings;
}

std::vector<uint32_t> Arguments::U32s(size_t at) {
  std::vector<uint32_t> numbers;
  if (!info_[at].IsArray()) {
    WrongType(at, "an array of numbers");
    return numbers;
  }
  const auto array = info_[at].As<Napi::Array>();
  for (uint32_t i = 0; i < array.Length() && !failed(); i++) {
    napi_value element = nullptr;
    double value = 0;
    if (napi_get_element(info_.Env(), array, i, &element) != napi_ok ||
        napi_get_value_double(info_.Env(), element, &value) != napi_ok) {
      WrongType(at, "an array of numbers");
    } else if (!IsInteger(value, 0, UINT32_MAX)) {
      Refuse(EINVAL);
    } else {
      numbers.push_back(static_cast<uint32_t>(value));
    }
  }
  return numbers;
}

Arena Arguments::ArenaBytes(size_t at) {
  bool is_typed_array = false;
  napi_is_typedarray(info_.Env(), info_[at], &is_typed_array);
  napi_typedarray_type type = napi_int8_array;
  void* data = nullptr;
  size_t length = 0;
  napi_value buffer = nullptr;
  // A SharedArrayBuffer can be neither detached nor transferred; Node-API calls it no ArrayBuffer.
  bool is_detachable = true;
  if (!is_typed_array ||
      napi_get_typedarray_info(info_.Env(), info_[at], &type, &length, &data, &buffer, nullptr) !=
          napi_ok ||
      type != napi_uint8_array ||
      napi_is_arraybuffer(info_.Env(), buffer, &is_detachable) != napi_ok || is_detachable) {
    WrongType(at, "a Uint8Array over a SharedArrayBuffer");
    return {};
  }
  return {static_cast<uint8_t*>(data), data == nullptr ? 0 : length, buffer};
}

Range Arguments::ArenaRange(const Arena& arena, size_t offset_at, size_t length_at) {
  const int64_t max = INT64_MAX;
  const auto offset = static_cast<uint64_t>(Integer(offset_at, 0, max));
  const auto length = static_cast<uint64_t>(Integer(length_at, 1, max));
  if (failed()) return {};
  // Safe integers are below 2^53: their sum does not overflow.
  if (offset % pages::Size() != 0 || reinterpret_cast<uintptr_t>(arena.base) % pages::Size() != 0 ||
      offset + length > arena.length) {
    Refuse(EINVAL);
    return {};
  }
  return {arena.base + offset, static_cast<size_t>(length)};
}

Range Arguments::ArenaPages(const Arena& arena, size_t offset_at, size_t length_at) {
  const Range range = ArenaRange(arena, offset_at, length_at);
  if (range.length % pages::Size() != 0) Refuse(EINVAL);
  return range;
}

}  // namespace afxdp
