#include <bpf/bpf.h>

#include <cerrno>

#include "arguments.h"
#include "functions.h"

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

}  // namespace afxdp
