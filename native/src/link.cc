#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <cerrno>
#include <string>

#include "arguments.h"
#include "functions.h"
#include "libbpf-log.h"

namespace afxdp {

Napi::Value CreateLink(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int program = in.Descriptor(0, Kind::program);
  const int interface_index = in.Int(1, 0);
  const uint32_t flags = in.U32(2);
  if (in.failed()) return in.failure();
  LIBBPF_OPTS(bpf_link_create_opts, options, .flags = flags);
  const int link = bpf_link_create(program, interface_index, BPF_XDP, &options);
  return in.answer(link < 0 ? -errno : in.environment().Adopt(link, Kind::link));
}

Napi::Value UpdateLink(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int link = in.Descriptor(0, Kind::link);
  const int program = in.Descriptor(1, Kind::program);
  const int expected = in.DescriptorOrNone(2, Kind::program);
  if (in.failed()) return in.failure();
  LIBBPF_OPTS(bpf_link_update_opts, options);
  if (expected >= 0) {
    options.flags = BPF_F_REPLACE;
    options.old_prog_fd = static_cast<uint32_t>(expected);
  }
  return in.answer(bpf_link_update(link, program, &options) < 0 ? -errno : 0);
}

Napi::Value SetXdp(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const int interface_index = in.Int(0, 1);
  const int program = in.DescriptorOrNone(1, Kind::program);
  const uint32_t flags = in.U32(2);
  const int expected = in.DescriptorOrNone(3, Kind::program);
  if (in.failed()) return in.failure();
  LIBBPF_OPTS(bpf_xdp_attach_opts, options);
  // libbpf takes 0 for none, and adds XDP_FLAGS_REPLACE otherwise. No descriptor from here is 0.
  options.old_prog_fd = expected < 0 ? 0 : expected;
  std::string log;
  const LogCapture capture(&log);
  const int error = bpf_xdp_attach(interface_index, program, flags, &options);
  if (error >= 0) return in.answer(0);
  const auto result = Napi::Object::New(info.Env());
  result.Set("errno", error);
  result.Set("log", log);
  return result;
}

}  // namespace afxdp
