#include <bpf/bpf.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <vector>

#include "arguments.h"
#include "functions.h"

namespace afxdp {

namespace {

template <typename Description>
int Describe(int fd, Description* description) {
  uint32_t size = sizeof *description;
  return bpf_obj_get_info_by_fd(fd, description, &size) < 0 ? -errno : 0;
}

// The kernel says how many there are, and fills in as many as fit.
int ReadMapIds(int program, uint32_t count, std::vector<uint32_t>* ids) {
  ids->resize(count);
  if (count == 0) return 0;
  bpf_prog_info description{};
  description.nr_map_ids = count;
  description.map_ids = reinterpret_cast<uintptr_t>(ids->data());
  const int error = Describe(program, &description);
  if (error == 0) ids->resize(std::min(count, description.nr_map_ids));
  return error;
}

std::string Hexadecimal(const uint8_t* bytes, size_t length) {
  std::string text;
  char digits[3];
  for (size_t i = 0; i < length; i++) {
    std::snprintf(digits, sizeof digits, "%02x", bytes[i]);
    text += digits;
  }
  return text;
}

}  // namespace

Napi::Value ProgramInfo(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int program = in.Descriptor(0, Kind::program);
  if (in.failed()) return in.failure();
  bpf_prog_info description{};
  int error = Describe(program, &description);
  std::vector<uint32_t> ids;
  if (error == 0) error = ReadMapIds(program, description.nr_map_ids, &ids);
  if (error != 0) return in.answer(error);
  const auto map_ids = Napi::Array::New(info.Env(), ids.size());
  for (uint32_t i = 0; i < ids.size(); i++) map_ids.Set(i, static_cast<double>(ids[i]));
  const auto result = Napi::Object::New(info.Env());
  result.Set("id", static_cast<double>(description.id));
  result.Set("name", description.name);
  result.Set("type", static_cast<double>(description.type));
  result.Set("tag", Hexadecimal(description.tag, sizeof description.tag));
  result.Set("mapIds", map_ids);
  result.Set("deviceIndex", static_cast<double>(description.ifindex));
  return result;
}

Napi::Value MapInfo(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int map = in.Descriptor(0, Kind::map);
  if (in.failed()) return in.failure();
  bpf_map_info description{};
  const int error = Describe(map, &description);
  if (error != 0) return in.answer(error);
  const auto result = Napi::Object::New(info.Env());
  result.Set("id", static_cast<double>(description.id));
  result.Set("name", description.name);
  result.Set("type", static_cast<double>(description.type));
  result.Set("keySize", static_cast<double>(description.key_size));
  result.Set("valueSize", static_cast<double>(description.value_size));
  result.Set("maxEntries", static_cast<double>(description.max_entries));
  return result;
}

Napi::Value LinkProgram(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int link = in.Descriptor(0, Kind::link);
  if (in.failed()) return in.failure();
  bpf_link_info description{};
  const int error = Describe(link, &description);
  return in.answer(error != 0 ? error : static_cast<int64_t>(description.prog_id));
}

Napi::Value ProgramName(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const uint32_t id = in.U32(0);
  if (in.failed()) return in.failure();
  const int fd = bpf_prog_get_fd_by_id(id);
  if (fd < 0) return in.answer(-errno);
  bpf_prog_info description{};
  const int error = Describe(fd, &description);
  close(fd);
  if (error != 0) return in.answer(error);
  return Napi::String::New(info.Env(), description.name);
}

}  // namespace afxdp
