#pragma once

// Everything of Node that the addon uses: Node-API by its C++ wrapper, without exceptions.
#include <napi.h>
