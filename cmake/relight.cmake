# relight_library(NAME SOURCES a.cc b.cc DEPS x y): one static library a folder, sources listed by hand.
# relight_test(NAME SOURCES a_test.cc DEPS x [LABELS l]): one GoogleTest program, one ctest entry.
function(relight_flags target)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Werror -Wno-missing-field-initializers)
endfunction()

function(relight_present out) # TEMP
  set(found "")
  foreach(f ${ARGN})
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${f} OR IS_ABSOLUTE ${f})
      list(APPEND found ${f})
    else()
      message(STATUS "MISSING ${CMAKE_CURRENT_SOURCE_DIR}/${f}")
    endif()
  endforeach()
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

function(relight_library name)
  cmake_parse_arguments(A "" "" "SOURCES;DEPS" ${ARGN})
  relight_present(A_SOURCES ${A_SOURCES}) # TEMP
  if(NOT A_SOURCES) # TEMP
    add_library(${name} INTERFACE) # TEMP
    return() # TEMP
  endif() # TEMP
  add_library(${name} STATIC ${A_SOURCES})
  relight_flags(${name})
  target_link_libraries(${name} PUBLIC ${A_DEPS})
endfunction()

function(relight_program name)
  cmake_parse_arguments(A "" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${A_SOURCES})
  relight_flags(${name})
  target_link_libraries(${name} PRIVATE ${A_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()

function(relight_test name)
  cmake_parse_arguments(A "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT RELIGHT_TESTS)
    return()
  endif()
  relight_present(A_SOURCES ${A_SOURCES}) # TEMP
  if(NOT A_SOURCES) # TEMP
    return() # TEMP
  endif() # TEMP
  if(NOT A_TIMEOUT)
    set(A_TIMEOUT 120)
  endif()
  add_executable(${name} ${A_SOURCES})
  relight_flags(${name})
  target_link_libraries(${name} PRIVATE ${A_DEPS} GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS "${A_LABELS}" TIMEOUT ${A_TIMEOUT}
    ENVIRONMENT "RELIGHT_BIN=${PROJECT_BINARY_DIR}/bin")
endfunction()
