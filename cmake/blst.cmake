# weft_blst: the BLS12-381 library blst, from the sources that tools/fetch_blst puts into the cache.
enable_language(ASM)

execute_process(
    COMMAND "${PROJECT_SOURCE_DIR}/tools/fetch_blst"
    OUTPUT_VARIABLE blst_package
    OUTPUT_STRIP_TRAILING_WHITESPACE
    RESULT_VARIABLE blst_status
)
if(NOT blst_status EQUAL 0)
    message(FATAL_ERROR "tools/fetch_blst failed: blst, which BLS12-381 and KZG need, is not there")
endif()
set(blst_folder "${blst_package}/deps/blst")

add_library(weft_blst STATIC "${blst_folder}/src/server.c" "${blst_folder}/build/assembly.S")
target_include_directories(weft_blst SYSTEM PUBLIC $<BUILD_INTERFACE:${blst_folder}/bindings>)
# Portable: both multiplications are built in, and the processor's ADX decides at run time. Sanitizers stay out: the
# assembly reads what the C code of the same library lays out, and neither is ours to instrument.
target_compile_definitions(weft_blst PRIVATE __BLST_PORTABLE__)
target_compile_options(weft_blst PRIVATE $<$<COMPILE_LANGUAGE:C>:-O2;-w;-fno-sanitize=all>)
set_target_properties(weft_blst PROPERTIES EXPORT_NAME blst POSITION_INDEPENDENT_CODE ON)
set_property(GLOBAL APPEND PROPERTY WEFT_INSTALLED_LIBRARIES weft_blst)
