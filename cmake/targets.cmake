# weft_library(NAME [INTERNAL] [DEPENDS target...] [FOLDERS sub...] [TEST_DEPENDS target...])
#
# One folder of weft/ is one library target `weft_NAME`, alias `weft::NAME`: every .cpp of the folder (and of the named
# sub-folders) but the unit tests. A folder of headers alone is an INTERFACE library. Its *_test.cpp become the test
# `NAME`, which links TEST_DEPENDS besides. An INTERNAL library is not installed.
function(weft_library name)
    cmake_parse_arguments(ARG "INTERNAL" "" "DEPENDS;FOLDERS;TEST_DEPENDS" ${ARGN})
    set(folders ${name} ${ARG_FOLDERS})
    set(sources "")
    foreach(folder IN LISTS folders)
        file(GLOB found CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/*.cpp")
        list(APPEND sources ${found})
    endforeach()
    set(tests ${sources})
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")

    if(sources)
        add_library(weft_${name} STATIC ${sources})
        target_link_libraries(weft_${name} PUBLIC weft_options ${ARG_DEPENDS} PRIVATE $<BUILD_INTERFACE:weft_warnings>)
    else()
        add_library(weft_${name} INTERFACE)
        target_link_libraries(weft_${name} INTERFACE weft_options ${ARG_DEPENDS})
    endif()
    add_library(weft::${name} ALIAS weft_${name})
    set_target_properties(weft_${name} PROPERTIES EXPORT_NAME ${name})
    if(NOT ARG_INTERNAL)
        set_property(GLOBAL APPEND PROPERTY WEFT_INSTALLED_LIBRARIES weft_${name})
    endif()

    if(WEFT_TESTS AND tests)
        weft_test(${name} SOURCES ${tests} DEPENDS weft::${name} ${ARG_TEST_DEPENDS})
    endif()
endfunction()

# weft_test(NAME SOURCES file... [DEPENDS target...]): a GoogleTest program `NAME_test`, run by ctest as `NAME`.
function(weft_test name)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
    find_package(GTest REQUIRED)
    add_executable(${name}_test ${ARG_SOURCES})
    target_link_libraries(${name}_test PRIVATE weft_warnings weft_options ${ARG_DEPENDS} GTest::gmock GTest::gtest_main)
    target_compile_definitions(${name}_test PRIVATE WEFT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND ${name}_test)
    # The default places of test data are relative to the root: ../shared and .cache/conformance.
    set_tests_properties(${name} PROPERTIES WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
endfunction()
