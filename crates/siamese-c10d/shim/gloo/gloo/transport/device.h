// Declares what the headers of libtorch name of Gloo, whose own headers its packages leave out. libtorch_cpu.so holds the rest.
#pragma once

namespace gloo {
namespace transport {

class Device;

} // namespace transport
} // namespace gloo
