// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/prefetch.hpp"
#include "weft/kv/batch.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace weft::kv {

/// Table and first bytes of a key as a number, so that most questions about the order of keys need no look at the keys.
using KeyOrder = uint64_t;

/// The last change of each key, by a keyed hash of the key: open addressing in one array, so that whoever knows beforehand what will be
/// looked for can have it fetched into the cache meanwhile.
///
/// Thread safety: none.
/// Invariants: between the home of an element and its place no place is free; at least a quarter of the places are free.
class ChangeTable {
  public:
    struct Element {
        const uint8_t* encoded = nullptr;  ///< The change in memory; null: the place is free.
        uint64_t hash : 63 = 0;
        uint64_t is_waiting : 1 = 0;
        KeyOrder order = 0;

        [[nodiscard]] Batch::Change change() const noexcept { return Batch::change_at(encoded); }
    };

    /// Null: there is none with that hash of which is_wanted(element) holds. Valid until the next insert() or keep_waiting().
    template <typename Condition>
    [[nodiscard]] const Element* find(uint64_t hash, const Condition& is_wanted) const {
        if (elements_.empty()) return nullptr;
        for (size_t i = home_of(hash); elements_[i].encoded != nullptr; i = (i + 1) & mask_)
            if (elements_[i].hash == hash && is_wanted(elements_[i])) return &elements_[i];
        return nullptr;
    }
    template <typename Condition>
    [[nodiscard]] Element* find(uint64_t hash, const Condition& is_wanted) {
        return const_cast<Element*>(std::as_const(*this).find(hash, is_wanted));
    }
    /// Asks for the place where find() begins.
    void prefetch_place(uint64_t hash) const noexcept {
        if (!elements_.empty()) prefetch(elements_[home_of(hash)]);
    }
    /// Asks for the key that find() will compare first; worth it once the place is there.
    void prefetch_key(uint64_t hash) const noexcept {
        const Element* const element = find(hash, [](const Element&) { return true; });
        if (element != nullptr) __builtin_prefetch(element->encoded);
    }

    /// Adds an element that find() does not know.
    void insert(const Element& element) {
        if (4 * (size_ + 1) > 3 * elements_.size()) grow();
        place(element);
        ++size_;
    }
    /// Only what waits stays, and waits no longer.
    void keep_waiting() {
        std::vector<Element> old(elements_.size());
        old.swap(elements_);
        size_ = 0;
        for (Element& element : old) {
            if (element.is_waiting == 0) continue;
            element.is_waiting = 0;
            place(element);
            ++size_;
        }
    }
    void clear() noexcept {
        elements_ = std::vector<Element>();
        mask_ = size_ = 0;
    }
    template <typename Visitor>
    void for_each(const Visitor& visit) const {
        for (const Element& element : elements_)
            if (element.encoded != nullptr) visit(element);
    }

  private:
    /// Low bits of hashes say which of several tables an element is in.
    [[nodiscard]] size_t home_of(uint64_t hash) const noexcept { return (hash >> 16U) & mask_; }
    void place(const Element& element) noexcept {
        size_t i = home_of(element.hash);
        while (elements_[i].encoded != nullptr) i = (i + 1) & mask_;
        elements_[i] = element;
    }
    void grow() {
        constexpr size_t kFewest = 16;
        std::vector<Element> old(elements_.empty() ? kFewest : 2 * elements_.size());
        old.swap(elements_);
        mask_ = elements_.size() - 1;
        for (const Element& element : old)
            if (element.encoded != nullptr) place(element);
    }

    std::vector<Element> elements_;  // as many as a power of two, or none
    size_t mask_ = 0;
    size_t size_ = 0;
};

}  // namespace weft::kv
