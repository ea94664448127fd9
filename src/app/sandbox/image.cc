#include "app/sandbox/image.h"

#include <filesystem>

#include "sandbox/planes/container/image_store.h"

namespace relight::app {
namespace fs = std::filesystem;

Result<> import_image(const std::string& sandbox_dir, const std::string& layout, const std::string& reference) {
  TRY_ASSIGN(std::string key, sandbox::container::image_key(reference));
  std::error_code ec;
  if (!fs::exists(fs::path(layout) / "index.json", ec) || !fs::exists(fs::path(layout) / "oci-layout", ec)) {
    Error e;
    e.code = "Image.NotALayout";
    e.tried = "import image";
    e.resource = layout;
    e.message = "it is not an OCI image layout: it has no index.json or no oci-layout file";
    e.next = "give a directory that umoci, skopeo (oci:DIR) or examples/lamp/image/assemble wrote";
    return fail(std::move(e));
  }
  fs::path to = fs::path(sandbox_dir) / "images" / key, fresh = to.string() + ".new", old = to.string() + ".old";
  fs::create_directories(to.parent_path(), ec);
  fs::remove_all(fresh, ec);
  fs::remove_all(old, ec);
  fs::copy(layout, fresh, fs::copy_options::recursive, ec);
  if (!ec && fs::exists(to)) fs::rename(to, old, ec);
  if (!ec) fs::rename(fresh, to, ec);
  if (ec) return fail("Disk.Failed", "import image " + reference + ": " + ec.message());
  fs::remove_all(old, ec);
  return {};
}

}  // namespace relight::app
