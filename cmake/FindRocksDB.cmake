# RocksDB::rocksdb. The package that Debian brings asks for packages of the libraries behind it, which Debian does not have.
find_path(RocksDB_INCLUDE_DIR rocksdb/db.h)
find_library(RocksDB_LIBRARY rocksdb)
if(RocksDB_INCLUDE_DIR)
    file(STRINGS "${RocksDB_INCLUDE_DIR}/rocksdb/version.h" parts REGEX "^#define ROCKSDB_(MAJOR|MINOR|PATCH) ")
    list(TRANSFORM parts REPLACE "^.* ([0-9]+)$" "\\1")
    list(JOIN parts "." RocksDB_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(RocksDB REQUIRED_VARS RocksDB_LIBRARY RocksDB_INCLUDE_DIR VERSION_VAR RocksDB_VERSION)
mark_as_advanced(RocksDB_INCLUDE_DIR RocksDB_LIBRARY)

if(RocksDB_FOUND AND NOT TARGET RocksDB::rocksdb)
    add_library(RocksDB::rocksdb UNKNOWN IMPORTED)
    set_target_properties(RocksDB::rocksdb PROPERTIES
        IMPORTED_LOCATION "${RocksDB_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${RocksDB_INCLUDE_DIR}")
endif()
