// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/chrome_trace.hpp"

#include "weft/state/state.hpp"

#include <gtest/gtest.h>

#include <simdjson.h>

#include <map>
#include <string>
#include <vector>

namespace weft::cli {
namespace {

using execution::Timeline;
using Kind = Timeline::Kind;
using Outcome = Timeline::Outcome;
using Object = simdjson::dom::element;

constexpr address kContract = address_of(0xc0de);

/// What two workers do with three transactions: 1 waits for 0 and goes on in the other worker, 2 has to be executed again.
class ChromeTraceTest : public testing::Test {
  protected:
    ChromeTraceTest() {
        transactions_.resize(3);
        transactions_[0].to = kContract;
        transactions_[1].to = kContract;
        const Timeline::Location slot{.account = kContract, .slot = uint256{0x10}};
        Timeline::Track& first = timeline_.track(0);
        first.add({.begin = 5'000, .end = 6'500, .kind = Kind::prepare}, {});
        first.add({.begin = 7'000, .end = 9'000, .kind = Kind::execute, .transaction = 0}, {});
        first.add({.begin = 9'000, .end = 9'100, .kind = Kind::validate, .transaction = 0}, {});
        first.add({.begin = 9'000, .end = 9'200, .kind = Kind::commit, .transaction = 0}, {});
        first.add({.begin = 9'300, .end = 9'900, .kind = Kind::resume, .transaction = 1}, {});
        Timeline::Track& second = timeline_.track(1);
        second.add({.begin = 5'000, .end = 7'100, .kind = Kind::wait}, {});
        second.add({.begin = 7'100, .end = 8'000, .kind = Kind::execute, .outcome = Outcome::parked, .transaction = 1, .other = 0}, {});
        second.add({.begin = 8'000, .end = 8'500, .kind = Kind::execute, .transaction = 2}, {});
        second.add({.begin = 9'910, .end = 9'920, .kind = Kind::validate, .outcome = Outcome::conflict, .transaction = 2}, {});
        second.add({.begin = 9'930, .end = 9'990, .kind = Kind::repeat, .transaction = 2, .other = 1}, slot);
        second.add({.begin = 9'905, .end = 9'995, .kind = Kind::commit, .transaction = 2}, {});
        second.dropped = 4;
        trace_.add("a \"block\"", transactions_, timeline_);
        read();
    }

    void read() {
        text_ = trace_.json();
        root_ = parser_.parse(text_).value();
        events_.clear();
        for (const Object event : root_["traceEvents"].get_array()) events_.push_back(event);
    }

    static std::string string(Object object, std::string_view key) { return std::string(object[key].get_string().value()); }

    /// The one slice of that name.
    Object slice(std::string_view name) const {
        std::optional<Object> found;
        for (const Object event : events_) {
            if (string(event, "ph") != "X" || string(event, "name") != name) continue;
            EXPECT_FALSE(found) << name << " is there twice";
            found = event;
        }
        EXPECT_TRUE(found) << name << " is missing";
        return found.value();
    }

    std::vector<types::Transaction> transactions_;
    Timeline timeline_{2};
    ChromeTrace trace_;
    std::string text_;
    simdjson::dom::parser parser_;
    Object root_;
    std::vector<Object> events_;
};

TEST_F(ChromeTraceTest, a_slice_says_who_did_what_when) {
    const Object execution = slice("tx 0");
    EXPECT_EQ(execution["pid"].get_uint64().value(), 1);
    EXPECT_EQ(execution["tid"].get_uint64().value(), 1);
    EXPECT_DOUBLE_EQ(execution["ts"].get_double().value(), 2.0);
    EXPECT_DOUBLE_EQ(execution["dur"].get_double().value(), 2.0);
    EXPECT_EQ(string(execution, "cat"), "execute");
    EXPECT_EQ(execution["args"]["transaction"].get_uint64().value(), 0);
    EXPECT_EQ(execution["args"]["incarnation"].get_uint64().value(), 1);
    EXPECT_EQ(string(execution["args"], "to"), "0x000000000000000000000000000000000000c0de");
    EXPECT_EQ(string(execution["args"], "outcome"), "finished");
    EXPECT_DOUBLE_EQ(slice("prepare")["ts"].get_double().value(), 0.0);
    EXPECT_DOUBLE_EQ(slice("wait")["dur"].get_double().value(), 2.1);
    EXPECT_TRUE(slice("tx 2")["args"]["to"].is_null());
}

TEST_F(ChromeTraceTest, a_repetition_names_the_conflict) {
    EXPECT_EQ(string(slice("validate tx 2")["args"], "outcome"), "conflict");
    EXPECT_EQ(string(slice("validate tx 0")["args"], "outcome"), "holds");
    const Object arguments = slice("repeat tx 2")["args"];
    EXPECT_EQ(arguments["incarnation"].get_uint64().value(), 2);
    EXPECT_EQ(string(arguments["conflict"], "account"), "0x000000000000000000000000000000000000c0de");
    EXPECT_EQ(string(arguments["conflict"], "slot"), "0x10");
    EXPECT_EQ(arguments["last_writer"].get_uint64().value(), 1);
}

TEST_F(ChromeTraceTest, a_conflict_of_an_account_names_the_fields) {
    timeline_.clear();
    const Timeline::Location account{
        .account = kContract, .slot = {}, .aspects = state::kObservedNonce | state::kObservedBalance | state::kObservedFunds};
    timeline_.track(0).add({.begin = 1, .end = 2, .kind = Kind::repeat, .transaction = 1}, account);
    trace_.add("another", transactions_, timeline_);
    read();
    const Object repetition = slice("repeat tx 1");
    EXPECT_EQ(repetition["pid"].get_uint64().value(), 2);
    EXPECT_EQ(string(repetition["args"]["conflict"], "fields"), "nonce, balance, enough balance");
    EXPECT_TRUE(repetition["args"]["last_writer"].error());
}

TEST_F(ChromeTraceTest, an_arrow_leads_from_parking_to_going_on) {
    EXPECT_EQ(slice("tx 1")["args"]["waits_for"].get_uint64().value(), 0);
    EXPECT_EQ(string(slice("tx 1")["args"], "outcome"), "parked");
    EXPECT_EQ(slice("resume tx 1")["args"]["incarnation"].get_uint64().value(), 1);
    std::map<std::string, Object> ends;
    for (const Object event : events_)
        if (const std::string type = string(event, "ph"); type == "s" || type == "f") EXPECT_TRUE(ends.emplace(type, event).second);
    ASSERT_EQ(ends.size(), 2);
    EXPECT_EQ(ends.at("s")["id"].get_uint64().value(), ends.at("f")["id"].get_uint64().value());
    // Within both slices.
    EXPECT_EQ(ends.at("s")["tid"].get_uint64().value(), 2);
    EXPECT_DOUBLE_EQ(ends.at("s")["ts"].get_double().value(), 2.999);
    EXPECT_EQ(ends.at("f")["tid"].get_uint64().value(), 1);
    EXPECT_DOUBLE_EQ(ends.at("f")["ts"].get_double().value(), 4.3);
}

TEST_F(ChromeTraceTest, blocks_and_workers_have_names) {
    std::vector<std::string> names;
    for (const Object event : events_)
        if (string(event, "ph") == "M") names.push_back(string(event, "name") + ": " + string(event["args"], "name"));
    EXPECT_EQ(names, (std::vector<std::string>{"process_name: a \"block\"", "thread_name: worker 0",
                                               "thread_name: worker 1, without its last 4 events"}));
}

TEST_F(ChromeTraceTest, slices_stand_in_the_order_of_time_the_enclosing_first) {
    double last = 0;
    for (const Object event : events_) {
        if (string(event, "ph") != "X") continue;
        EXPECT_GE(event["ts"].get_double().value(), last);
        last = event["ts"].get_double().value();
    }
    EXPECT_LT(text_.find("\"commit tx 0\""), text_.find("\"validate tx 0\""));
}

}  // namespace
}  // namespace weft::cli
