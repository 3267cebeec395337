// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

/// Two ways of doing the same, measured in turns, and what may be said of how they compare.
namespace weft::cli {

/// A median and the interval around it.
struct Estimate {
    double median = 0;
    struct Interval {
        double low;
        double high;
    };
    /// Holds the median of what the values are drawn from with a probability of at least kConfidence; nullopt: there are too few values for
    /// any interval.
    std::optional<Interval> interval;
};
inline constexpr double kConfidence = 0.95;

/// How many of the least values, and of the greatest, lie outside of the interval of `count` values; nullopt: there is none. The interval
/// between two order statistics holds the median unless too many values fall on one side of it, and on which side a value falls is the
/// toss of a coin, whatever the distribution (W. J. Conover, "Practical Nonparametric Statistics", on confidence intervals for quantiles).
[[nodiscard]] std::optional<size_t> values_outside(size_t count);

/// Of at least one value.
[[nodiscard]] Estimate estimate(std::vector<double> values);

/// Milliseconds of one execution in two ways, pair by pair; the two of a pair were measured one right after the other.
struct PairedTimes {
    std::vector<double> before_ms;
    std::vector<double> after_ms;

    [[nodiscard]] size_t size() const noexcept { return before_ms.size(); }
    /// How many times faster the second way is, pair by pair.
    [[nodiscard]] std::vector<double> ratios() const;
    /// The same as one number; nullopt: there is no pair.
    [[nodiscard]] std::optional<Estimate> speedup() const;
};

/// Of several things together, one after the other: the sums, pair by pair. All have `pairs` pairs.
[[nodiscard]] PairedTimes sum_of(std::span<const PairedTimes> all, size_t pairs);

/// Of several things alike: the geometric mean of their ratios, pair by pair. All have `pairs` pairs, and there is at least one of each.
[[nodiscard]] Estimate geometric_mean_of(std::span<const PairedTimes> all, size_t pairs);

/// Measures one way of doing something: as many executions as take the least time that a measurement should, so that what is short is not
/// lost in the clock and in chance.
///
/// Thread safety: none.
class Measurement {
  public:
    explicit Measurement(double least_ms) : least_ms_(least_ms) {}

    /// execute() executes once and returns how many milliseconds that took. Returns their mean. As many executions as the time before, and
    /// more if that is not long enough: mostly it does not depend on the times themselves when a measurement ends.
    [[nodiscard]] double measure(const std::function<double()>& execute);
    /// Executions of the last measurement.
    [[nodiscard]] size_t executions() const noexcept { return executions_; }

  private:
    double least_ms_;
    size_t executions_ = 1;
};

/// Some blocks or workloads that are looked at together.
struct Group {
    std::string name;
    std::vector<std::string> members;
};

/// From NAME=MEMBER,MEMBER,...; nullopt: it is not of that form.
[[nodiscard]] std::optional<Group> parse_group(const std::string& text);
/// For CLI11: what is wrong with such an argument; empty: nothing.
[[nodiscard]] std::string check_group(const std::string& text);
/// From arguments that nothing is wrong with.
[[nodiscard]] std::vector<Group> parse_groups(const std::vector<std::string>& texts);

/// "1.31 - 1.38", or "-" if there is no interval.
[[nodiscard]] std::string to_text(const std::optional<Estimate::Interval>& interval);
/// A pair of numbers, or null.
[[nodiscard]] std::string to_json(const std::optional<Estimate::Interval>& interval);

}  // namespace weft::cli
