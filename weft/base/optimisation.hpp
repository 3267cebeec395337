// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What makes execution faster and may never change a result, each with a name. A build with WEFT_PLAIN (preset `plain`) does
/// without any of it: the official tests judge the straight way of doing the same.
namespace weft::optimisation {

#if defined(WEFT_PLAIN)
inline constexpr bool kEnabled = false;
#else
inline constexpr bool kEnabled = true;
#endif

/// 256-bit arithmetic has short cuts for operands that are narrow, powers of two or special in another way.
inline constexpr bool kSpecialOperands = kEnabled;
/// Long division goes limb by limb with a reciprocal, not bit by bit.
inline constexpr bool kReciprocals = kEnabled;
/// MULMOD keeps the reciprocal of a modulus that comes again.
inline constexpr bool kRepeatedModulus = kEnabled;
/// KECCAK256 remembers the hashes of 64 bytes that a transaction asked for.
inline constexpr bool kRepeatedHashes = kEnabled;
/// The filters of logs remember the bits of elements.
inline constexpr bool kRepeatedLogElements = kEnabled;
/// A jump destination is looked into when it is jumped to, not found by a walk over the code.
inline constexpr bool kLazyJumpDestinations = kEnabled;
/// That walk looks at 64 bytes at a time, not at one instruction.
inline constexpr bool kJumpDestinationMasks = kEnabled;
/// Instructions have fast bodies for the usual case, before the slow ones.
inline constexpr bool kFastBodies = kEnabled;
/// A jump executes the JUMPDEST that it arrives at.
inline constexpr bool kJumpWithDestination = kEnabled;
/// Hashes and curves use instructions that not every processor of the family has.
inline constexpr bool kProcessorExtensions = kEnabled;

}  // namespace weft::optimisation
