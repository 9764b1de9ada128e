#include <bpf/bpf.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>

#include "arguments.h"
#include "functions.h"

namespace afxdp {

// XDP_PASS: what can be refused in it is only how it is loaded.
Napi::Value ProbeProgram(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const uint32_t flags = in.U32(0);
  const auto device_index = static_cast<uint32_t>(in.Int(1, 0));
  if (in.failed()) return in.failure();
  const bpf_insn instructions[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .src_reg = 0, .off = 0, .imm = XDP_PASS},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0},
  };
  LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_XDP, .prog_flags = flags,
              .prog_ifindex = device_index);
  const int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "afxdp_probe", "GPL", instructions,
                               std::size(instructions), &options);
  if (fd < 0) return in.answer(-errno);
  close(fd);
  return in.answer(0);
}

}  // namespace afxdp
