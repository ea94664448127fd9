// Whether an address can be listened on, and who is in the way if not.
#pragma once
#include <string>

#include "base/result.h"

namespace relight::app {

// "127.a.b.c:port" with a port of 1 to 65535.
bool loopback_address(const std::string& listen);

// Before anything starts. Error "Sandbox.PortTaken" names the process that listens there, where /proc shows
// it.
Result<> port_free(const std::string& listen);

}  // namespace relight::app
