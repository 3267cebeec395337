// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/versioned_view.hpp"

#include <algorithm>

namespace weft::execution::parallel {

using state::ReadError;
using state::ReadResult;

void VersionedView::begin(Position reader, MultiVersionMemory& memory, state::StateView& base, const sync::Atomic<bool>& given_up) {
    reader_ = reader;
    blocker_ = kNobody;
    memory_ = &memory;
    base_ = &base;
    given_up_ = &given_up;
    wiped_reads_.clear();
}

bool VersionedView::is_given_up() const noexcept {
    // Relaxed: seeing it late costs time only.
    return given_up_->load(sync::kRelaxed);
}

ReadError VersionedView::blocked_by(Position writer) noexcept {
    blocker_ = writer;
    return {.kind = ReadError::Kind::blocked, .detail = uint64_t{writer} - 1};
}

ReadResult<std::optional<state::Account>> VersionedView::account(const address& addr) {
    blocker_ = kNobody;
    if (is_given_up()) return std::unexpected(ReadError{.kind = ReadError::Kind::failed, .detail = kGivenUp});
    AccountOverlay overlay;
    if (const Position writer = memory_->read_account(reader_, addr, overlay); writer != kNobody)
        return std::unexpected(blocked_by(writer));
    if (overlay.removed) return overlay.over(std::nullopt);
    auto base = base_->account(addr);
    if (!base) return base;
    return overlay.over(*base);
}

ReadResult<uint256> VersionedView::storage(const address& addr, const uint256& slot) {
    blocker_ = kNobody;
    if (is_given_up()) return std::unexpected(ReadError{.kind = ReadError::Kind::failed, .detail = kGivenUp});
    SlotOverlay overlay;
    if (const Position writer = memory_->read_slot(reader_, addr, slot, overlay); writer != kNobody)
        return std::unexpected(blocked_by(writer));
    if (overlay.wiped_by != kNobody) record_wipe(addr, overlay.wiped_by);
    if (overlay.known) return overlay.value;
    return base_->storage(addr, slot);
}

ReadResult<const state::Code*> VersionedView::code(const hash32& code_hash) {
    blocker_ = kNobody;
    if (const state::Code* deployed = memory_->code(code_hash)) return deployed;
    return base_->code(code_hash);
}

ReadResult<hash32> VersionedView::block_hash(uint64_t number) {
    blocker_ = kNobody;
    return base_->block_hash(number);
}

void VersionedView::record_wipe(const address& addr, Position wiped_by) {
    const bool known = std::ranges::any_of(wiped_reads_, [&](const WipedRead& r) { return r.wiped_by == wiped_by && r.addr == addr; });
    if (!known) wiped_reads_.push_back({.addr = addr, .wiped_by = wiped_by});
}

}  // namespace weft::execution::parallel
