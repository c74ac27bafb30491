// What the Rust bindings leave out of CUDA. Each function returns 0, or 1 where libtorch threw.
#include <ATen/Context.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <cstdint>

namespace {
template <typename Work> int guarded(Work work) noexcept {
    try {
        work(at::globalContext());
        return 0;
    } catch (...) {
        return 1;
    }
}
} // namespace

extern "C" int libtorch_cuda_set_switches(int tf32_convolutions, int tf32_products, int deterministic, int benchmark) {
    return guarded([&](at::Context &context) {
        context.setAllowTF32CuDNN(tf32_convolutions != 0);
        context.setAllowTF32CuBLAS(tf32_products != 0);
        context.setDeterministicCuDNN(deterministic != 0);
        context.setBenchmarkCuDNN(benchmark != 0);
    });
}

extern "C" int libtorch_cuda_switches(int *tf32_convolutions, int *tf32_products, int *deterministic, int *benchmark) {
    return guarded([&](at::Context &context) {
        *tf32_convolutions = context.allowTF32CuDNN();
        *tf32_products = context.allowTF32CuBLAS();
        *deterministic = context.deterministicCuDNN();
        *benchmark = context.benchmarkCuDNN();
    });
}

extern "C" int libtorch_cuda_free_memory(int device, std::uint64_t *bytes) {
    return guarded([&](at::Context &) {
        auto *allocator = c10::getDeviceAllocator(c10::DeviceType::CUDA);
        *bytes = allocator->getMemoryInfo(static_cast<c10::DeviceIndex>(device)).first;
    });
}
