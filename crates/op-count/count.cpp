// Counts what libtorch dispatches on a thread, by libtorch's own hook for profilers.
#include <ATen/record_function.h>

#include <cstring>
#include <map>
#include <memory>
#include <string>

namespace {
thread_local std::map<std::string, unsigned long> counts;
thread_local at::CallbackHandle handle;
thread_local int depth = 0;

struct Operation : at::ObserverContext {};

// Operations that others call are theirs; nodes of the way back are none.
std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction &function) {
    if (std::strncmp(function.name(), "aten::", 6) != 0)
        return nullptr;
    if (depth++ == 0)
        ++counts[function.name() + 6];
    return std::make_unique<Operation>();
}

void end(const at::RecordFunction &, at::ObserverContext *operation) {
    if (operation)
        --depth;
}
} // namespace

extern "C" void op_count_begin() {
    counts.clear();
    depth = 0;
    handle = at::addThreadLocalCallback(
        at::RecordFunctionCallback(begin, end).scopes({at::RecordScope::FUNCTION}));
}

// Calls `each` with every name and its count.
extern "C" void op_count_end(void (*each)(void *, const char *, unsigned long), void *context) {
    at::removeCallback(handle);
    for (const auto &[name, count] : counts)
        each(context, name.c_str(), count);
}
