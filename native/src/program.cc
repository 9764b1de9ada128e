#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <memory>

#include "arguments.h"
#include "functions.h"

namespace afxdp {

namespace {

// Where this thread's libbpf messages go; set only while an object is being loaded. libbpf knows
// one print function for the whole process, and hands it the verifier's log in full.
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

class LogCapture {
 public:
  explicit LogCapture(std::string* log) {
    // Setting the same function again from another thread changes nothing.
    libbpf_set_print(Print);
    log_of_this_thread = log;
  }
  ~LogCapture() { log_of_this_thread = nullptr; }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;
};

// No program is nearly as large; a copy of what is would end the process where memory is short.
constexpr size_t kMaxObject = 64 << 20;

struct CloseObject {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};
using Object = std::unique_ptr<bpf_object, CloseObject>;

// What a load gives: duplicates of the object's descriptors, closed again unless taken.
struct Loaded {
  int program = -1;
  uint32_t id = 0;
  std::string name;
  std::vector<std::pair<std::string, int>> maps;

  Loaded() = default;
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;
  ~Loaded() {
    if (program >= 0) close(program);
    for (const auto& [map_name, fd] : maps) {
      if (fd >= 0) close(fd);
    }
  }
};

int Duplicate(int fd) {
  const int duplicate = fcntl(fd, F_DUPFD_CLOEXEC, 3);
  return duplicate < 0 ? -errno : duplicate;
}

int SetMapEntries(bpf_object* object, const std::vector<std::string>& names,
                  const std::vector<uint32_t>& entries, std::string* log) {
  for (size_t i = 0; i < names.size(); i++) {
    bpf_map* map = bpf_object__find_map_by_name(object, names[i].c_str());
    const int error = map == nullptr ? -ENOENT : bpf_map__set_max_entries(map, entries[i]);
    if (error == 0) continue;
    const char* why = map == nullptr ? "is not in the object" : "cannot be given that size";
    *log += "map '" + names[i] + "' " + why + "\n";
    return error;
  }
  return 0;
}

int TakeDescriptors(bpf_object* object, bpf_program* program, Loaded* loaded) {
  loaded->program = Duplicate(bpf_program__fd(program));
  if (loaded->program < 0) return loaded->program;
  bpf_prog_info description{};
  uint32_t size = sizeof description;
  if (bpf_obj_get_info_by_fd(loaded->program, &description, &size) < 0) return -errno;
  loaded->id = description.id;
  loaded->name = bpf_program__name(program);
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    if (bpf_map__fd(map) < 0) continue;
    const int fd = Duplicate(bpf_map__fd(map));
    if (fd < 0) return fd;
    loaded->maps.emplace_back(bpf_map__name(map), fd);
  }
  return 0;
}

int Load(const std::vector<uint8_t>& bytes, const std::vector<std::string>& names,
         const std::vector<uint32_t>& entries, Loaded* loaded, std::string* log) {
  const LogCapture capture(log);
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "afxdp");
  const Object object(bpf_object__open_mem(bytes.data(), bytes.size(), &options));
  if (!object) return errno == 0 ? -EINVAL : -errno;
  bpf_program* program = bpf_object__next_program(object.get(), nullptr);
  if (program == nullptr || bpf_object__next_program(object.get(), program) != nullptr) {
    *log += "the object must hold exactly one program\n";
    return -LIBBPF_ERRNO__FORMAT;
  }
  if (bpf_program__type(program) != BPF_PROG_TYPE_XDP) {
    *log += "the program must be in section 'xdp' or 'xdp.frags'\n";
    return -LIBBPF_ERRNO__FORMAT;
  }
  int error = SetMapEntries(object.get(), names, entries, log);
  if (error == 0) error = bpf_object__load(object.get());
  if (error == 0) error = TakeDescriptors(object.get(), program, loaded);
  return error;
}

Napi::Value Failure(Napi::Env env, int error, const std::string& log) {
  const auto result = Napi::Object::New(env);
  result.Set("errno", error);
  result.Set("log", log);
  return result;
}

Napi::Value Success(Napi::Env env, Environment& environment, Loaded* loaded) {
  const auto result = Napi::Object::New(env);
  const auto maps = Napi::Array::New(env, loaded->maps.size());
  for (uint32_t i = 0; i < loaded->maps.size(); i++) {
    auto& [name, fd] = loaded->maps[i];
    const auto entry = Napi::Array::New(env, 2);
    entry.Set(0U, name);
    entry.Set(1U, static_cast<double>(environment.Adopt(fd, Kind::map)));
    fd = -1;
    maps.Set(i, entry);
  }
  result.Set("program", static_cast<double>(environment.Adopt(loaded->program, Kind::program)));
  loaded->program = -1;
  result.Set("id", static_cast<double>(loaded->id));
  result.Set("name", loaded->name);
  result.Set("maps", maps);
  return result;
}

}  // namespace

Napi::Value LoadObject(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::vector<std::string> names = in.Strings(1);
  const std::vector<uint32_t> entries = in.U32s(2);
  const Bytes object = in.Uint8Array(0);
  if (in.type_failed()) return in.failure();
  if (in.failed() || names.size() != entries.size()) {
    return Failure(info.Env(), -EINVAL, "numbers of map entries must be whole and 32 bits wide\n");
  }
  if (object.length > kMaxObject) {
    return Failure(info.Env(), -E2BIG, "the object is larger than 64 MiB\n");
  }
  // A copy: libelf wants it aligned, and another thread may write to shared memory.
  const std::vector<uint8_t> bytes(object.data, object.data + object.length);
  Loaded loaded;
  std::string log;
  const int error = Load(bytes, names, entries, &loaded, &log);
  if (error != 0) return Failure(info.Env(), error, log);
  return Success(info.Env(), in.environment(), &loaded);
}

Napi::Value ProgramName(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const uint32_t id = in.U32(0);
  if (in.failed()) return in.failure();
  const int fd = bpf_prog_get_fd_by_id(id);
  if (fd < 0) return in.answer(-errno);
  bpf_prog_info description{};
  uint32_t size = sizeof description;
  const int error = bpf_obj_get_info_by_fd(fd, &description, &size) < 0 ? -errno : 0;
  close(fd);
  if (error != 0) return in.answer(error);
  return Napi::String::New(info.Env(), description.name);
}

}  // namespace afxdp
