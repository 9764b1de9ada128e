#pragma once

#include "node.h"

namespace afxdp {

// The functions that JavaScript calls; ts/addon.ts says what each takes and answers.

Napi::Value Socket(const Napi::CallbackInfo& info);
Napi::Value SetSocketOption(const Napi::CallbackInfo& info);
Napi::Value GetSocketOption(const Napi::CallbackInfo& info);
Napi::Value Bind(const Napi::CallbackInfo& info);
Napi::Value SendLoop(const Napi::CallbackInfo& info);
Napi::Value Receive(const Napi::CallbackInfo& info);
Napi::Value Close(const Napi::CallbackInfo& info);

Napi::Value RegisterUmem(const Napi::CallbackInfo& info);
Napi::Value MapRing(const Napi::CallbackInfo& info);
Napi::Value UnmapRing(const Napi::CallbackInfo& info);
Napi::Value CreateMemory(const Napi::CallbackInfo& info);
Napi::Value AdoptMemory(const Napi::CallbackInfo& info);
Napi::Value MapMemory(const Napi::CallbackInfo& info);
Napi::Value UnmapMemory(const Napi::CallbackInfo& info);
Napi::Value AlignmentOffset(const Napi::CallbackInfo& info);
Napi::Value PreferNode(const Napi::CallbackInfo& info);
Napi::Value MemoryLimits(const Napi::CallbackInfo& info);

Napi::Value InterfaceIndex(const Napi::CallbackInfo& info);
Napi::Value InterfaceFlags(const Napi::CallbackInfo& info);
Napi::Value InterfaceMtu(const Napi::CallbackInfo& info);
Napi::Value NamespaceCookie(const Napi::CallbackInfo& info);
Napi::Value Promiscuous(const Napi::CallbackInfo& info);
Napi::Value InterfaceFeatures(const Napi::CallbackInfo& info);
Napi::Value InterfaceChannels(const Napi::CallbackInfo& info);
Napi::Value SetInterfaceChannels(const Napi::CallbackInfo& info);
Napi::Value InterfaceRings(const Napi::CallbackInfo& info);
Napi::Value SetInterfaceRings(const Napi::CallbackInfo& info);
Napi::Value CountFlowRules(const Napi::CallbackInfo& info);
Napi::Value ListFlowRules(const Napi::CallbackInfo& info);
Napi::Value InsertFlowRule(const Napi::CallbackInfo& info);
Napi::Value DeleteFlowRule(const Napi::CallbackInfo& info);
Napi::Value ReadInterfaceAttribute(const Napi::CallbackInfo& info);
Napi::Value WriteInterfaceAttribute(const Napi::CallbackInfo& info);
Napi::Value LinkAttributes(const Napi::CallbackInfo& info);
Napi::Value OpenLinkMonitor(const Napi::CallbackInfo& info);
Napi::Value ReadLinkEvents(const Napi::CallbackInfo& info);

Napi::Value Poll(const Napi::CallbackInfo& info);
Napi::Value ClockMs(const Napi::CallbackInfo& info);
Napi::Value CreateWaker(const Napi::CallbackInfo& info);
Napi::Value Wake(const Napi::CallbackInfo& info);
Napi::Value StartWatch(const Napi::CallbackInfo& info);
Napi::Value StopWatch(const Napi::CallbackInfo& info);

Napi::Value LoadObject(const Napi::CallbackInfo& info);
Napi::Value ProbeProgram(const Napi::CallbackInfo& info);
Napi::Value OpenProgram(const Napi::CallbackInfo& info);
Napi::Value OpenMap(const Napi::CallbackInfo& info);
Napi::Value OpenLink(const Napi::CallbackInfo& info);
Napi::Value AdoptBpf(const Napi::CallbackInfo& info);
Napi::Value OpenPinned(const Napi::CallbackInfo& info);
Napi::Value Pin(const Napi::CallbackInfo& info);
Napi::Value Unpin(const Napi::CallbackInfo& info);
Napi::Value IsBpfFs(const Napi::CallbackInfo& info);
Napi::Value ProgramInfo(const Napi::CallbackInfo& info);
Napi::Value MapInfo(const Napi::CallbackInfo& info);
Napi::Value LookupMap(const Napi::CallbackInfo& info);
Napi::Value UpdateMap(const Napi::CallbackInfo& info);
Napi::Value DeleteMapEntry(const Napi::CallbackInfo& info);
Napi::Value CreateLink(const Napi::CallbackInfo& info);
Napi::Value UpdateLink(const Napi::CallbackInfo& info);
Napi::Value LinkProgram(const Napi::CallbackInfo& info);
Napi::Value SetXdp(const Napi::CallbackInfo& info);
Napi::Value ProgramName(const Napi::CallbackInfo& info);

Napi::Value OpenNamespace(const Napi::CallbackInfo& info);
Napi::Value SetNamespace(const Napi::CallbackInfo& info);

}  // namespace afxdp
