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
/// KECCAK256 remembers the hashes of 64 bytes that were asked for last.
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

/// A payment to an account without code is executed without the machine and without a journal.
inline constexpr bool kPlainPayments = kEnabled;

/// A block of nothing but such payments is executed account by account (weft/execution/parallel/payments.hpp).
inline constexpr bool kPaymentsByAccount = kEnabled;

/// Such payments that follow each other in another block are executed as one (weft/execution/parallel/payment_run.hpp).
inline constexpr bool kRunsOfPayments = kEnabled;

/// Hash tables are emptied by counting the epochs of their entries, not by going through them.
inline constexpr bool kTableEpochs = kEnabled;
/// The accounts that a transaction meets first, and the account whose storage was read last, are found without hashing.
inline constexpr bool kNearAccounts = kEnabled;

/// To compare a balance is to learn a range that it lies in, not what it is.
inline constexpr bool kBalanceRanges = kEnabled;
/// Credits to accounts that are paid often are summed up and published once.
inline constexpr bool kDeferredCredits = kEnabled;
/// So are additions to slots that transactions add to without looking.
inline constexpr bool kDeferredAdditions = kEnabled;
/// What began on final state is not validated.
inline constexpr bool kExactAttempts = kEnabled;
/// A location that has not changed since it was read is not read again to validate.
inline constexpr bool kChangeCounts = kEnabled;
/// A slot that transactions add to without looking is put right when another value was there, without executing them again.
inline constexpr bool kCommutativeSlots = kEnabled;
/// What a slot to which each transaction adds the same will be is reckoned, where those before have not finished.
inline constexpr bool kForetoldCounters = kEnabled;
/// What a transaction stores in a slot that others wait for is seen before it ends.
inline constexpr bool kEarlyStores = kEnabled;

}  // namespace weft::optimisation
