// Switches of at::Context that the Rust bindings leave out. Each function returns 0, or 1 where libtorch threw.
#include <ATen/Context.h>

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

extern "C" int libtorch_switches_set(int tf32_convolutions, int tf32_products, int deterministic, int benchmark) {
    return guarded([&](at::Context &context) {
        context.setAllowTF32CuDNN(tf32_convolutions != 0);
        context.setAllowTF32CuBLAS(tf32_products != 0);
        context.setDeterministicCuDNN(deterministic != 0);
        context.setBenchmarkCuDNN(benchmark != 0);
    });
}

extern "C" int libtorch_switches_get(int *tf32_convolutions, int *tf32_products, int *deterministic, int *benchmark) {
    return guarded([&](at::Context &context) {
        *tf32_convolutions = context.allowTF32CuDNN();
        *tf32_products = context.allowTF32CuBLAS();
        *deterministic = context.deterministicCuDNN();
        *benchmark = context.benchmarkCuDNN();
    });
}
