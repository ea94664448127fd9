# relight_library(NAME SOURCES a.cc b.cc DEPS x y): one static library a folder, sources listed by hand.
# relight_test(NAME SOURCES a_test.cc DEPS x [LABELS l]): one GoogleTest program, one ctest entry.
function(relight_flags target)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wno-missing-field-initializers
    # In a unity build every source is an included one, and gcc then warns of classes with unnamed-namespace members.
    $<$<BOOL:${CMAKE_UNITY_BUILD}>:-Wno-subobject-linkage> $<$<BOOL:${RELIGHT_WERROR}>:-Werror>)
endfunction()

# RELIGHT_PRECOMPILED: what nearly every file includes is parsed once for all of them. A file that forgets an include is
# found by the presets without it.
function(relight_precompiled)
  file(GENERATE OUTPUT ${PROJECT_BINARY_DIR}/precompiled.cc CONTENT "")
  add_library(relight_precompiled STATIC ${PROJECT_BINARY_DIR}/precompiled.cc)
  relight_flags(relight_precompiled)
  target_link_libraries(relight_precompiled PUBLIC fmt::fmt OpenSSL::Crypto Threads::Threads nlohmann_json::nlohmann_json)
  target_precompile_headers(relight_precompiled PRIVATE <algorithm> <array> <atomic> <chrono> <expected> <filesystem> <functional>
    <map> <memory> <mutex> <optional> <set> <string> <string_view> <thread> <variant> <vector> <fmt/format.h> <nlohmann/json.hpp>)
endfunction()

function(relight_parsed_before target)
  if(RELIGHT_PRECOMPILED)
    target_precompile_headers(${target} REUSE_FROM relight_precompiled)
  endif()
endfunction()

function(relight_library name)
  cmake_parse_arguments(A "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${A_SOURCES})
  relight_flags(${name})
  relight_parsed_before(${name})
  target_link_libraries(${name} PUBLIC ${A_DEPS})
endfunction()

function(relight_program name)
  cmake_parse_arguments(A "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  relight_flags(${name})
  relight_parsed_before(${name})
  target_link_libraries(${name} PRIVATE ${A_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()

function(relight_test name)
  cmake_parse_arguments(A "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT RELIGHT_TESTS)
    return()
  endif()
  if(NOT A_TIMEOUT)
    set(A_TIMEOUT 120)
  endif()
  add_executable(${name} ${A_SOURCES})
  relight_flags(${name})
  relight_parsed_before(${name})
  target_link_libraries(${name} PRIVATE ${A_DEPS} GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${A_LABELS}" TIMEOUT ${A_TIMEOUT}
    ENVIRONMENT "RELIGHT_BIN=${PROJECT_BINARY_DIR}/bin")
endfunction()
