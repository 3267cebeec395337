// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::test {

/// A JSON document that can be changed and compared. Two are equal when they hold the same values under the same names, in any order of
/// the names.
struct JsonValue {
    enum class Kind : uint8_t { null, boolean, number, string, array, object };
    Kind kind = Kind::null;
    /// Of a string its text, of a number or boolean what JSON writes.
    std::string text{};
    std::vector<JsonValue> items{};
    std::map<std::string, JsonValue> members{};

    friend bool operator==(const JsonValue&, const JsonValue&) = default;

    [[nodiscard]] static JsonValue of_string(std::string text) { return {.kind = Kind::string, .text = std::move(text)}; }
    [[nodiscard]] bool is_null() const noexcept { return kind == Kind::null; }
    [[nodiscard]] bool has(const std::string& name) const { return members.contains(name); }
};

/// nullopt: the text is not JSON.
[[nodiscard]] inline std::optional<JsonValue> parse_json(std::string_view text);

namespace json_value {

inline JsonValue convert(simdjson::dom::element element) {
    JsonValue value;
    switch (element.type()) {
        case simdjson::dom::element_type::NULL_VALUE:
            break;
        case simdjson::dom::element_type::STRING:
            value.kind = JsonValue::Kind::string;
            value.text = std::string_view(element.get_string().value_unsafe());
            break;
        case simdjson::dom::element_type::ARRAY:
            value.kind = JsonValue::Kind::array;
            for (const auto item : element.get_array().value_unsafe()) value.items.push_back(convert(item));
            break;
        case simdjson::dom::element_type::OBJECT:
            value.kind = JsonValue::Kind::object;
            for (const auto [name, member] : element.get_object().value_unsafe()) value.members[std::string(name)] = convert(member);
            break;
        case simdjson::dom::element_type::BOOL:
            value.kind = JsonValue::Kind::boolean;
            value.text = simdjson::minify(element);
            break;
        default:
            value.kind = JsonValue::Kind::number;
            value.text = simdjson::minify(element);
    }
    return value;
}

}  // namespace json_value

std::optional<JsonValue> parse_json(std::string_view text) {
    simdjson::dom::parser parser;
    simdjson::dom::element root;
    if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
    return json_value::convert(root);
}

/// JSON again; strings are taken to need no escapes but those of quotes and backslashes.
[[nodiscard]] inline std::string to_json(const JsonValue& value) {
    const auto quoted = [](std::string_view text) {
        std::string result = "\"";
        for (const char c : text) {
            if (c == '"' || c == '\\') result += '\\';
            result += c;
        }
        return result + '"';
    };
    std::string text;
    switch (value.kind) {
        case JsonValue::Kind::null:
            return "null";
        case JsonValue::Kind::boolean:
        case JsonValue::Kind::number:
            return value.text;
        case JsonValue::Kind::string:
            return quoted(value.text);
        case JsonValue::Kind::array:
            for (const JsonValue& item : value.items) text += (text.empty() ? "" : ",") + to_json(item);
            return '[' + text + ']';
        case JsonValue::Kind::object:
            for (const auto& [name, member] : value.members) text += (text.empty() ? "" : ",") + quoted(name) + ':' + to_json(member);
            return '{' + text + '}';
    }
    return {};
}

/// Where two documents differ first, with both values; empty: nowhere.
[[nodiscard]] inline std::string first_difference(const JsonValue& expected, const JsonValue& found, const std::string& path = "") {
    if (expected == found) return {};
    if (expected.kind == JsonValue::Kind::object && found.kind == JsonValue::Kind::object) {
        for (const auto& [name, member] : expected.members) {
            const auto other = found.members.find(name);
            if (other == found.members.end()) return path + '/' + name + ": missing, expected " + to_json(member);
            if (auto difference = first_difference(member, other->second, path + '/' + name); !difference.empty()) return difference;
        }
        for (const auto& [name, member] : found.members)
            if (!expected.has(name)) return path + '/' + name + ": not expected, found " + to_json(member);
    }
    if (expected.kind == JsonValue::Kind::array && found.kind == JsonValue::Kind::array && expected.items.size() == found.items.size())
        for (size_t i = 0; i < expected.items.size(); ++i)
            if (auto difference = first_difference(expected.items[i], found.items[i], path + '/' + std::to_string(i)); !difference.empty())
                return difference;
    return path + ": expected " + to_json(expected) + ", found " + to_json(found);
}

/// The value at "/env/ommers/0", made where it is not there.
inline JsonValue& at_path(JsonValue& root, std::string_view path) {
    JsonValue* value = &root;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::string name(path.substr(0, path.find('/')));
        path.remove_prefix(name.size());
        if (value->kind == JsonValue::Kind::array) {
            value = &value->items.at(std::stoul(name));
        } else {
            value->kind = JsonValue::Kind::object;
            value = &value->members[name];
        }
    }
    return *value;
}

}  // namespace weft::test
