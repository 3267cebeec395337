// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/allocator.hpp"

#ifdef WEFT_MIMALLOC
#include <mimalloc.h>
#endif

namespace weft::cli {

void set_up_allocator() noexcept {
#ifdef WEFT_MIMALLOC
    // Fewer page faults, and fewer misses of the table of pages.
    mi_option_set_enabled_default(mi_option_large_os_pages, true);
    // Milliseconds until the system gets back what was freed. By themselves 25 and 500, about what a block takes.
    constexpr long kDelay = 1000;
    mi_option_set_default(mi_option_decommit_delay, kDelay);
    mi_option_set_default(mi_option_segment_decommit_delay, kDelay);
#endif
}

}  // namespace weft::cli
