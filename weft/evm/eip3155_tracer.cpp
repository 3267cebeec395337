// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/eip3155_tracer.hpp"

#include "weft/base/hex.hpp"

namespace weft::evm {

namespace {

std::string hex_gas(int64_t gas) { return to_hex_quantity(static_cast<uint64_t>(gas)); }

std::string without_prefix(bytes_view data) { return data.empty() ? std::string{} : to_hex(data).substr(2); }

}  // namespace

void Eip3155Tracer::on_step(const StepTrace& step) {
    line_ = R"({"pc":)" + std::to_string(step.pc);
    line_ += R"(,"op":)" + std::to_string(step.opcode);
    line_ += R"(,"gas":")" + hex_gas(step.gas);
    line_ += R"(","gasCost":")" + hex_gas(step.gas_cost);
    line_ += R"(","memSize":)" + std::to_string(step.memory_size);
    line_ += R"(,"stack":[)";
    for (const uint256& word : step.stack) {
        if (line_.back() != '[') line_ += ',';
        line_ += '"' + to_hex_quantity(word) + '"';
    }
    line_ += R"(],"depth":)" + std::to_string(step.depth);
    if (!step.return_data.empty()) line_ += R"(,"returnData":")" + to_hex(step.return_data) + '"';
    line_ += R"(,"refund":)" + std::to_string(step.refund);
    line_ += R"(,"opName":")";
    line_ += step.name;
    line_ += '"';
    append_error(step.error.value_or(Status::success));
    sink_(line_ += '}');
}

void Eip3155Tracer::on_enter(const EnterTrace& frame) {
    if (frame.depth == 1) gas_at_start_ = frame.gas;
}

void Eip3155Tracer::on_exit(const ExitTrace& frame) {
    if (frame.depth != 1) return;
    line_ = R"({"output":")" + without_prefix(frame.output);
    line_ += R"(","gasUsed":")" + hex_gas(gas_at_start_ - frame.gas_left) + '"';
    append_error(frame.status);
    sink_(line_ += '}');
}

void Eip3155Tracer::append_error(Status status) {
    if (status == Status::success) return;
    line_ += R"(,"error":")";
    line_ += to_string(status);
    line_ += '"';
}

}  // namespace weft::evm
