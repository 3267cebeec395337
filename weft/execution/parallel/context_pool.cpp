// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/context_pool.hpp"

namespace weft::execution::parallel {

Context& ContextPool::take() {
    {
        const sync::LockGuard<sync::SpinLock> lock(lock_);
        if (!free_.empty()) {
            Context& context = *free_.back();
            free_.pop_back();
            return context;
        }
    }
    auto fresh = std::make_unique<Context>();
    Context& context = *fresh;
    const sync::LockGuard<sync::SpinLock> lock(lock_);
    all_.push_back(std::move(fresh));
    free_.reserve(all_.size());
    return context;
}

void ContextPool::give_back(Context& context) noexcept {
    const sync::LockGuard<sync::SpinLock> lock(lock_);
    free_.push_back(&context);
}

}  // namespace weft::execution::parallel
