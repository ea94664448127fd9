// Deployment packages that tests make.
#pragma once
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <zip.h>

#include <string>
#include <vector>

namespace relight::sandbox::function {

struct Packed {
  std::string name, text;
  unsigned mode = 0100644;  // as stat's
};

inline void make_package(const std::string& path, const std::vector<Packed>& files) {
  int code = 0;
  zip_t* z = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
  ASSERT_NE(z, nullptr);
  for (auto& f : files) {
    auto* source = zip_source_buffer(z, f.text.data(), f.text.size(), 0);
    auto at = zip_file_add(z, f.name.c_str(), source, ZIP_FL_OVERWRITE);
    ASSERT_GE(at, 0) << f.name;
    zip_file_set_external_attributes(z, static_cast<zip_uint64_t>(at), 0, ZIP_OPSYS_UNIX, f.mode << 16);
  }
  ASSERT_EQ(zip_close(z), 0);
}

}  // namespace relight::sandbox::function
