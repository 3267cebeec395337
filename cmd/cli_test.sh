#!/usr/bin/env bash
# Copyright The weft authors
# SPDX-License-Identifier: Apache-2.0
#
# cmd/cli_test.sh WEFT: what the command-line tool says and answers to right and wrong use, over the example blocks.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

weft=$1
good=$(find examples/blocks -name '*.json.gz' | sort | head -n 1)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

# expect CODE PATTERN ARGUMENT...: weft ARGUMENT... ends with CODE and prints a line that matches PATTERN.
expect() {
    local code=$1 pattern=$2 output actual
    shift 2
    output=$("$weft" "$@" 2>&1 </dev/null)
    actual=$?
    if [[ $actual -ne $code ]] || ! grep --quiet --extended-regexp -e "$pattern" <<<"$output"; then
        printf 'FAILED: weft %s\n  exit code %d, expected %d; expected a line like: %s\n%s\n' "$*" "$actual" "$code" "$pattern" "$output"
        failures=$((failures + 1))
    fi
}

# Usage.
expect 0 '^weft [0-9]+\.[0-9]+' --version
expect 0 'replay' --help
for command in replay hints statetest blocktest; do
    expect 0 'Examples:' "$command" --help
    expect 2 'PATH|required|paths' "$command"
    expect 2 'nowhere' "$command" "$scratch/nowhere"
done
expect 2 'subcommand' ''
expect 2 'mode' replay --mode sideways "$good"
expect 2 'threads' replay --threads 0 "$good"
expect 2 'filter|regex' statetest --filter '(' "$scratch"

# Good blocks in every mode, and the report.
for mode in sequential parallel compare auto; do
    expect 0 'verified' replay --threads 2 --mode "$mode" "$good"
done
expect 0 'recovery.*times above include' replay --threads 2 --with-recovery "$good"
expect 0 'verified' replay --threads 2 --repeat 3 --json "$scratch/report.json" "$good"
python3 - "$scratch/report.json" <<'PYTHON' || failures=$((failures + 1))
import json, sys
report = json.load(open(sys.argv[1]))
assert report["threads"] == 2, report
block = report["blocks"][0]
for key in ("file", "chain", "number", "fork", "transactions", "gas", "sequential_ms", "parallel_ms", "speedup",
            "workers", "reexecutions", "verified", "not_checkable", "error"):
    assert key in block, key
assert block["verified"] is True and block["error"] is None, block
assert block["sequential_ms"] > 0 and block["parallel_ms"] > 0, block
assert isinstance(report["total"], dict)
assert block["sequential_ms_all"] and len(block["parallel_ms_all"]) == 3, block
assert block["speedup_interval"] is None and report["least_ms"] == 5, report
assert report["machine_limit"] is False and block["together_ms_all"] == block["line_ns_all"] == [], report
for part in (block, report["total"]):
    assert part["limit"] is part["limit_interval"] is part["share"] is part["share_interval"] is None, part
PYTHON
name=$(basename "$good" .json.gz)
expect 0 "^geometric mean of one, 1 blocks +[0-9.]+ +[0-9.]+ - [0-9.]+\$" replay --threads 2 --repeat 7 --least-ms 0 --group "one=$name" \
    --json "$scratch/pairs.json" "$good"
python3 - "$scratch/pairs.json" <<'PYTHON' || failures=$((failures + 1))
import json, statistics, sys
report = json.load(open(sys.argv[1]))
block, = report["blocks"]
ratios = sorted(a / b for a, b in zip(block["sequential_ms_all"], block["parallel_ms_all"]))
assert len(ratios) == 7 and abs(statistics.median(ratios) - block["speedup"]) < 1e-2, block
low, high = block["speedup_interval"]
assert abs(low - ratios[0]) < 1e-2 and abs(high - ratios[-1]) < 1e-2, block
group, = report["groups"]
assert group["name"] == "one" and group["blocks"] == 1 and abs(group["speedup"] - block["speedup"]) < 1e-4, group
assert report["total"]["speedup_interval"] == block["speedup_interval"], report["total"]
PYTHON
# What the machine allows, beside the speed-up and in its rounds.
cat >"$scratch/check_limit.py" <<'PYTHON'
import statistics

def near(a, b):
    return abs(a - b) < 1e-2 * b

def check_limit(part, threads, in_order, parallel, together):
    """Of at most eight rounds, of which the interval leaves out none."""
    limits = [threads * alone / ms for alone, ms in zip(in_order, together, strict=True)]
    shares = [alone / ms / limit for alone, ms, limit in zip(in_order, parallel, limits, strict=True)]
    for name, values in (("limit", limits), ("share", shares)):
        assert near(part[name], statistics.median(values)), (name, part, values)
        low, high = part[name + "_interval"]
        assert near(low, min(values)) and near(high, max(values)), (name, part, values)
PYTHON
expect 0 'speed-up +95 % +limit +95 % +share +95 % +re-ex' replay --threads 3 --repeat 7 --least-ms 1 --machine-limit --hints self \
    --group "one=$name" --json "$scratch/limit.json" "$good"
PYTHONPATH=$scratch python3 - "$scratch/limit.json" <<'PYTHON' || failures=$((failures + 1))
import json, sys
from check_limit import check_limit
report = json.load(open(sys.argv[1]))
block, = report["blocks"]
assert report["machine_limit"] is True and block["verified"] and len(block["together_ms_all"]) == 7, report
assert len(block["line_ns_all"]) == 7 and min(block["line_ns_all"]) > 0, block["line_ns_all"]
for part in (block, report["total"], report["groups"][0]):
    check_limit(part, 3, block["sequential_ms_all"], block["parallel_ms_all"], block["together_ms_all"])
PYTHON
expect 0 "^geometric mean of one, 1 blocks( +[0-9.]+ +[0-9.]+ - [0-9.]+){3}\$" replay --threads 2 --repeat 6 --least-ms 0 --machine-limit \
    --group "one=$name" "$good"
expect 0 '^total, 1 threads .* 1 of 1 verified' replay --threads 1 --machine-limit --json "$scratch/alone.json" "$good"
grep --quiet --extended-regexp '"limit":[0-9.]+.*"workers":1' "$scratch/alone.json" ||
    { echo 'FAILED: no limit where one thread executes in order'; failures=$((failures + 1)); }
for mode in sequential parallel auto; do
    expect 2 "machine-limit .*needs --mode compare, not $mode" replay --mode "$mode" --machine-limit "$good"
done
expect 2 'machine-limit .*--with-recovery' replay --with-recovery --machine-limit "$good"
expect 2 'machine-limit .*--read-latency' bench --workload transfers --gas 200k --machine-limit --read-latency 1
expect 0 'speed-up +95 % +limit +95 % +share +95 % +bound' bench --workload transfers,serial-chain --gas 1M --threads 1,3 --repeat 7 \
    --least-ms 0 --machine-limit --group one=transfers --json "$scratch/limit.json"
PYTHONPATH=$scratch python3 - "$scratch/limit.json" <<'PYTHON' || failures=$((failures + 1))
import json, sys
from check_limit import check_limit
report = json.load(open(sys.argv[1]))
assert report["machine_limit"] is True, report
for workload in report["workloads"]:
    for threads, way in zip((1, 3), workload["parallel"], strict=True):
        check_limit(way, threads, way["sequential_ms_all"], way["ms_all"], way["together_ms_all"])
        assert len(way["line_ns_all"]) == (7 if threads > 1 else 0), way["line_ns_all"]
way = report["workloads"][0]["parallel"][1]
group = next(group for group in report["groups"] if group["name"] == "one" and group["threads"] == 3)
check_limit(group, 3, way["sequential_ms_all"], way["ms_all"], way["together_ms_all"])
PYTHON

# What takes a list takes one argument each time, so that paths may follow.
expect 0 '^geometric mean of two, 2 blocks' replay --threads 2 --group "one=$name" --group "two=$name" "$good" "$good"
expect 0 '^SIMULATED speed-up / bound +2 threads +4 threads' replay --threads 2 --simulate-threads 2 --simulate-threads 4 "$good"
for option in '--workload transfers serial-chain' '--threads 1 2' '--simulate-threads 1 2' '--group a=transfers b=transfers'; do
    # shellcheck disable=SC2086
    expect 2 "not expected: ${option##* }" bench $option
done
expect 0 'geometric mean of 2 workloads, 3 threads' bench --workload transfers --workload serial-chain --threads 1,2 --threads 3 \
    --gas 200k --repeat 1 --least-ms 0
# Hints beside, and what more threads would do.
for hints in self others; do
    expect 0 "^hints from $hints .*without ms" replay --threads 2 --repeat 2 --least-ms 0 --hints "$hints" --json "$scratch/hinted.json" \
        examples/blocks
    python3 - "$scratch/hinted.json" "$hints" <<'PYTHON' || failures=$((failures + 1))
import json, sys
report = json.load(open(sys.argv[1]))
assert report["hints"] == sys.argv[2] and len(report["blocks"]) > 1, report
for block in report["blocks"]:
    assert block["verified"] and block["workers"] == 2, block
    assert len(block["hinted"]["ms_all"]) == len(block["hinted"]["without_ms_all"]) == 2, block
    assert block["hinted"]["ms"] > 0 and block["hinted"]["speedup"] > 0, block
PYTHON
done
grep --quiet '"hinted":null' "$scratch/report.json" || { echo 'FAILED: hints that nobody asked for'; failures=$((failures + 1)); }
expect 2 '--mode sequential' replay --mode sequential --hints self "$good"
expect 2 'hints' replay --hints sideways "$good"
expect 0 '^SIMULATED speed-up / bound +2 threads +16 threads' replay --threads 2 --simulate-threads 2,16 --json "$scratch/simulated.json" "$good"
python3 - "$scratch/simulated.json" <<'PYTHON' || failures=$((failures + 1))
import json, sys
two, sixteen = json.load(open(sys.argv[1]))["blocks"][0]["simulated"]
assert two["threads"] == 2 and sixteen["threads"] == 16, (two, sixteen)
assert 0 < two["speedup"] and 1 <= two["bound"] <= 2 and 1 <= sixteen["bound"] <= 16, (two, sixteen)
PYTHON
expect 0 'simulated: .*no measurement' bench --workload transfers --gas 1M --threads 2 --repeat 1 --simulate-threads 4
expect 2 'simulate-threads' bench --simulate-threads 0
expect 2 'nothing: no such block' replay --threads 2 --group few=nothing "$good"
expect 2 'not NAME=MEMBER' replay --group few "$good"
expect 0 'verified' replay --threads 3 --always-parallel --json "$scratch/forced.json" "$good"
grep --quiet '"workers":3' "$scratch/forced.json" || { echo 'FAILED: --always-parallel leaves a choice'; failures=$((failures + 1)); }
expect 0 'verified' replay --threads 1 --mode auto --json "$scratch/alone.json" "$good"
grep --quiet '"workers":1' "$scratch/alone.json" || { echo 'FAILED: one thread does not execute in order'; failures=$((failures + 1)); }

# The timeline: of the last repetition, for every mode that executes in parallel.
for mode in parallel compare auto; do
    expect 0 'verified' replay --threads 2 --mode "$mode" --repeat 2 --timeline "$scratch/trace.json.gz" "$good"
    python3 - "$scratch/report.json" "$scratch/trace.json.gz" <<'PYTHON' || failures=$((failures + 1))
import gzip, json, sys
block = json.load(open(sys.argv[1]))["blocks"][0]
events = json.load(gzip.open(sys.argv[2]))["traceEvents"]
slices = [event for event in events if event["ph"] == "X"]
assert all(event["ts"] >= 0 and event["dur"] >= 0 for event in slices), events
def transactions(category):
    return [event["args"]["transaction"] for event in sorted(slices, key=lambda event: event["ts"]) if event["cat"] == category]
assert transactions("commit") == list(range(block["transactions"])), transactions("commit")
assert set(transactions("execute")) == set(range(block["transactions"])), transactions("execute")
names = {event["args"]["name"] for event in events if event["ph"] == "M"}
assert {"worker 0", "worker 1"} < names and len(names) == 3, names
PYTHON
done
expect 2 '--mode sequential' replay --mode sequential --timeline "$scratch/trace.json" "$good"
expect 2 'nowhere' replay --threads 2 --timeline "$scratch/nowhere/trace.json" "$good"

# The shadow.
for mode in parallel compare auto; do
    expect 0 '2 of 2 verified' replay --threads 2 --shadow --mode "$mode" "$good" "$good"
done
expect 0 'verified' replay --threads 2 --shadow --with-recovery --mode parallel "$good"
expect 2 '--mode sequential' replay --shadow --mode sequential "$good"
expect 2 '--mode sequential' blocktest --shadow --mode sequential "$scratch"

# Generated blocks.
expect 0 'Examples:' bench --help
expect 0 '^transfers +[0-9]+ +2\.0 ' bench --workload transfers --gas 2M --threads 1,2 --repeat 2
expect 2 'nothing: no such workload' bench --workload transfers --group few=nothing
expect 2 'few: a workload that is not measured' bench --workload transfers --group few=serial-chain
expect 0 'cold read took 1 us' bench --workload transfers --gas 200k --threads 2 --repeat 1 --read-latency 1
expect 2 'nothing: no such workload' bench --workload transfers,nothing
for store in memory rocksdb; do
    expect 0 "^committed to $store +threads" bench --workload transfers --gas 1M --threads 1,2 --repeat 6 --least-ms 0 --commit "$store" \
        --json "$scratch/commit.json"
    python3 - "$scratch/commit.json" "$store" <<'PYTHON' || failures=$((failures + 1))
import json, sys
commits = json.load(open(sys.argv[1]))["workloads"][0]["committed"]
assert [commit["threads"] for commit in commits] == [1, 2], commits
for commit in commits:
    assert commit["store"] == sys.argv[2] and commit["write_behind"] and commit["not_measured"] is None, commit
    assert all(len(commit[key]) == 6 for key in ("alone_ms_all", "whole_ms_all", "commit_ms_all")), commit
    whole = [sum(parts) for parts in zip(commit["execution_ms_all"], commit["commit_ms_all"])]
    assert all(abs(a - b) < 1e-5 for a, b in zip(whole, commit["whole_ms_all"])), commit
    assert commit["ratio_interval"][0] <= commit["ratio"] <= commit["ratio_interval"][1], commit
PYTHON
done
expect 0 '^sum of 1 blocks' bench --workload transfers --gas 200k --threads 1 --repeat 1 --commit memory --commit-waits
expect 2 'commit' bench --commit sideways
expect 2 'commit' bench --commit-waits
expect 0 '^sum of 1 blocks' replay --threads 2 --commit memory "$good"
expect 2 'tools/build_contracts' bench --workload token-uniform --gas 1M --contracts "$scratch/nowhere"
expect 2 'gas' bench --gas 12X
expect 2 'threads' bench --threads 2,0
expect 0 'serial-chain' bench --workload serial-chain,transfers --gas 1M --threads 2,3 --repeat 3 --group chain=serial-chain --json "$scratch/bench.json"
python3 - "$scratch/bench.json" <<'PYTHON' || failures=$((failures + 1))
import json, sys
report = json.load(open(sys.argv[1]))
assert report["gas"] == 1_000_000 and report["repeat"] == 3, report
assert [workload["name"] for workload in report["workloads"]] == ["transfers", "serial-chain"], report
for workload in report["workloads"]:
    assert workload["error"] is None and workload["gas"] == 47 * 21_000 and workload["transactions"] == 47, workload
    assert workload["reverted"] == 0 and len(workload["state_root"]) == 66, workload
    assert [way["threads"] for way in workload["parallel"]] == [2, 3], workload
    assert 0 < workload["critical_path_by_time"] <= 1, workload
    assert workload["critical_path_by_gas"] == (1 if workload["name"] == "serial-chain" else 0.021277), workload
    # Each number of threads has its own pairs.
    assert len(workload["sequential"]["ms_all"]) == 6, workload
    for way in workload["parallel"]:
        assert len(way["ms_all"]) == len(way["sequential_ms_all"]) == 3 <= way["executions"], way
        assert min(way["ms_all"]) <= way["ms"] <= max(way["ms_all"]) and way["speedup"] > 0, way
assert [(group["name"], group["threads"], group["workloads"]) for group in report["groups"]] == [
    ("", 2, 2), ("", 3, 2), ("chain", 2, 1), ("chain", 3, 1)], report["groups"]
PYTHON

# What is foretold of the example blocks.
expect 0 '^total ' hints --threads 2 --repeat 1 --json "$scratch/hints.json" examples/blocks
python3 - "$scratch/hints.json" <<'PYTHON' || failures=$((failures + 1))
import json, sys
report = json.load(open(sys.argv[1]))
assert report["threads"] == 2 and report["repeat"] == 1 and len(report["blocks"]) > 1, report
total = report["total"]
for kind in ("slots", "conflicts"):
    assert 0 < total[kind]["right"] <= min(total[kind]["foretold"], total[kind]["happened"]), total
    assert total[kind]["happened"] == sum(block[kind]["happened"] for block in report["blocks"]), total
assert set(total["reexecutions"]) == {"without", "foretold", "recorded"}, total
PYTHON
expect 2 'repeat' hints --repeat 0 "$good"

# Databases.
expect 0 'Examples:' import --help
expect 0 'Examples:' db --help
expect 2 'datadir' import "$scratch/chain.rlp"
expect 2 'nowhere: No such file' import --datadir "$scratch/data" --genesis "$scratch/nowhere" "$scratch/chain.rlp"
printf 'rubbish' >"$scratch/rubbish.rlp"
expect 2 'rubbish.rlp, byte 0: no block begins here' import --datadir "$scratch/data" --genesis sepolia --threads 2 "$scratch/rubbish.rlp"
expect 0 '^head +0 0x25a5cc106eea7138acab33231d7160d69cb777ee0c2c553fcddf5138993e6dd9' db stats --datadir "$scratch/data"
expect 0 '^all is well' db verify --datadir "$scratch/data"
expect 0 '1 blocks from 0 on' db export --datadir "$scratch/data" "$scratch/first.rlp.gz"
expect 0 'skipped 1$' import --datadir "$scratch/data" --genesis sepolia "$scratch/first.rlp.gz"
expect 2 'the database is of chain 11155111' import --datadir "$scratch/data" --genesis mainnet "$scratch/first.rlp.gz"
expect 2 'nowhere' db verify --datadir "$scratch/nowhere"
expect 0 '^bad blocks +0' db stats --datadir "$scratch/data"
expect 0 '^forgot 0 bad blocks' db forget-bad --datadir "$scratch/data"
expect 2 'rubbish.rlp: the folder cannot be used: .*rubbish.rlp: a file where a folder is expected' import --datadir "$scratch/rubbish.rlp" \
    --genesis sepolia "$scratch/first.rlp.gz"
expect 2 'nowhere/first.rlp.unfinished: No such file' db export --datadir "$scratch/data" "$scratch/nowhere/first.rlp"
expect 2 'something else than a file' db export --datadir "$scratch/data" /dev/null
[[ $(find "$scratch" -name '*.unfinished' | wc -l) -eq 0 ]] || { echo 'FAILED: weft db export leaves something'; failures=$((failures + 1)); }

# Bad files: one line each, and the others still run.
plain=$scratch/plain.json
gzip --decompress --stdout "$good" >"$plain"
head --bytes 1000 "$good" >"$scratch/truncated.json.gz"
cp "$plain" "$scratch/not_gzip.json.gz"
echo 'no json' >"$scratch/not_json.json"
sed 's/"rawTransactions":\["0x../"rawTransactions":["0x05/' "$plain" >"$scratch/undecodable.json"
sed 's/"chainId"/"chain"/' "$plain" >"$scratch/missing.json"
sed 's/"gasUsed":"0x/"gasUsed":"0xg/' "$plain" >"$scratch/wrong_hex.json"
python3 - "$plain" "$scratch" <<'PYTHON'
import json, sys
plain, scratch = sys.argv[1:]

def write(name, change):
    block = json.load(open(plain))
    change(block)
    json.dump(block, open(f"{scratch}/{name}", "w"))

def wrong_code(block):
    account = next(a for a in block["preState"].values() if a["code"] not in ("0x", None))
    account["codeHash"] = "0x" + "11" * 32

def bad_signature(block):
    # The last 32 bytes of a transaction are the s of its signature; this one is above the order of the group.
    raw = block["rawTransactions"][0]
    block["rawTransactions"][0] = raw[:-64] + "ff" * 32

def other_header(block):
    block["header"]["gasLimit"] = "0x5208"

write("wrong_code.json", wrong_code)
write("bad_signature.json", bad_signature)
write("other_header.json", other_header)
PYTHON
expect 2 'truncated.json.gz: truncated gzip data' replay "$scratch/truncated.json.gz" "$good"
expect 2 'verified' replay "$scratch/truncated.json.gz" "$good"
expect 2 'not_gzip.json.gz: not gzip data' replay "$scratch/not_gzip.json.gz"
expect 2 'not_json.json: not JSON' replay "$scratch/not_json.json"
expect 2 'rawTransactions\[0\]: cannot be decoded' replay "$scratch/undecodable.json"
expect 2 'chainId: missing' replay "$scratch/missing.json"
expect 2 'header.gasUsed: not a hex quantity' replay "$scratch/wrong_hex.json"
expect 2 'its hash is 0x[0-9a-f]*, not codeHash 0x11' replay "$scratch/wrong_code.json"
expect 2 'transaction 0.*signature' replay "$scratch/bad_signature.json"
expect 2 'header hash: expected 0x[0-9a-f]*, found 0x' replay "$scratch/other_header.json"
expect 2 'not_json.json: not JSON' hints "$scratch/not_json.json"
expect 2 'not_json.json: not JSON' statetest "$scratch/not_json.json"
expect 2 'not_json.json: not JSON' blocktest "$scratch/not_json.json"
expect 2 'truncated.json.gz: truncated gzip data' statetest "$scratch/truncated.json.gz"

# The state transition tool: alone, from standard input to standard output, and its exit codes.
python3 - "$scratch" <<'PYTHON'
import json, sys
sender = "0xa94f5374fce5edbc8e2a8697c15331677e6ebf0b"
transaction = {"nonce": "0x0", "gasPrice": "0xa", "gas": "0x5208", "value": "0x1", "input": "0x", "v": "0x0", "r": "0x0", "s": "0x0",
               "to": "0x" + "11" * 20, "secretKey": "0x45a915e4d060149eb4365960e6a7a45f334393093061116b197e3240065ff2d8"}
env = {"currentCoinbase": "0x" + "cc" * 20, "currentGasLimit": "0x100000", "currentNumber": "1", "currentTimestamp": "12",
       "currentRandom": "0", "currentBaseFee": "7", "withdrawals": []}
inputs = {"alloc": {sender: {"balance": "1000000000000000000"}}, "txs": [transaction], "env": env}
for name, value in {"t8n": inputs, "t8n-env": {"env": env}}.items():
    json.dump(value, open(f"{sys.argv[1]}/{name}.input", "w"))
for name, value in inputs.items():
    json.dump(value, open(f"{sys.argv[1]}/{name}.t8n", "w"))
PYTHON
t8n=(t8n --input.alloc=stdin --input.txs=stdin --input.env=stdin --output.result=stdout --output.alloc=stdout --output.body=stdout
    --state.chainid=1 --state.reward=0 --verbosity=0)
"$weft" "${t8n[@]}" --state.fork=Shanghai <"$scratch/t8n.input" >"$scratch/t8n.output" 2>"$scratch/t8n.errors"
[[ $? -eq 0 && ! -s $scratch/t8n.errors ]] || { echo 'FAILED: weft t8n from standard input'; failures=$((failures + 1)); }
python3 - "$scratch/t8n.output" <<'PYTHON' || failures=$((failures + 1))
import json, sys
output = json.load(open(sys.argv[1]))
assert sorted(output) == ["alloc", "body", "result"], output
assert output["alloc"]["0x" + "11" * 20] == {"balance": "0x1"}, output
assert output["result"]["gasUsed"] == "0x5208" and "rejected" not in output["result"], output
PYTHON
expect_t8n() {
    local code=$1 pattern=$2 input=$3 output actual
    shift 3
    output=$("$weft" "${t8n[@]}" "$@" 2>&1 <"$input")
    actual=$?
    if [[ $actual -ne $code ]] || ! grep --quiet --extended-regexp -e "$pattern" <<<"$output"; then
        printf 'FAILED: weft t8n %s: exit code %d, expected %d; expected a line like: %s\n%s\n' "$*" "$actual" "$code" "$pattern" "$output"
        failures=$((failures + 1))
    fi
}
expect 0 'Examples:' t8n --help
expect 0 'GrayGlacier.*BPO1|BPO1' t8n --help
expect_t8n 0 '^\{"alloc"' "$scratch/t8n.input" --state.fork=Shanghai+3855 --trace.nostack
expect_t8n 2 'traces never show memory' "$scratch/t8n.input" --state.fork=Shanghai --trace.memory
expect_t8n 3 '^ERROR\(3\): .*Frontier\+1346' "$scratch/t8n.input" --state.fork=Frontier+1346
expect_t8n 3 '^ERROR\(3\): .*parentBeaconBlockRoot' "$scratch/t8n.input" --state.fork=Cancun
expect_t8n 10 '^ERROR\(10\): stdin: alloc: missing' "$scratch/t8n-env.input" --state.fork=Shanghai
expect_t8n 10 '^ERROR\(10\): stdin: not JSON' /dev/null --state.fork=Shanghai
expect 11 '^ERROR\(11\): .*nowhere' t8n --input.alloc "$scratch/nowhere"
expect 2 'state.reward|convert' t8n --state.reward much
(cd "$scratch" && mkdir out && "$weft" t8n --input.alloc alloc.t8n --input.env env.t8n --input.txs txs.t8n --state.fork Shanghai \
    --output.basedir out --output.alloc '' --trace --state.reward 0x80) || { echo 'FAILED: weft t8n with files'; failures=$((failures + 1)); }
[[ -s $scratch/out/result.json && ! -e $scratch/out/alloc.json && $(find "$scratch/out" -name 'trace-0-0x*.jsonl' | wc -l) -eq 1 ]] ||
    { echo 'FAILED: weft t8n does not write the files that it is asked for'; failures=$((failures + 1)); }

# Every broken file by itself leaves no crash behind.
for file in "$scratch"/*.json "$scratch"/*.gz; do
    "$weft" replay "$file" >/dev/null 2>&1
    code=$?
    if [[ $code -gt 2 ]]; then
        echo "FAILED: weft replay $file ends with $code"
        failures=$((failures + 1))
    fi
done

exit "$((failures != 0))"
