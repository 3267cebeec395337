// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/context.hpp"

namespace weft::evm {

/// Runs the precompile of the frame on top to its end: Frame::status and output say how.
void run_precompile(Frame& frame);

/// The frame on top has ended: gives its account the code it returned (a creation), undoes what a failure leaves, and
/// keeps its output in Context::return_data. Frame::gas is what goes back to the caller.
void settle_frame(Frame& frame);

/// Pops the settled frame on top and gives its caller the result.
void return_to_caller(Context& context);

}  // namespace weft::evm
