# Tests that run the command-line tool on recorded blocks and on the official suites. Where the data is not there, they
# count as skipped.
#
# weft_suite(NAME PLACE conformance|fixtures|examples COMMAND argument... FOLDERS dir...)
function(weft_suite name)
    cmake_parse_arguments(ARG "" "PLACE" "COMMAND;FOLDERS" ${ARGN})
    add_test(NAME ${name} COMMAND tools/run_suite ${ARG_PLACE} $<TARGET_FILE:weft> ${ARG_COMMAND} -- ${ARG_FOLDERS}
             WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
    set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 LABELS suite PROCESSORS 2)
endfunction()

weft_suite(example_blocks PLACE examples COMMAND replay --threads 2 FOLDERS blocks)
weft_suite(real_blocks PLACE fixtures COMMAND replay --threads 2 FOLDERS blocks)

# CALLBlake2f_MaxRounds asks for four billion rounds: minutes of computing. tools/check runs it.
set(quick "^(?!.*CALLBlake2f_MaxRounds)")
weft_suite(state_tests_eest PLACE conformance COMMAND statetest FOLDERS eest-v5.4.0/state_tests)
weft_suite(state_tests_constantinople PLACE conformance COMMAND statetest --filter "${quick}"
           FOLDERS legacytests/Constantinople/GeneralStateTests)
weft_suite(state_tests_cancun PLACE conformance COMMAND statetest --filter "${quick}"
           FOLDERS legacytests/Cancun/GeneralStateTests)
weft_suite(block_tests PLACE conformance COMMAND blocktest
           FOLDERS eest-bal-v5.7.0/blockchain_tests/for_prague eest-bal-v5.7.0/blockchain_tests/for_osaka)
