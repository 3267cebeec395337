// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/line_transfer.hpp"

#include "weft/base/thread_pool.hpp"

#include <gtest/gtest.h>

namespace weft {
namespace {

TEST(LineTransfer, takes_longer_than_a_cycle_and_less_than_a_millisecond) {
    ThreadPool pool(2);
    for (const uint32_t lines : {1U, 32U, 512U}) {
        LineTransfer transfer(lines);
        sync::Gate is_written;
        double ns = 0;
        pool.run(2, [&](unsigned worker) {
            if (worker == 1) {
                transfer.write();
                is_written.open();
            } else {
                is_written.wait();
                ns = transfer.read();
            }
        });
        EXPECT_GT(ns, 0.2) << lines;
        EXPECT_LT(ns, 1e6) << lines;
    }
}

}  // namespace
}  // namespace weft
