// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/t8n/traces.hpp"

#include "weft/base/hex.hpp"
#include "weft/json/json.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace weft::t8n {

Traces::Traces(TraceOptions options, std::filesystem::path folder)
    : options_(options), folder_(std::move(folder)), tracer_([this](std::string_view line) { write(line); }) {}

Watch Traces::watch() {
    if (!options_.files && !options_.count_opcodes) return {};
    return [this](size_t index, const hash32& transaction_hash) {
        begin(index, transaction_hash);
        return this;
    };
}

/// A transaction that is rejected writes nothing: the next one takes its number.
void Traces::begin(size_t index, const hash32& transaction_hash) {
    close();
    path_ = folder_ / fmt::format("trace-{}-{}.jsonl", index, to_hex(transaction_hash));
}

void Traces::write(std::string_view line) {
    if (failed_) return;
    if (!file_) file_.reset(std::fopen(path_.c_str(), "w"));
    const bool written =
        file_ && std::fwrite(line.data(), 1, line.size(), file_.get()) == line.size() && std::fputc('\n', file_.get()) != EOF;
    if (!written) failed_ = path_.string();
}

void Traces::close() {
    if (file_ && std::fclose(file_.release()) != 0 && !failed_) failed_ = path_.string();
}

void Traces::on_step(const evm::StepTrace& step) {
    ++counts_[step.opcode];
    if (!options_.files) return;
    evm::StepTrace shown = step;
    if (!options_.return_data) shown.return_data = {};
    if (!options_.stack) shown.stack = {};
    tracer_.on_step(shown);
}

void Traces::on_enter(const evm::EnterTrace& frame) {
    if (options_.files) tracer_.on_enter(frame);
}

void Traces::on_exit(const evm::ExitTrace& frame) {
    if (options_.files) tracer_.on_exit(frame);
}

Outcome<void> Traces::finish() {
    close();
    if (failed_) return fail(ExitCode::io, fmt::format("{}: cannot be written", *failed_));
    return {};
}

std::string Traces::opcode_counts_json() const {
    std::map<std::string_view, uint64_t> by_name;
    for (unsigned opcode = 0; opcode < counts_.size(); ++opcode)
        if (counts_[opcode] != 0) by_name[evm::opcode_name(static_cast<uint8_t>(opcode))] += counts_[opcode];
    json::JsonItems json;
    for (const auto& [name, count] : by_name) json.add(name, fmt::format("{}", count));
    return json.object();
}

}  // namespace weft::t8n
