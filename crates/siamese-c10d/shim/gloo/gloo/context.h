// Declares what the headers of libtorch name of Gloo, whose own headers its packages leave out. libtorch_cpu.so holds the rest.
#pragma once

#include <chrono>
#include <memory>

namespace gloo {

class Context {
 public:
  void setTimeout(std::chrono::milliseconds timeout);
};

namespace transport {
class UnboundBuffer;
}

} // namespace gloo
