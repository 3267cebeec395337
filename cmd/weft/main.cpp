// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/allocator.hpp"
#include "cmd/weft/commands.hpp"

int main(int argc, char** argv) {
    weft::cli::set_up_allocator();
    int exit_code = weft::cli::kSuccess;
    CLI::App application("weft executes Ethereum blocks in parallel, with the result of executing them in order.", "weft");
    application.set_version_flag("--version", "weft " WEFT_VERSION);
    application.require_subcommand(1);
    application.footer(
        "`weft COMMAND --help` shows the options of a command, with examples.\n"
        "Exit code: 0 all well, 1 a test failed or a block differs, 2 wrong usage or bad input, 3 stopped by a signal; t8n has others.");
    weft::cli::add_replay(application, exit_code);
    weft::cli::add_bench(application, exit_code);
    weft::cli::add_hints(application, exit_code);
    weft::cli::add_statetest(application, exit_code);
    weft::cli::add_blocktest(application, exit_code);
    weft::cli::add_t8n(application, exit_code);
    weft::cli::add_import(application, exit_code);
    weft::cli::add_db(application, exit_code);
    try {
        application.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // --help and --version arrive here too.
        return application.exit(error) == 0 ? weft::cli::kSuccess : weft::cli::kBadInput;
    }
    return exit_code;
}
