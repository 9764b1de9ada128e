#include <bpf/bpf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string>

#include "arguments.h"
#include "bpf-abi.h"
#include "functions.h"

namespace afxdp {

namespace {

struct NamedKind {
  Kind kind;
  // What the kernel writes into /proc/*/fdinfo of such a descriptor, and of no other.
  const char* field;
  const char* name;
};
constexpr NamedKind kKinds[] = {
    {Kind::program, "\nprog_type:", "program"},
    {Kind::map, "\nmap_type:", "map"},
    {Kind::link, "\nlink_type:", "link"},
};

int ReadFile(const std::string& path, std::string* text) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return -errno;
  char block[1024];
  ssize_t length = 0;
  while ((length = read(file, block, sizeof block)) > 0) text->append(block, length);
  const int error = length < 0 ? -errno : 0;
  close(file);
  return error;
}

// Finds out what a descriptor is; -EINVAL when it is not of BPF.
int Identify(int fd, const NamedKind** found) {
  std::string text;
  const int error = ReadFile("/proc/thread-self/fdinfo/" + std::to_string(fd), &text);
  if (error != 0) return error;
  for (const NamedKind& kind : kKinds) {
    if (text.find(kind.field) == std::string::npos) continue;
    *found = &kind;
    return 0;
  }
  return -EINVAL;
}

struct Identity {
  uint32_t id = 0;
  uint32_t interface_index = 0;
};

int ReadIdentity(int fd, Kind kind, Identity* identity) {
  // bpf_prog_info and bpf_map_info begin with type and id, as this one does.
  bpf_link_info description{};
  uint32_t size = kind == Kind::link ? sizeof description : offsetof(bpf_link_info, prog_id);
  if (bpf_obj_get_info_by_fd(fd, &description, &size) < 0) return -errno;
  identity->id = description.id;
  if (kind == Kind::link && description.type == BPF_LINK_TYPE_XDP) {
    identity->interface_index = description.xdp.ifindex;
  }
  return 0;
}

// Takes over a descriptor and answers what it is, or closes it.
Napi::Value TakeIn(Arguments& in, Napi::Env env, int fd) {
  if (fd < 0) return in.answer(-errno);
  const NamedKind* kind = nullptr;
  Identity identity;
  int error = Identify(fd, &kind);
  if (error == 0) error = ReadIdentity(fd, kind->kind, &identity);
  if (error != 0) {
    close(fd);
    return in.answer(error);
  }
  const auto result = Napi::Object::New(env);
  result.Set("fd", static_cast<double>(in.environment().Adopt(fd, kind->kind)));
  result.Set("kind", kind->name);
  result.Set("id", static_cast<double>(identity.id));
  result.Set("interfaceIndex", static_cast<double>(identity.interface_index));
  return result;
}

Napi::Value OpenById(const Napi::CallbackInfo& info, int (*open_by_id)(uint32_t), Kind kind) {
  Arguments in(info);
  const uint32_t id = in.U32(0);
  if (in.failed()) return in.failure();
  const int fd = open_by_id(id);
  return in.answer(fd < 0 ? -errno : in.environment().Adopt(fd, kind));
}

// A path that the kernel reads to its end.
std::string Path(Arguments& in, size_t at) {
  std::string path = in.String(at);
  if (path.find('\0') != std::string::npos) path.clear();
  return path;
}

bool IsOnBpfFs(int directory) {
  struct statfs about{};
  return fstatfs(directory, &about) == 0 && static_cast<uint32_t>(about.f_type) == BPF_FS_MAGIC;
}

// Removes a name only where it is a pin: everywhere else it would be somebody's file.
int RemovePin(int directory, const char* name) {
  struct statx about{};
  // fstatat would need glibc 2.33.
  if (statx(directory, name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &about) < 0) return -errno;
  if (!IsOnBpfFs(directory) || !S_ISREG(about.stx_mode)) return -EINVAL;
  return unlinkat(directory, name, 0) < 0 ? -errno : 0;
}

}  // namespace

Napi::Value OpenProgram(const Napi::CallbackInfo& info) {
  return OpenById(info, bpf_prog_get_fd_by_id, Kind::program);
}

Napi::Value OpenMap(const Napi::CallbackInfo& info) {
  return OpenById(info, bpf_map_get_fd_by_id, Kind::map);
}

Napi::Value OpenLink(const Napi::CallbackInfo& info) {
  return OpenById(info, bpf_link_get_fd_by_id, Kind::link);
}

Napi::Value AdoptBpf(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int descriptor = in.Int(0, 0);
  if (in.failed()) return in.failure();
  return TakeIn(in, info.Env(), fcntl(descriptor, F_DUPFD_CLOEXEC, 3));
}

Napi::Value OpenPinned(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string path = Path(in, 0);
  if (in.failed()) return in.failure();
  if (path.empty()) return in.answer(-ENOENT);
  return TakeIn(in, info.Env(), bpf_obj_get(path.c_str()));
}

Napi::Value Pin(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int fd = in.BpfDescriptor(0);
  const std::string path = Path(in, 1);
  if (in.failed()) return in.failure();
  if (path.empty()) return in.answer(-ENOENT);
  return in.answer(bpf_obj_pin(fd, path.c_str()) < 0 ? -errno : 0);
}

Napi::Value Unpin(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string path = Path(in, 0);
  if (in.failed()) return in.failure();
  const size_t slash = path.rfind('/');
  const std::string parent = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (name.empty()) return in.answer(-EINVAL);
  const int directory = open(parent.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return in.answer(-errno);
  const int error = RemovePin(directory, name.c_str());
  close(directory);
  return in.answer(error);
}

Napi::Value IsBpfFs(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string path = Path(in, 0);
  if (in.failed()) return in.failure();
  const int file = open(path.c_str(), O_PATH | O_CLOEXEC);
  if (file < 0) return in.answer(-errno);
  const bool is = IsOnBpfFs(file);
  close(file);
  return in.answer(is ? 1 : 0);
}

}  // namespace afxdp
