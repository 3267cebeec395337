# Headers of other projects that many sources include are read once, for all targets, which saves a third of a build. A source
# includes what it uses all the same: the presets plain and tidy do without this.
set(headers algorithm array atomic bit chrono condition_variable cstring deque expected filesystem fstream functional map memory mutex
    optional random ranges set span string string_view thread unordered_map variant vector boost/container/flat_map.hpp
    boost/unordered/unordered_flat_map.hpp boost/unordered/unordered_flat_set.hpp fmt/format.h)

# As CMake does, but so that ccache keeps what was compiled and finds it in other folders: without time stamps, and with a path that it
# knows for one.
add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
set(CMAKE_CXX_COMPILE_OPTIONS_USE_PCH -include-pch <PCH_FILE>)

# weft_precompile(TARGET HEADER...): TARGET owns what is read of these. Since that holds the path of this folder, ccache goes by a sum of
# what the headers say instead (CCACHE_PCH_EXTSUM in CMakePresets.json).
function(weft_precompile target)
    list(TRANSFORM ARGN REPLACE "(.+)" "<\\1>" OUTPUT_VARIABLE bracketed)
    target_precompile_headers(${target} PRIVATE ${bracketed})
    list(TRANSFORM ARGN REPLACE "(.+)" "#include <\\1>\n" OUTPUT_VARIABLE includes)
    list(JOIN includes "" source)
    get_target_property(folder ${target} BINARY_DIR)
    set(file "${folder}/CMakeFiles/${target}.dir/cmake_pch.hxx")
    file(WRITE "${file}.list.hpp" "${source}")
    separate_arguments(options NATIVE_COMMAND "${CMAKE_CXX_FLAGS}")
    if(CMAKE_CXX_COMPILER_TARGET)
        list(APPEND options "--target=${CMAKE_CXX_COMPILER_TARGET}" "--sysroot=${CMAKE_SYSROOT}")
    endif()
    execute_process(COMMAND "${CMAKE_CXX_COMPILER}" ${options} ${CMAKE_CXX23_STANDARD_COMPILE_OPTION} -E -P "${file}.list.hpp"
                    OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
    string(SHA256 sum "${text}")
    file(WRITE "${file}.pch.sum" "${sum}\n")
endfunction()

# weft_share_precompiled_headers(FOLDER): with all C++ targets of a folder and the folders in it.
function(weft_share_precompiled_headers folder)
    get_property(targets DIRECTORY "${folder}" PROPERTY BUILDSYSTEM_TARGETS)
    list(REMOVE_ITEM targets weft_base base_test weft_blst)
    foreach(target IN LISTS targets)
        get_target_property(type ${target} TYPE)
        if(type STREQUAL "INTERFACE_LIBRARY")
            continue()
        elseif(target MATCHES "_test$")
            target_precompile_headers(${target} REUSE_FROM base_test)
        else()
            target_precompile_headers(${target} REUSE_FROM weft_base)
        endif()
    endforeach()
    get_property(folders DIRECTORY "${folder}" PROPERTY SUBDIRECTORIES)
    foreach(sub IN LISTS folders)
        weft_share_precompiled_headers("${sub}")
    endforeach()
endfunction()

# weft_precompile_headers(): call it when all targets are there.
function(weft_precompile_headers)
    weft_precompile(weft_base ${headers})
    if(WEFT_TESTS)
        weft_precompile(base_test ${headers} gmock/gmock.h gtest/gtest.h)
    endif()
    weft_share_precompiled_headers("${PROJECT_SOURCE_DIR}")
endfunction()
