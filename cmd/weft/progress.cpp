// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string>

namespace weft::cli {
namespace {

constexpr size_t kBarWidth = 30;
constexpr size_t kNameWidth = 40;
constexpr auto kDrawInterval = std::chrono::milliseconds(50);

}  // namespace

Progress::Progress(size_t total) : shown_(isatty(STDERR_FILENO) != 0), total_(total) {}

void Progress::advance(std::string_view name) {
    const sync::LockGuard lock(mutex_);
    ++done_;
    draw(fmt::format("{}/{} {}", done_, total_, name.substr(0, kNameWidth)));
}

void Progress::show(size_t done, std::string_view text) {
    const sync::LockGuard lock(mutex_);
    done_ = done;
    draw(fmt::format("{}%  {}", 100 * done_ / std::max<size_t>(total_, 1), text));
}

void Progress::draw(const std::string& text) {
    if (!shown_) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - last_draw_ < kDrawInterval && done_ != total_) return;
    last_draw_ = now;
    drawn_ = true;
    const size_t filled = std::min(kBarWidth, kBarWidth * done_ / std::max<size_t>(total_, 1));
    const std::string bar = std::string(filled, '#') + std::string(kBarWidth - filled, '.');
    fmt::print(stderr, "\r\033[K[{}] {}", bar, text);
    std::fflush(stderr);
}

void Progress::clear() {
    const sync::LockGuard lock(mutex_);
    if (!drawn_) return;
    fmt::print(stderr, "\r\033[K");
    std::fflush(stderr);
    drawn_ = false;
}

}  // namespace weft::cli
