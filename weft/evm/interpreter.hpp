// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/context.hpp"

namespace weft::evm {

/// Runs the frame from where it rests until it ends, enters a child or is blocked; never Step::next. The registers rest in the
/// frame again afterwards, before the instruction when it is blocked and behind it otherwise.
Step interpret(Frame& frame);

/// The same where a slot is relative (state::RelativeSlot): goes on as long as a word on the stack is, then gives Step::next.
Step interpret_relative(Frame& frame);

/// As interpret(), reporting every instruction to Context::trace.
Step interpret_traced(Frame& frame);

}  // namespace weft::evm
