// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/stop_signal.hpp"

#include "weft/base/sync.hpp"

#include <csignal>

namespace weft::cli {
namespace {

sync::Atomic<bool> stop_came{false};

extern "C" void note_stop(int number) {
    stop_came = true;
    std::signal(number, SIG_DFL);
}

}  // namespace

StopSignal::StopSignal() {
    stop_came = false;
    std::signal(SIGINT, note_stop);
    std::signal(SIGTERM, note_stop);
}

StopSignal::~StopSignal() {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
}

bool StopSignal::came() const noexcept { return stop_came; }

}  // namespace weft::cli
