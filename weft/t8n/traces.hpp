// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/eip3155_tracer.hpp"
#include "weft/t8n/failure.hpp"
#include "weft/t8n/transition.hpp"

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace weft::t8n {

struct TraceOptions {
    /// Write `trace-INDEX-HASH.jsonl` for each transaction (EIP-3155).
    bool files = false;
    /// With what calls returned.
    bool return_data = false;
    /// With the stack; without, it looks empty.
    bool stack = true;
    /// Count the instructions by name.
    bool count_opcodes = false;
};

/// Watches all transactions of one run.
class Traces final : public evm::TraceSink {
  public:
    Traces(TraceOptions options, std::filesystem::path folder);

    /// For Transition::watch; this outlives it. null: nobody wants to know anything.
    [[nodiscard]] Watch watch();

    void on_step(const evm::StepTrace& step) override;
    void on_enter(const evm::EnterTrace& frame) override;
    void on_exit(const evm::ExitTrace& frame) override;

    /// Closes the last file. ExitCode::io: one of them could not be written.
    [[nodiscard]] Outcome<void> finish();

    /// {"PUSH1": 2, ...}
    [[nodiscard]] std::string opcode_counts_json() const;

  private:
    struct Close {
        void operator()(std::FILE* file) const noexcept { static_cast<void>(std::fclose(file)); }
    };

    void begin(size_t index, const hash32& transaction_hash);
    void write(std::string_view line);
    void close();

    TraceOptions options_;
    std::filesystem::path folder_;
    evm::Eip3155Tracer tracer_;
    std::filesystem::path path_;
    std::unique_ptr<std::FILE, Close> file_;  ///< Of the transaction that executes; opened for its first line.
    std::optional<std::string> failed_;       ///< The first file that could not be written.
    std::array<uint64_t, 256> counts_{};
};

}  // namespace weft::t8n
