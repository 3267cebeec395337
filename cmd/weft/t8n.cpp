// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/commands.hpp"
#include "weft/t8n/fork.hpp"
#include "weft/t8n/tool.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <iterator>
#include <memory>

namespace weft::cli {
namespace {

constexpr const char* kExamples = R"(Examples:
  weft t8n --state.fork=Cancun --input.alloc=alloc.json --input.env=env.json --input.txs=txs.json
  weft t8n --state.fork=Prague --input.txs=signed.rlp --output.basedir=out --output.body=body.rlp --trace
  weft t8n --state.fork=Shanghai --input.alloc=stdin --input.env=stdin --input.txs=stdin \
      --output.alloc=stdout --output.result=stdout --output.body=stdout <input.json

Applies transactions to a state, without a block around them: a transaction that breaks a rule is rejected, and the others are applied.
Inputs and outputs are those of geth's `evm t8n`. With "stdin", the input is a member (alloc, env, txs or txsRlp, blobParams) of one JSON
object; what goes to "stdout" or "stderr" is a member of one there. Rewards are paid before Paris only.

Exit code: 0 all well, 2 wrong usage, or the block cannot be finished (a system contract is missing), 3 the fork is unknown or env lacks
something that it needs, 4 a block hash that is not in env was asked for, 10 bad JSON, 11 a file cannot be read or written, 12 bad RLP.)";

struct Flags {
    t8n::Options options;
    bool no_memory = false;
    bool memory = false;
    bool no_stack = false;
    bool no_return_data = false;
    int verbosity = 0;
};

Result<std::string> read_standard_input() {
    std::string text;
    char buffer[1 << 16];
    while (const size_t count = std::fread(buffer, 1, sizeof buffer, stdin)) text.append(buffer, count);
    if (std::ferror(stdin) != 0) return fail("stdin: cannot be read");
    return text;
}

int run(const t8n::Options& options) {
    const auto printed = t8n::run_tool(options, read_standard_input);
    if (!printed) {
        const int code = static_cast<int>(printed.error().code);
        fmt::print(stderr, "ERROR({}): {}\n", code, printed.error().message);
        return code;
    }
    fmt::print("{}", printed->standard_output);
    fmt::print(stderr, "{}", printed->standard_error);
    return kSuccess;
}

void add_inputs(CLI::App& command, t8n::Options& options) {
    command.add_option("--input.alloc", options.input_alloc, "`stdin` or the file of the state before")->capture_default_str();
    command.add_option("--input.env", options.input_env, "`stdin` or the file of the block's environment")->capture_default_str();
    command
        .add_option("--input.txs", options.input_transactions,
                    "`stdin` or the file of the transactions; signed ones in RLP, as a JSON string of hex, in one that ends in .rlp")
        ->capture_default_str();
    command.add_option("--input.blobParams", options.input_blob_parameters,
                       "`stdin` or a file with {target, max, baseFeeUpdateFraction}, in place of the fork's");
}

void add_outputs(CLI::App& command, t8n::Options& options) {
    command.add_option("--output.basedir", options.base_folder, "Folder of output files; created if need be");
    command.add_option("--output.alloc", options.output_alloc, "`stdout`, `stderr` or the file of the state after")->capture_default_str();
    command.add_option("--output.result", options.output_result, "`stdout`, `stderr` or the file of roots, receipts and rejections")
        ->capture_default_str();
    command.add_option("--output.body", options.output_body, "`stdout`, `stderr` or the file of the applied transactions in RLP");
}

void add_traces(CLI::App& command, Flags& flags) {
    command.add_flag("--trace", flags.options.traces.files,
                     "Write the instructions of each transaction to trace-INDEX-HASH.jsonl (EIP-3155)");
    command.add_flag("--trace.returndata", flags.options.traces.return_data, "Traces show what calls returned");
    command.add_flag("--trace.nostack", flags.no_stack, "Traces show no stack");
    command.add_flag("--trace.nomemory", flags.no_memory, "Accepted; traces never show memory");
    command.add_flag("--trace.memory", flags.memory, "Refused, for the same reason");
    command.add_flag("--trace.noreturndata", flags.no_return_data, "Accepted; the default");
    command.add_option("--opcode.count", flags.options.output_opcode_counts, "File for the number of executions of each instruction");
}

}  // namespace

void add_t8n(CLI::App& application, int& exit_code) {
    auto flags = std::make_shared<Flags>();
    t8n::Options& options = flags->options;
    CLI::App* command = application.add_subcommand("t8n", "Apply transactions to a state (state transition tool)");
    add_inputs(*command, options);
    add_outputs(*command, options);
    command
        ->add_option("--state.fork", options.fork,
                     fmt::format("Rules: {}, or a transition such as BerlinToLondonAt5 or CancunToPragueAtTime15k; "
                                 "+EIP may follow where the fork has that EIP",
                                 fmt::join(t8n::fork_names(), ", ")))
        ->capture_default_str();
    command->add_option("--state.chainid", options.chain_id, "Chain id")->capture_default_str();
    command->add_option("--state.reward", options.reward, "Reward of the block in wei; -1: none, and nobody is touched")
        ->capture_default_str();
    add_traces(*command, *flags);
    command->add_option("--verbosity", flags->verbosity, "Accepted; nothing but results and errors is printed");
    command->footer(kExamples);
    command->callback([flags, &exit_code] {
        if (flags->memory) {
            fmt::print(stderr, "weft t8n: --trace.memory: traces never show memory\n");
            exit_code = kBadInput;
            return;
        }
        flags->options.traces.stack = !flags->no_stack;
        exit_code = run(flags->options);
    });
}

}  // namespace weft::cli
