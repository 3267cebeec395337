// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace weft::cli {

/// Tells the allocator of this program what suits blocks: each takes megabytes that the next one needs again. To be called first.
/// What the environment says (`MIMALLOC_*`) goes before.
void set_up_allocator() noexcept;

}  // namespace weft::cli
