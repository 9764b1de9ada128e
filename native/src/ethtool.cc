#include <linux/ethtool.h>

#include <cerrno>

#include "arguments.h"
#include "functions.h"
#include "interface.h"

namespace afxdp {

namespace {

// A count to be set, or -1 for one that stays.
int64_t CountOrNone(Arguments& in, size_t at) { return in.Integer(at, -1, UINT32_MAX); }

void Change(uint32_t* count, int64_t wanted) {
  if (wanted >= 0) *count = static_cast<uint32_t>(wanted);
}

template <size_t N>
Napi::Value Counts(Napi::Env env, const uint32_t (&counts)[N]) {
  const auto array = Napi::Array::New(env, N);
  for (uint32_t i = 0; i < N; i++) array.Set(i, static_cast<double>(counts[i]));
  return array;
}

}  // namespace

Napi::Value InterfaceChannels(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  if (in.failed()) return in.failure();
  ethtool_channels channels{};
  channels.cmd = ETHTOOL_GCHANNELS;
  const int error = AskEthtool(name, &channels);
  if (error != 0) return in.answer(error);
  const uint32_t counts[] = {channels.rx_count, channels.tx_count, channels.combined_count,
                             channels.max_rx,   channels.max_tx,   channels.max_combined};
  return Counts(info.Env(), counts);
}

Napi::Value SetInterfaceChannels(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  const int64_t rx = CountOrNone(in, 1);
  const int64_t tx = CountOrNone(in, 2);
  const int64_t combined = CountOrNone(in, 3);
  if (in.failed()) return in.failure();
  ethtool_channels channels{};
  channels.cmd = ETHTOOL_GCHANNELS;
  const int error = AskEthtool(name, &channels);
  if (error != 0) return in.answer(error);
  channels.cmd = ETHTOOL_SCHANNELS;
  Change(&channels.rx_count, rx);
  Change(&channels.tx_count, tx);
  Change(&channels.combined_count, combined);
  return in.answer(AskEthtool(name, &channels));
}

Napi::Value InterfaceRings(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  if (in.failed()) return in.failure();
  ethtool_ringparam rings{};
  rings.cmd = ETHTOOL_GRINGPARAM;
  const int error = AskEthtool(name, &rings);
  if (error != 0) return in.answer(error);
  const uint32_t counts[] = {rings.rx_pending, rings.tx_pending, rings.rx_max_pending,
                             rings.tx_max_pending};
  return Counts(info.Env(), counts);
}

Napi::Value SetInterfaceRings(const Napi::CallbackInfo& info) {
  Arguments in(info);
  const std::string name = in.String(0);
  const int64_t rx = CountOrNone(in, 1);
  const int64_t tx = CountOrNone(in, 2);
  if (in.failed()) return in.failure();
  ethtool_ringparam rings{};
  rings.cmd = ETHTOOL_GRINGPARAM;
  const int error = AskEthtool(name, &rings);
  if (error != 0) return in.answer(error);
  rings.cmd = ETHTOOL_SRINGPARAM;
  Change(&rings.rx_pending, rx);
  Change(&rings.tx_pending, tx);
  return in.answer(AskEthtool(name, &rings));
}

}  // namespace afxdp
