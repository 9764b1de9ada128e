#pragma once

#include <linux/if.h>

#include <string>

namespace afxdp {

// Whether an interface could have this name.
bool IsInterfaceName(const std::string& name);

// One request about an interface of the calling thread's network namespace. Returns 0 or a
// negative errno; -ENODEV for a name that no interface can have.
int AskInterface(const std::string& name, unsigned long request, ifreq* answer);

// The same for a command of ethtool, which begins with its number (include/uapi/linux/ethtool.h).
int AskEthtool(const std::string& name, void* command);

}  // namespace afxdp
