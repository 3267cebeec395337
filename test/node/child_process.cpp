// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/node/child_process.hpp"

#include "weft/base/assert.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

namespace weft::test {
namespace {

[[noreturn]] void become(const std::vector<std::string>& command, const std::filesystem::path& output, const ProcessOptions& options) {
    const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(file, STDOUT_FILENO);
    ::dup2(file, STDERR_FILENO);
    if (options.file_limit) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{.rlim_cur = *options.file_limit, .rlim_max = *options.file_limit};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    std::vector<char*> arguments;
    for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
}

}  // namespace

Ended run_process(const std::vector<std::string>& command, const std::filesystem::path& scratch, const ProcessOptions& options) {
    const auto output = scratch / "output";
    const pid_t child = ::fork();
    WEFT_ASSERT(child >= 0);
    if (child == 0) become(command, output, options);
    if (options.kill_after) {
        // How far the child gets in this time is what is left to chance.
        std::this_thread::sleep_for(*options.kill_after);
        ::kill(child, SIGKILL);
    }
    if (options.meanwhile) options.meanwhile(child);
    int status = 0;
    ::waitpid(child, &status, 0);
    std::ifstream text(output, std::ios::binary);
    Ended ended{.exit_code = std::nullopt, .signal = 0, .output = {std::istreambuf_iterator<char>(text), {}}};
    if (WIFEXITED(status)) ended.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) ended.signal = WTERMSIG(status);
    WEFT_ASSERT(ended.exit_code != 127);
    return ended;
}

}  // namespace weft::test
