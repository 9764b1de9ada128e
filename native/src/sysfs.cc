#include <fcntl.h>
#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <string>

#include "arguments.h"
#include "functions.h"
#include "interface.h"

namespace afxdp {

namespace {

constexpr char kDeferHardIrqs[] = "napi_defer_hard_irqs";

// What of an interface's directory is read, and what is written. A write to numa_node would be the
// device's, not the interface's, and taint the kernel (drivers/pci/pci-sysfs.c).
bool IsAttribute(const std::string& name, int flags) {
  return name == kDeferHardIrqs || name == "gro_flush_timeout" ||
         (name == "device/numa_node" && flags == O_RDONLY);
}

// A sysfs of the calling thread's network namespace, mounted nowhere: /sys shows the namespace that
// it was mounted in. Returns a descriptor or a negative errno.
int MountSysfs() {
  const auto context = static_cast<int>(syscall(SYS_fsopen, "sysfs", FSOPEN_CLOEXEC));
  if (context < 0) return -errno;
  int result = static_cast<int>(
      syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0));
  if (result == 0) {
    constexpr unsigned int kAttributes =
        MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
    result = static_cast<int>(syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, kAttributes));
  }
  const int error = errno;
  close(context);
  return result < 0 ? -error : result;
}

// Opens an attribute of an interface. -ENODEV without such an interface, -ENOENT when it has no
// such attribute.
int OpenAttribute(const std::string& name, const std::string& attribute, int flags) {
  if (!IsInterfaceName(name)) return -ENODEV;
  if (!IsAttribute(attribute, flags)) return -EINVAL;
  const int root = MountSysfs();
  if (root < 0) return root;
  const std::string directory = "class/net/" + name;
  const int device = openat(root, directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  int result = device < 0 ? (errno == ENOENT ? -ENODEV : -errno) : 0;
  close(root);
  if (device < 0) return result;
  result = openat(device, attribute.c_str(), flags | O_CLOEXEC);
  if (result < 0) result = -errno;
  close(device);
  return result;
}

}  // namespace

Napi::Value ReadInterfaceAttribute(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  const std::string attribute = in.String(1);
  if (in.failed()) return in.failure();
  const int fd = OpenAttribute(name, attribute, O_RDONLY);
  if (fd < 0) return in.answer(fd);
  std::array<char, 32> text{};
  const ssize_t length = read(fd, text.data(), text.size());
  const int error = length < 0 ? -errno : 0;
  close(fd);
  if (error != 0) return in.answer(error);
  int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + length, value);
  if (parsed.ec != std::errc()) return in.answer(-EIO);
  const auto answer = Napi::Array::New(info.Env(), 1);
  answer.Set(0U, static_cast<double>(value));
  return answer;
}

Napi::Value WriteInterfaceAttribute(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  const std::string attribute = in.String(1);
  const int64_t value = in.Integer(2, 0, INT64_MAX);
  if (in.failed()) return in.failure();
  // What older kernels cut to size and newer ones refuse.
  if (attribute == kDeferHardIrqs && value > INT32_MAX) return in.answer(-ERANGE);
  const int fd = OpenAttribute(name, attribute, O_WRONLY);
  if (fd < 0) return in.answer(fd);
  const std::string text = std::to_string(value);
  const int error = write(fd, text.data(), text.size()) < 0 ? -errno : 0;
  close(fd);
  return in.answer(error);
}

}  // namespace afxdp
