// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"
#include "weft/execution/parallel/versioned_view.hpp"
#include "weft/execution/transaction_execution.hpp"

#include <memory>
#include <vector>

namespace weft::execution::parallel {

/// Everything one live incarnation needs: it may be parked here and go on in another thread.
struct alignas(sync::kCacheLine) Context {
    TransactionExecution execution;
    VersionedView view;
};

/// The contexts of an executor, kept from block to block. There are as many as were ever in use at once, which the
/// scheduler's reach bounds.
///
/// Thread safety: any thread may call any member; a context belongs to who took it.
class ContextPool {
  public:
    /// A free context, the one given back last: its memory is still in the caches.
    [[nodiscard]] Context& take();
    void give_back(Context& context) noexcept;

  private:
    sync::SpinLock lock_;
    std::vector<std::unique_ptr<Context>> all_;  // guarded by lock_
    std::vector<Context*> free_;                 // guarded by lock_; has room for all
};

}  // namespace weft::execution::parallel
