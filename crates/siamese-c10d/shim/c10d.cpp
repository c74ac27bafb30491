// What siamese-c10d calls of libtorch's c10d, as C functions. Each returns nullptr, or words on the heap that say what failed;
// the caller frees them by c10d_free_words.

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <c10/util/Logging.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#ifdef SIAMESE_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

namespace {

using Milliseconds = std::chrono::milliseconds;

struct Store {
  c10::intrusive_ptr<c10d::TCPStore> of;
};

struct Group {
  c10::intrusive_ptr<c10d::Backend> of;
};

// Tensors stay until the work is done, whatever becomes of the caller's.
struct Pending {
  c10::intrusive_ptr<c10d::Work> work;
  at::Tensor from, into;
};

char* words(const char* what) {
  char* copy = static_cast<char*>(std::malloc(std::strlen(what) + 1));
  if (copy != nullptr) std::strcpy(copy, what);
  return copy;
}

// Nothing is thrown out of here: Rust is above.
template <typename Do>
char* guarded(Do&& what) {
  try {
    what();
    return nullptr;
  } catch (const c10::Error& error) {
    return words(error.what_without_backtrace());
  } catch (const std::exception& error) {
    return words(error.what());
  } catch (...) {
    return words("an unknown exception");
  }
}

// Gloo tells standard output whom it has met, and that belongs to the program.
struct Hushed {
  Hushed() { std::cout.setstate(std::ios::badbit); }
  ~Hushed() { std::cout.clear(); }
};

// Warnings of lost connections come with the whole stack, and what they warn of is told to the caller in any case. Whoever asks
// for them by the environment gets them.
void hush_warnings() {
  if (std::getenv("TORCH_CPP_LOG_LEVEL") != nullptr) return;
  if (::FLAGS_caffe2_log_level < c10::GLOG_ERROR) ::FLAGS_caffe2_log_level = c10::GLOG_ERROR;
}

std::vector<uint8_t> bytes(const uint8_t* data, size_t length) {
  return std::vector<uint8_t>(data, data + length);
}

} // namespace

extern "C" {

void c10d_free_words(char* text) {
  std::free(text);
}

// Meets at host:port, where `serve` says that this process is the one that listens.
char* c10d_store_new(const char* host, uint16_t port, bool serve, int64_t within_ms, Store** store) {
  return guarded([&] {
    hush_warnings();
    c10d::TCPStoreOptions options;
    options.port = port;
    options.isServer = serve;
    options.waitWorkers = false;
    options.timeout = Milliseconds(within_ms);
    *store = new Store{c10::make_intrusive<c10d::TCPStore>(host, options)};
  });
}

void c10d_store_free(Store* store) {
  delete store;
}

char* c10d_store_set(Store* store, const char* key, const uint8_t* data, size_t length) {
  return guarded([&] { store->of->set(key, bytes(data, length)); });
}

// Adds to a counter that begins at 0, and gives its new value.
char* c10d_store_add(Store* store, const char* key, int64_t value, int64_t* sum) {
  return guarded([&] { *sum = store->of->add(key, value); });
}

// The bytes of a key as words of the caller's to free, or nullptr where nobody has set it.
char* c10d_store_get(Store* store, const char* key, char** value) {
  return guarded([&] {
    *value = nullptr;
    if (!store->of->check({key})) return;
    std::vector<uint8_t> found = store->of->get(key);
    found.push_back(0);
    *value = words(reinterpret_cast<const char*>(found.data()));
  });
}

char* c10d_gloo_new(Store* store, const char* prefix, int rank, int size, int64_t within_ms, const char* interface,
                    Group** group) {
  return guarded([&] {
    using Gloo = c10d::ProcessGroupGloo;
    Hushed hushed;
    auto options = Gloo::Options::create_default(Milliseconds(within_ms));
    if (*interface != 0) options->devices = {Gloo::createDeviceForInterface(interface)};
    auto prefixed = c10::make_intrusive<c10d::PrefixStore>(prefix, store->of);
    *group = new Group{c10::make_intrusive<Gloo>(prefixed, rank, size, options)};
  });
}

// Sets *group to nullptr where this was built without NCCL.
char* c10d_nccl_new(Store* store, const char* prefix, int rank, int size, int64_t within_ms, Group** group) {
  return guarded([&] {
    *group = nullptr;
#ifdef SIAMESE_NCCL
    using Nccl = c10d::ProcessGroupNCCL;
    auto options = Nccl::Options::create();
    options->timeout = Milliseconds(within_ms);
    auto prefixed = c10::make_intrusive<c10d::PrefixStore>(prefix, store->of);
    *group = new Group{c10::make_intrusive<Nccl>(prefixed, rank, size, options)};
#else
    (void)store, (void)prefix, (void)rank, (void)size, (void)within_ms;
#endif
  });
}

void c10d_group_free(Group* group) {
  delete group;
}

// `into` is of as many rows as there are processes; each becomes the tensor of one of them.
char* c10d_gather(Group* group, at::Tensor* own, at::Tensor* into, Pending** pending) {
  return guarded([&] { *pending = new Pending{group->of->_allgather_base(*into, *own), *own, *into}; });
}

// Row i of `own` goes to process i, row i of `into` comes from there.
char* c10d_exchange(Group* group, at::Tensor* own, at::Tensor* into, Pending** pending) {
  return guarded([&] {
    std::vector<int64_t> even;
    std::vector<int64_t> also_even;
    *pending = new Pending{group->of->alltoall_base(*into, *own, even, also_even), *own, *into};
  });
}

// Waits for so long, and says whether it is done.
char* c10d_wait(Pending* pending, int64_t ms, bool* done) {
  return guarded([&] {
    *done = false;
    if (!pending->work->isCompleted()) {
      try {
        pending->work->wait(Milliseconds(ms));
        *done = true;
        return;
      } catch (...) {
        if (!pending->work->isCompleted()) return;
      }
    }
    pending->work->wait();
    *done = true;
  });
}

void c10d_pending_free(Pending* pending) {
  delete pending;
}

}
