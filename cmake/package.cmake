# What `cmake --install` leaves behind: the static libraries, the public headers, and the package that
# find_package(weft) finds. The readers of test files (fixtures), the blocks to measure with (workloads) and the simulation of
# threads are not part of the library.
include(CMakePackageConfigHelpers)

get_property(libraries GLOBAL PROPERTY WEFT_INSTALLED_LIBRARIES)
install(TARGETS weft_options ${libraries} EXPORT weftTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/weft" DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library
        FILES_MATCHING PATTERN "*.hpp" PATTERN "fixtures" EXCLUDE PATTERN "workloads" EXCLUDE PATTERN "simulation" EXCLUDE)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/weft)
install(EXPORT weftTargets NAMESPACE weft:: DESTINATION ${package_dir} COMPONENT library)
configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/weftConfig.cmake.in" "${PROJECT_BINARY_DIR}/weftConfig.cmake"
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/weftConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/weftConfig.cmake" "${PROJECT_BINARY_DIR}/weftConfigVersion.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/FindRocksDB.cmake" DESTINATION ${package_dir}
        COMPONENT library)
