// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/t8n/tool.hpp"

#include "weft/base/hex.hpp"
#include "weft/fixtures/file.hpp"
#include "weft/fixtures/json_types.hpp"
#include "weft/json/json.hpp"
#include "weft/t8n/alloc.hpp"
#include "weft/t8n/output.hpp"

#include <fmt/format.h>

#include <deque>
#include <optional>
#include <system_error>
#include <utility>

namespace weft::t8n {
namespace {

using json::Json;
using json::JsonDocument;
using json::JsonItems;

constexpr std::string_view kStandardInput = "stdin";

/// The documents that the inputs come from, for as long as values of them are read.
class Inputs {
  public:
    explicit Inputs(const ReadInput& read) : read_(read) {}

    /// The document of one input: a file, or that member of standard input.
    struct Source {
        Json json;
        std::string name;  ///< For errors.
    };
    Outcome<Source> open(const std::string& where, std::string_view member) {
        if (where != kStandardInput) {
            auto text = fixtures::read_file(where);
            if (!text) return fail(ExitCode::io, text.error().message);
            const auto json = parse(*std::move(text), where);
            if (!json) return std::unexpected(json.error());
            return Source{*json, where};
        }
        if (!standard_input_) {
            auto text = read_();
            if (!text) return fail(ExitCode::io, text.error().message);
            const auto json = parse(*std::move(text), std::string(kStandardInput));
            if (!json) return std::unexpected(json.error());
            if (!json->is_object()) return fail(ExitCode::json, "stdin: not an object");
            standard_input_ = *json;
        }
        return Source{(*standard_input_)[member], std::string(kStandardInput)};
    }

  private:
    Outcome<Json> parse(std::string text, const std::string& name) {
        texts_.push_back(std::move(text));
        auto document = JsonDocument::parse(texts_.back());
        if (!document) return fail(ExitCode::json, fmt::format("{}: {}", name, document.error().message));
        documents_.push_back(*std::move(document));
        return documents_.back().root();
    }

    const ReadInput& read_;
    std::deque<std::string> texts_;
    std::deque<JsonDocument> documents_;
    std::optional<Json> standard_input_;
};

/// read(Json) of an input; what it reported fails the run.
template <typename Read>
auto read_input(Inputs& inputs, const std::string& where, std::string_view member, Read&& read) -> Outcome<decltype(read(Json{}))> {
    const auto source = inputs.open(where, member);
    if (!source) return std::unexpected(source.error());
    auto value = read(source->json);
    if (source->json.errors().any()) return fail(ExitCode::json, fmt::format("{}: {}", source->name, source->json.errors().first()));
    return value;
}

Outcome<std::vector<Candidate>> read_candidates(Inputs& inputs, const Options& options) {
    const std::string& where = options.input_transactions;
    auto list = inputs.open(where, "txs");
    if (!list) return std::unexpected(list.error());
    if (where == kStandardInput && !list->json.exists()) {
        auto encoded = inputs.open(where, "txsRlp");
        if (encoded->json.exists()) list = std::move(encoded);
    }
    std::optional<bytes> body;
    std::vector<types::Transaction> transactions;
    if (list->json.is_string() || where.ends_with(".rlp"))
        body = list->json.data();
    else
        transactions = read_transactions(list->json, options.chain_id);
    if (list->json.errors().any()) return fail(ExitCode::json, fmt::format("{}: {}", list->name, list->json.errors().first()));
    if (body) return decode_transactions(*body);
    return std::vector<Candidate>(std::make_move_iterator(transactions.begin()), std::make_move_iterator(transactions.end()));
}

Outcome<std::optional<types::BlobSchedule>> read_blob_parameters(Inputs& inputs, const Options& options) {
    const bool from_standard_input =
        options.input_alloc == kStandardInput || options.input_env == kStandardInput || options.input_transactions == kStandardInput;
    const std::string where =
        options.input_blob_parameters.empty() && from_standard_input ? std::string(kStandardInput) : options.input_blob_parameters;
    if (where.empty()) return std::nullopt;
    return read_input(inputs, where, "blobParams",
                      [](const Json& json) { return json.exists() ? std::optional(fixtures::read_blob_schedule(json)) : std::nullopt; });
}

/// Collects what is printed and writes what goes to files.
class Outputs {
  public:
    explicit Outputs(const Options& options) : options_(options) {}

    Outcome<void> put(const std::string& where, std::string_view name, const std::string& json) {
        if (where.empty()) return {};
        if (where == "stdout" || where == "stderr") {
            (where == "stdout" ? standard_output_ : standard_error_).add(name, json);
            return {};
        }
        const auto written = fixtures::write_file(options_.base_folder / where, json + '\n');
        if (!written) return fail(ExitCode::io, written.error().message);
        return {};
    }

    [[nodiscard]] Printed printed() const {
        const auto text = [](const JsonItems& items) {
            std::string object = items.object();
            return object == "{}" ? std::string() : object + '\n';
        };
        return {.standard_output = text(standard_output_), .standard_error = text(standard_error_)};
    }

  private:
    const Options& options_;
    JsonItems standard_output_;
    JsonItems standard_error_;
};

Outcome<Printed> write(const Options& options, const Environment& environment, TransitionResult& result, const Traces& traces) {
    Outputs outputs(options);
    if (auto put = outputs.put(options.output_alloc, "alloc", alloc_json(result.state)); !put) return std::unexpected(put.error());
    if (auto put = outputs.put(options.output_result, "result", result_json(environment, result)); !put)
        return std::unexpected(put.error());
    const std::string body = json::json_string(to_hex(encode_body(result.transactions)));
    if (auto put = outputs.put(options.output_body, "body", body); !put) return std::unexpected(put.error());
    if (auto put = outputs.put(options.output_opcode_counts, "opcodeCount", traces.opcode_counts_json()); !put)
        return std::unexpected(put.error());
    return outputs.printed();
}

Outcome<void> create_folder(const std::filesystem::path& folder) {
    if (folder.empty()) return {};
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) return fail(ExitCode::io, fmt::format("{}: cannot be created: {}", folder.string(), error.message()));
    return {};
}

}  // namespace

Outcome<Printed> run_tool(const Options& options, const ReadInput& read_standard_input) {
    if (const auto created = create_folder(options.base_folder); !created) return std::unexpected(created.error());
    Inputs inputs(read_standard_input);
    auto alloc = read_input(inputs, options.input_alloc, "alloc", read_alloc);
    if (!alloc) return std::unexpected(alloc.error());
    const auto environment = read_input(inputs, options.input_env, "env", read_environment);
    if (!environment) return std::unexpected(environment.error());
    const auto blobs = read_blob_parameters(inputs, options);
    if (!blobs) return std::unexpected(blobs.error());
    const auto fork = Fork::of(options.fork, options.chain_id, *blobs);
    if (!fork) return std::unexpected(fork.error());
    const auto transactions = read_candidates(inputs, options);
    if (!transactions) return std::unexpected(transactions.error());

    TraceOptions trace_options = options.traces;
    trace_options.count_opcodes |= !options.output_opcode_counts.empty();
    Traces traces(trace_options, options.base_folder);
    auto result = run({.environment = &*environment,
                       .fork = &*fork,
                       .transactions = *transactions,
                       .state = *std::move(alloc),
                       .reward = options.reward < 0 ? std::nullopt : std::optional(static_cast<uint64_t>(options.reward)),
                       .watch = traces.watch()});
    if (!result) return std::unexpected(result.error());
    if (const auto traced = traces.finish(); !traced) return std::unexpected(traced.error());
    return write(options, *environment, *result, traces);
}

}  // namespace weft::t8n
