// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/base/hex.hpp"
#include "weft/base/result.hpp"
#include "weft/base/uint256.hpp"

#include <simdjson.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Reading JSON so that an error names the place, and writing it.
namespace weft::json {

/// The first thing that was wrong with a document: "transactions[3].nonce: not a hex quantity".
class JsonErrors {
  public:
    void report(std::string message) {
        if (!first_) first_ = std::move(message);
    }
    [[nodiscard]] bool any() const noexcept { return first_.has_value(); }
    [[nodiscard]] const std::string& first() const noexcept { return *first_; }
    void clear() noexcept { first_.reset(); }

  private:
    std::optional<std::string> first_;
};

/// A value of a JSON document that knows where it stands. Reading never fails outright: what cannot be read is reported to
/// the document's JsonErrors with its path and gives a default value, so that a reader looks at the errors once, at its
/// end. A value that is not there is reported when it is read, unless the reader asks for it with exists() or find().
class Json {
  public:
    Json() = default;
    Json(simdjson::dom::element element, JsonErrors& errors) noexcept : element_(element), errors_(&errors), present_(true) {}

    /// Present and not null.
    [[nodiscard]] bool exists() const noexcept { return present_ && !element_.is_null(); }
    [[nodiscard]] bool is_null() const noexcept { return present_ && element_.is_null(); }
    [[nodiscard]] bool is_array() const noexcept { return present_ && element_.is_array(); }
    [[nodiscard]] bool is_object() const noexcept { return present_ && element_.is_object(); }
    [[nodiscard]] bool is_string() const noexcept { return present_ && element_.is_string(); }

    /// A member of an object, which may be absent.
    [[nodiscard]] Json operator[](std::string_view key) const;
    /// The same for a key that is written in capital or small letters, as Go reads it.
    [[nodiscard]] Json any_case(std::string_view key) const;
    /// An element of an array, which may be absent.
    [[nodiscard]] Json at(size_t index) const;

    [[nodiscard]] std::string_view string() const;
    [[nodiscard]] bool boolean() const;
    /// A hex quantity or a plain number. Fixtures have leading zeros, and "0x" for zero.
    [[nodiscard]] uint256 quantity() const;
    /// The same, below 2^64.
    [[nodiscard]] uint64_t number() const;
    /// A plain number, or a string: hex after "0x", decimal digits otherwise. The empty string is zero.
    [[nodiscard]] uint256 hex_or_decimal() const;
    /// The same, below 2^64.
    [[nodiscard]] uint64_t hex_or_decimal64() const;
    /// Hex digits with or without "0x", an even number of them; the empty string is empty.
    [[nodiscard]] bytes data() const;
    /// Exactly T::kSize bytes of hex.
    template <typename T>
    [[nodiscard]] T fixed() const {
        const bytes value = data();
        if (value.size() == T::kSize) return fixed_from<T>(value);
        report(sized_text(T::kSize));
        return T{};
    }
    template <typename T>
    [[nodiscard]] std::optional<T> optional_fixed() const {
        return exists() ? std::optional<T>(fixed<T>()) : std::nullopt;
    }
    [[nodiscard]] std::optional<uint256> optional_quantity() const { return exists() ? std::optional(quantity()) : std::nullopt; }
    [[nodiscard]] std::optional<uint64_t> optional_number() const { return exists() ? std::optional(number()) : std::nullopt; }

    /// Number of elements; zero and a report for everything but arrays.
    [[nodiscard]] size_t size() const;

    /// visit(Json element) for every element of an array, until an error was reported.
    template <typename Visit>
    void for_each(Visit&& visit) const {
        const auto array = as_array();
        if (!array) return;
        size_t index = 0;
        for (const simdjson::dom::element element : *array) {
            if (errors_->any()) return;
            visit(child({}, index++, element));
        }
    }
    /// visit(std::string_view key, Json value) for every member of an object, until an error was reported.
    template <typename Visit>
    void for_each_member(Visit&& visit) const {
        const auto object = as_object();
        if (!object) return;
        for (const auto [key, element] : *object) {
            if (errors_->any()) return;
            visit(key, child(key, 0, element));
        }
    }

    /// Reports that this value is wrong: "path: message".
    void report(std::string_view message) const;
    [[nodiscard]] JsonErrors& errors() const noexcept { return *errors_; }

  private:
    static constexpr size_t kMaxPath = 10;

    [[nodiscard]] uint256 number_by(std::optional<uint256> (*parse)(std::string_view text), std::string_view complaint) const;

    struct Step {
        std::string_view key;  ///< data() null: an index
        size_t index = 0;
    };

    [[nodiscard]] Json child(std::string_view key, size_t index, std::optional<simdjson::dom::element> element) const;
    [[nodiscard]] std::optional<simdjson::dom::array> as_array() const;
    [[nodiscard]] std::optional<simdjson::dom::object> as_object() const;
    [[nodiscard]] std::string path() const;
    [[nodiscard]] static std::string sized_text(size_t size);

    simdjson::dom::element element_;
    JsonErrors* errors_ = nullptr;
    bool present_ = false;
    size_t depth_ = 0;
    std::array<Step, kMaxPath> steps_{};
};

/// A parsed document; its values live as long as it does.
class JsonDocument {
  public:
    /// Error: not JSON, with what simdjson says.
    [[nodiscard]] static Result<JsonDocument> parse(std::string_view text);

    [[nodiscard]] Json root() const noexcept { return {root_, *errors_}; }
    [[nodiscard]] JsonErrors& errors() const noexcept { return *errors_; }

  private:
    std::unique_ptr<simdjson::dom::parser> parser_;
    std::unique_ptr<JsonErrors> errors_;
    simdjson::dom::element root_;
};

/// An address or a hash that is the name of a member ("0x" optional); reported to `value`'s document when it is none.
template <typename T>
[[nodiscard]] T fixed_key(std::string_view key, const Json& value) {
    const auto parsed = fixed_from_hex<T>(key);
    if (!parsed) value.report("the name of this member is not hex of the right length");
    return parsed.value_or(T{});
}
[[nodiscard]] uint256 quantity_key(std::string_view key, const Json& value);

/// A hex quantity of up to 256 bits: "0x" optional, leading zeros and no digits at all allowed. nullopt: anything else.
[[nodiscard]] std::optional<uint256> parse_quantity(std::string_view text);

/// A number of up to 256 bits: hex after "0x", decimal digits otherwise; no digits are zero. nullopt: anything else.
[[nodiscard]] std::optional<uint256> parse_hex_or_decimal(std::string_view text);

/// The document with quotes around its integers of 19 digits and more, which may exceed 64 bits: difficulties and balances do.
[[nodiscard]] std::string quote_long_integers(std::string_view text);

/// Text as a JSON string, with quotes.
[[nodiscard]] std::string json_string(std::string_view text);

/// Writes the members of an object, or the elements of an array, in the order in which they are added.
class JsonItems {
  public:
    void add(std::string_view json);
    void add(std::string_view key, std::string_view json);
    [[nodiscard]] std::string object() const { return '{' + text_ + '}'; }
    [[nodiscard]] std::string array() const { return '[' + text_ + ']'; }

  private:
    std::string text_;
};

}  // namespace weft::json
