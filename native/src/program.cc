#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arguments.h"
#include "bpf-abi.h"
#include "functions.h"
#include "libbpf-log.h"

namespace afxdp {

namespace {

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

// What is to be loaded, and what to change in it before that.
struct Plan {
  // Empty, or the one program to load.
  std::vector<std::string> program;
  std::vector<std::string> sized_maps;
  std::vector<uint32_t> entries;
  std::vector<std::string> reused_maps;
  std::vector<int> descriptors;
  // -1: as the section says.
  int frags = -1;
  uint32_t device_index = 0;
};

// libbpf would read such a name as a shorter one.
bool HasNul(const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return name.find('\0') != std::string::npos;
  });
}

int SetFragsFlag(bpf_program* program, long) {
  return bpf_program__set_flags(program, bpf_program__flags(program) | BPF_F_XDP_HAS_FRAGS);
}

// libbpf adds BPF_F_XDP_HAS_FRAGS to programs of section xdp.frags when it loads them, where
// nobody can take it away again. This handler sets it when the object is opened.
void HandleFragsSection() {
  static const int handler = [] {
    LIBBPF_OPTS(libbpf_prog_handler_opts, options, .prog_setup_fn = SetFragsFlag);
    return libbpf_register_prog_handler("xdp.frags", BPF_PROG_TYPE_XDP, BPF_XDP, &options);
  }();
  static_cast<void>(handler);
}

std::string ProgramNames(bpf_object* object) {
  std::string names;
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    names += names.empty() ? "" : ", ";
    names += bpf_program__name(program);
  }
  return names.empty() ? "none" : names;
}

// Finds the program to load and keeps the others from being loaded.
int Select(bpf_object* object, const Plan& plan, bpf_program** selected, std::string* log) {
  bpf_program* only = bpf_object__next_program(object, nullptr);
  if (!plan.program.empty()) {
    only = bpf_object__find_program_by_name(object, plan.program[0].c_str());
    if (only == nullptr) {
      *log += "program '" + plan.program[0] + "' is not in the object; there are: ";
      *log += ProgramNames(object) + "\n";
      return -ENOENT;
    }
  } else if (only == nullptr || bpf_object__next_program(object, only) != nullptr) {
    *log += "the object must hold exactly one program, or one must be named; there are: ";
    *log += ProgramNames(object) + "\n";
    return -LIBBPF_ERRNO__FORMAT;
  }
  if (bpf_program__type(only) != BPF_PROG_TYPE_XDP ||
      bpf_program__expected_attach_type(only) != BPF_XDP) {
    *log += "the program must be in section 'xdp' or 'xdp.frags'\n";
    return -LIBBPF_ERRNO__FORMAT;
  }
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    bpf_program__set_autoload(program, program == only);
  }
  *selected = only;
  return 0;
}

int SetFlags(bpf_program* program, const Plan& plan, bool* frags) {
  uint32_t flags = bpf_program__flags(program);
  if (plan.frags == 1) flags |= BPF_F_XDP_HAS_FRAGS;
  if (plan.frags == 0) flags &= ~BPF_F_XDP_HAS_FRAGS;
  if (plan.device_index != 0) flags |= BPF_F_XDP_DEV_BOUND_ONLY;
  *frags = (flags & BPF_F_XDP_HAS_FRAGS) != 0;
  bpf_program__set_ifindex(program, plan.device_index);
  return bpf_program__set_flags(program, flags);
}

int Refuse(int error, const std::string& map, const char* why, std::string* log) {
  *log += "map '" + map + "' " + why + "\n";
  return error;
}

int SetMapEntries(bpf_object* object, const Plan& plan, std::string* log) {
  for (size_t i = 0; i < plan.sized_maps.size(); i++) {
    const std::string& name = plan.sized_maps[i];
    bpf_map* map = bpf_object__find_map_by_name(object, name.c_str());
    if (map == nullptr) return Refuse(-ENOENT, name, "is not in the object", log);
    const int error = bpf_map__set_max_entries(map, plan.entries[i]);
    if (error != 0) return Refuse(error, name, "cannot be given that size", log);
  }
  return 0;
}

// libbpf would take a map of any kind, and the verifier then speak of instructions.
int ReuseMaps(bpf_object* object, const Plan& plan, std::string* log) {
  // Looked up first: a reused map goes by the name that the kernel has for it.
  std::vector<bpf_map*> maps;
  for (const std::string& name : plan.reused_maps) {
    bpf_map* map = bpf_object__find_map_by_name(object, name.c_str());
    if (map == nullptr) return Refuse(-ENOENT, name, "is not in the object", log);
    const auto& sized = plan.sized_maps;
    if (std::find(sized.begin(), sized.end(), name) != sized.end()) {
      return Refuse(-EINVAL, name, "is given: its size is what it is", log);
    }
    maps.push_back(map);
  }
  for (size_t i = 0; i < maps.size(); i++) {
    bpf_map_info given{};
    uint32_t size = sizeof given;
    if (bpf_obj_get_info_by_fd(plan.descriptors[i], &given, &size) < 0) return -errno;
    if (given.type != bpf_map__type(maps[i]) || given.key_size != bpf_map__key_size(maps[i]) ||
        given.value_size != bpf_map__value_size(maps[i])) {
      const char* why = "has another type, key size or value size in the object";
      return Refuse(-EINVAL, plan.reused_maps[i], why, log);
    }
    const int error = bpf_map__reuse_fd(maps[i], plan.descriptors[i]);
    if (error != 0) return error;
  }
  return 0;
}

using NamedMap = std::pair<std::string, const bpf_map*>;

// Names as the object has them. An object may ask for its maps to be pinned as they are made; here
// that is a call of its own, since it would outlive a load that fails.
std::vector<NamedMap> PrepareMaps(bpf_object* object) {
  std::vector<NamedMap> names;
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object) {
    bpf_map__set_pin_path(map, nullptr);
    names.emplace_back(bpf_map__name(map), map);
  }
  return names;
}

int TakeDescriptors(const bpf_program* program, const std::vector<NamedMap>& maps, Loaded* loaded) {
  loaded->program = Duplicate(bpf_program__fd(program));
  if (loaded->program < 0) return loaded->program;
  bpf_prog_info description{};
  uint32_t size = sizeof description;
  if (bpf_obj_get_info_by_fd(loaded->program, &description, &size) < 0) return -errno;
  loaded->id = description.id;
  loaded->name = bpf_program__name(program);
  for (const auto& [name, map] : maps) {
    if (bpf_map__fd(map) < 0) continue;
    const int fd = Duplicate(bpf_map__fd(map));
    if (fd < 0) return fd;
    loaded->maps.emplace_back(name, fd);
  }
  return 0;
}

int Load(const std::vector<uint8_t>& bytes, const Plan& plan, Loaded* loaded, bool* frags,
         std::string* log) {
  HandleFragsSection();
  const LogCapture capture(log);
  LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = "afxdp");
  const Object object(bpf_object__open_mem(bytes.data(), bytes.size(), &options));
  if (!object) return errno == 0 ? -EINVAL : -errno;
  bpf_program* program = nullptr;
  int error = Select(object.get(), plan, &program, log);
  if (error != 0) return error;
  const std::vector<NamedMap> maps = PrepareMaps(object.get());
  error = SetFlags(program, plan, frags);
  if (error == 0) error = SetMapEntries(object.get(), plan, log);
  if (error == 0) error = ReuseMaps(object.get(), plan, log);
  if (error == 0) error = bpf_object__load(object.get());
  if (error == 0) error = TakeDescriptors(program, maps, loaded);
  return error;
}

Napi::Value Failure(Napi::Env env, int error, const std::string& log, bool frags = false) {
  const auto result = Napi::Object::New(env);
  result.Set("errno", error);
  result.Set("log", log);
  result.Set("frags", frags);
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
  Plan plan;
  plan.program = in.Strings(1);
  plan.sized_maps = in.Strings(2);
  plan.entries = in.U32s(3);
  plan.reused_maps = in.Strings(4);
  const std::vector<uint32_t> descriptors = in.U32s(5);
  plan.frags = in.Int(6, -1);
  plan.device_index = static_cast<uint32_t>(in.Int(7, 0));
  const Bytes object = in.Uint8Array(0);
  if (in.type_failed()) return in.failure();
  if (in.failed() || HasNul(plan.program) || HasNul(plan.sized_maps) || HasNul(plan.reused_maps) ||
      plan.program.size() > 1 || plan.sized_maps.size() != plan.entries.size() ||
      plan.reused_maps.size() != descriptors.size() || plan.frags > 1) {
    return Failure(info.Env(), -EINVAL, "numbers must be whole and 32 bits wide, names without NUL\n");
  }
  for (size_t i = 0; i < descriptors.size(); i++) {
    const bool fits = descriptors[i] <= INT32_MAX;
    plan.descriptors.push_back(fits ? static_cast<int>(descriptors[i]) : -1);
    if (in.environment().KindOf(plan.descriptors[i]) == Kind::map) continue;
    return Failure(info.Env(), -EBADF, "the descriptor of map '" + plan.reused_maps[i] + "'\n");
  }
  if (object.length > kMaxObject) {
    return Failure(info.Env(), -E2BIG, "the object is larger than 64 MiB\n");
  }
  // A copy: libelf wants it aligned, and another thread may write to shared memory.
  const std::vector<uint8_t> bytes(object.data, object.data + object.length);
  Loaded loaded;
  std::string log;
  bool frags = false;
  const int error = Load(bytes, plan, &loaded, &frags, &log);
  if (error != 0) return Failure(info.Env(), error, log, frags);
  return Success(info.Env(), in.environment(), &loaded);
}

}  // namespace afxdp
