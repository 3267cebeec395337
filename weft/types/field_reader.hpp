// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/rlp/decode.hpp"
#include "weft/types/decode_error.hpp"

#include <optional>

namespace weft::types {

/// Reads the fields of an RLP structure one after another and keeps the first error: after it every read does nothing, so
/// that a decoder states its fields in order and asks once at the end. Readers of nested lists share the error.
class FieldReader {
  public:
    FieldReader(rlp::Decoder items, std::optional<DecodeError>& error) noexcept : items_(items), error_(error) {}

    [[nodiscard]] bool ok() const noexcept { return !error_.has_value(); }
    [[nodiscard]] bool at_end() const noexcept { return items_.at_end(); }
    [[nodiscard]] bool next_is_list() const noexcept { return items_.next_is_list(); }

    void fail(DecodeRule rule, const char* field) noexcept {
        if (ok()) error_ = DecodeError{.rule = rule, .field = field};
    }
    void fail(rlp::Error error, const char* field) noexcept {
        if (ok()) error_ = DecodeError{.rule = DecodeRule::Rlp, .rlp = error, .field = field};
    }

    void read(uint64_t& out, const char* field) noexcept { take(out, field, &rlp::Decoder::read_uint64); }
    void read(uint256& out, const char* field) noexcept { take(out, field, &rlp::Decoder::read_uint256); }
    void read(bytes& out, const char* field) {
        bytes_view view;
        read(view, field);
        out.assign(view.begin(), view.end());
    }
    void read(bytes_view& out, const char* field) noexcept { take(out, field, &rlp::Decoder::read_string); }
    template <typename T>
        requires requires { T::kSize; }
    void read(T& out, const char* field) noexcept {
        take(out, field, &rlp::Decoder::read_fixed<T>);
    }
    /// A field that later forks append: absent at the end of the list.
    template <typename T>
    void read(std::optional<T>& out, const char* field) noexcept {
        if (ok() && !at_end()) read(out.emplace(), field);
    }

    /// Enters the list that is the next item: `fields(FieldReader&)` must read all of it.
    template <typename Fields>
    void read_structure(const char* field, Fields&& fields) {
        rlp::Decoder inner{bytes_view{}};
        take(inner, field, &rlp::Decoder::read_list);
        if (!ok()) return;
        FieldReader reader(inner, error_);
        fields(reader);
        reader.finish(field);
    }
    /// Enters the list that is the next item and calls `element(FieldReader&)` until all of it has been read.
    template <typename Element>
    void read_each(const char* field, Element&& element) {
        read_structure(field, [&](FieldReader& reader) {
            while (reader.ok() && !reader.at_end()) element(reader);
        });
    }

    void finish(const char* field) noexcept {
        if (!at_end()) fail(rlp::Error::TrailingBytes, field);
    }
    /// The cursor, for decoders of whole items.
    [[nodiscard]] rlp::Decoder& items() noexcept { return items_; }

  private:
    template <typename T>
    void take(T& out, const char* field, rlp::Expected<T> (rlp::Decoder::*read_next)() noexcept) noexcept {
        if (!ok()) return;
        const auto value = (items_.*read_next)();
        if (value) {
            out = *value;
        } else {
            fail(value.error(), field);
        }
    }

    rlp::Decoder items_;
    std::optional<DecodeError>& error_;
};

}  // namespace weft::types
