#include "environment.h"
#include "functions.h"
#include "node.h"
#include "pages.h"

namespace afxdp {

namespace {

struct Function {
  const char* name;
  Napi::Value (*body)(const Napi::CallbackInfo& info);
};

constexpr Function kFunctions[] = {
    {"socket", Socket},
    {"setsockopt", SetSocketOption},
    {"getsockopt", GetSocketOption},
    {"bind", Bind},
    {"sendLoop", SendLoop},
    {"receive", Receive},
    {"close", Close},
    {"registerUmem", RegisterUmem},
    {"mapRing", MapRing},
    {"unmapRing", UnmapRing},
    {"createMemory", CreateMemory},
    {"adoptMemory", AdoptMemory},
    {"mapMemory", MapMemory},
    {"unmapMemory", UnmapMemory},
    {"alignmentOffset", AlignmentOffset},
    {"preferNode", PreferNode},
    {"memoryLimits", MemoryLimits},
    {"interfaceIndex", InterfaceIndex},
    {"interfaceFlags", InterfaceFlags},
    {"interfaceMtu", InterfaceMtu},
    {"namespaceCookie", NamespaceCookie},
    {"promiscuous", Promiscuous},
    {"interfaceFeatures", InterfaceFeatures},
    {"interfaceChannels", InterfaceChannels},
    {"setInterfaceChannels", SetInterfaceChannels},
    {"interfaceRings", InterfaceRings},
    {"setInterfaceRings", SetInterfaceRings},
    {"countFlowRules", CountFlowRules},
    {"listFlowRules", ListFlowRules},
    {"insertFlowRule", InsertFlowRule},
    {"deleteFlowRule", DeleteFlowRule},
    {"readInterfaceAttribute", ReadInterfaceAttribute},
    {"writeInterfaceAttribute", WriteInterfaceAttribute},
    {"linkAttributes", LinkAttributes},
    {"openLinkMonitor", OpenLinkMonitor},
    {"readLinkEvents", ReadLinkEvents},
    {"poll", Poll},
    {"clockMs", ClockMs},
    {"createWaker", CreateWaker},
    {"wake", Wake},
    {"watch", StartWatch},
    {"unwatch", StopWatch},
    {"loadObject", LoadObject},
    {"probeProgram", ProbeProgram},
    {"openProgram", OpenProgram},
    {"openMap", OpenMap},
    {"openLink", OpenLink},
    {"adoptBpf", AdoptBpf},
    {"openPinned", OpenPinned},
    {"pin", Pin},
    {"unpin", Unpin},
    {"isBpfFs", IsBpfFs},
    {"programInfo", ProgramInfo},
    {"mapInfo", MapInfo},
    {"lookupMap", LookupMap},
    {"updateMap", UpdateMap},
    {"deleteMapEntry", DeleteMapEntry},
    {"createLink", CreateLink},
    {"updateLink", UpdateLink},
    {"linkProgram", LinkProgram},
    {"setXdp", SetXdp},
    {"programName", ProgramName},
    {"openNamespace", OpenNamespace},
    {"setNamespace", SetNamespace},
};

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  Environment::Create(env);
  exports.Set("pageSize", static_cast<double>(pages::Size()));
  for (const Function& function : kFunctions) {
    exports.Set(function.name, Napi::Function::New(env, function.body, function.name));
  }
  return exports;
}

}  // namespace

NODE_API_MODULE(afxdp, Init)

}  // namespace afxdp
