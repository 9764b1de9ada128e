#include <linux/ethtool.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

#include "arguments.h"
#include "functions.h"
#include "interface.h"

namespace afxdp {

namespace {

constexpr uint32_t kMaxTable = 1 << 20;  // rules of a card; beyond belief

}  // namespace

Napi::Value CountFlowRules(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  if (in.failed()) return in.failure();
  ethtool_rxnfc command{};
  command.cmd = ETHTOOL_GRXCLSRLCNT;
  const int error = AskEthtool(name, &command);
  if (error != 0) return in.answer(error);
  const auto answer = Napi::Object::New(info.Env());
  answer.Set("count", static_cast<double>(command.rule_cnt));
  answer.Set("choosesLocation", (command.data & RX_CLS_LOC_SPECIAL) != 0);
  return answer;
}

Napi::Value ListFlowRules(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  const auto room = static_cast<uint32_t>(in.Integer(1, 0, kMaxTable));
  if (in.failed()) return in.failure();
  // The locations follow the command itself.
  constexpr size_t kLocationsAt = offsetof(ethtool_rxnfc, rule_locs);
  std::vector<uint8_t> bytes(sizeof(ethtool_rxnfc) + room * sizeof(uint32_t));
  ethtool_rxnfc command{};
  command.cmd = ETHTOOL_GRXCLSRLALL;
  command.rule_cnt = room;
  std::memcpy(bytes.data(), &command, sizeof command);
  const int error = AskEthtool(name, bytes.data());
  if (error != 0) return in.answer(error);
  std::memcpy(&command, bytes.data(), sizeof command);
  if (command.rule_cnt > room) return in.answer(-EIO);
  const auto locations = Napi::Array::New(info.Env(), command.rule_cnt);
  for (uint32_t i = 0; i < command.rule_cnt; i++) {
    uint32_t location = 0;
    std::memcpy(&location, bytes.data() + kLocationsAt + i * sizeof location, sizeof location);
    locations.Set(i, static_cast<double>(location));
  }
  const auto answer = Napi::Object::New(info.Env());
  answer.Set("size", static_cast<double>(command.data));
  answer.Set("locations", locations);
  return answer;
}

Napi::Value InsertFlowRule(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  const uint32_t flow_type = in.U32(1);
  const uint32_t queue = in.U32(2);
  const Bytes value = in.Uint8Array(3);
  const Bytes mask = in.Uint8Array(4);
  const uint32_t location = in.U32(5);
  if (in.failed()) return in.failure();
  ethtool_rxnfc command{};
  command.cmd = ETHTOOL_SRXCLSRLINS;
  ethtool_rx_flow_spec& rule = command.fs;
  if (value.length > sizeof rule.h_u || mask.length != value.length) return in.answer(-EINVAL);
  rule.flow_type = flow_type;
  std::memcpy(&rule.h_u, value.data, value.length);
  std::memcpy(&rule.m_u, mask.data, mask.length);
  rule.ring_cookie = queue;
  rule.location = location;
  const int error = AskEthtool(name, &command);
  return in.answer(error != 0 ? error : static_cast<int64_t>(rule.location));
}

Napi::Value DeleteFlowRule(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  const uint32_t location = in.U32(1);
  if (in.failed()) return in.failure();
  ethtool_rxnfc command{};
  command.cmd = ETHTOOL_SRXCLSRLDEL;
  command.fs.location = location;
  return in.answer(AskEthtool(name, &command));
}

}  // namespace afxdp
