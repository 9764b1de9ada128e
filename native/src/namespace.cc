#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "arguments.h"
#include "functions.h"

namespace afxdp {

Napi::Value OpenNamespace(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string path = in.String(0);
  if (in.failed()) return in.failure();
  if (path.size() >= PATH_MAX) return in.answer(-ENAMETOOLONG);
  if (path.find('\0') != std::string::npos) return in.answer(-EINVAL);
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  return in.answer(fd < 0 ? -errno : in.environment().Adopt(fd, Kind::network_namespace));
}

Napi::Value SetNamespace(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int fd = in.Descriptor(0, Kind::network_namespace);
  if (in.failed()) return in.failure();
  return in.answer(setns(fd, CLONE_NEWNET) < 0 ? -errno : 0);
}

}  // namespace afxdp
