#include "sandbox/planes/container/image_store.h"

#include <unistd.h>

#include <cctype>
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/disk.h"
#include "base/process.h"
#include "sandbox/planes/container/tar.h"

namespace relight::sandbox::container {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
constexpr auto kGunzipDeadline = std::chrono::minutes(2);

std::unexpected<Error> broken(const std::string& code, const std::string& image, const std::string& why) {
  Error e;
  e.code = code;
  e.tried = "open image";
  e.resource = image;
  e.message = why;
  return fail(std::move(e));
}

// "sha256:<64 hex>" -> path; empty when it is not such a digest
std::string blob_path(const std::string& layout, const std::string& digest) {
  if (!digest.starts_with("sha256:") || digest.size() != 71) return {};
  for (char c : digest.substr(7))
    if (!std::isxdigit(static_cast<unsigned char>(c))) return {};
  return layout + "/blobs/sha256/" + digest.substr(7);
}

Result<json> blob_json(const std::string& layout, const std::string& digest, const std::string& image) {
  std::string path = blob_path(layout, digest);
  if (path.empty()) return broken("Container.BadImage", image, "'" + digest + "' is no sha256 digest");
  TRY_ASSIGN(std::string text, system_disk().read(path));
  if ("sha256:" + hex(sha256(text)) != digest)
    return broken("Container.BadImage", image, "blob " + digest + " does not match its digest");
  json j = json::parse(text, nullptr, false);
  if (!j.is_object()) return broken("Container.BadImage", image, "blob " + digest + " is no JSON object");
  return j;
}

std::vector<std::string> strings(const json& j, const char* key) {
  std::vector<std::string> out;
  if (auto it = j.find(key); it != j.end() && it->is_array())
    for (auto& s : *it)
      if (s.is_string()) out.push_back(s);
  return out;
}

std::string text(const json& j, const char* key) {
  auto it = j.find(key);
  return it != j.end() && it->is_string() ? it->get<std::string>() : "";
}

}  // namespace

Result<std::string> image_key(const std::string& reference) {
  std::string s = reference;
  size_t slash = s.find('/');
  if (slash != std::string::npos) {
    std::string first = s.substr(0, slash);
    bool host = first.find_first_of(".:") != std::string::npos || first == "localhost";
    if (host && first.front() != '.') s.erase(0, slash + 1);
  }
  for (char c : s)
    if (!std::isalnum(static_cast<unsigned char>(c)) && !std::string_view("/:@._-").contains(c)) s.clear();
  if (s.empty() || s.size() > 400 || s.front() == '/' || s.front() == '.' ||
      s.find("..") != std::string::npos || s.find("//") != std::string::npos ||
      s.find("/.") != std::string::npos)
    return broken("Container.BadImageName", reference, "this is no image reference");
  if (s.find('@') == std::string::npos && s.find(':') == std::string::npos) s += ":latest";
  return s;
}

std::string registry_image_key(const std::string& region, const std::string& repository,
                               const std::string& digest) {
  return "registry/" + region + "/" + repository + ":sha256-" + digest.substr(digest.find(':') + 1);
}

Result<Image> ImageStore::open(const std::string& reference) {
  TRY_ASSIGN(std::string key, image_key(reference));
  std::string wanted;  // by digest: any tag of that repository may hold it
  std::string layout = dir_ + "/" + key;
  if (size_t at = key.find('@'); at != std::string::npos) {
    wanted = key.substr(at + 1);
    key.resize(at);
    layout = dir_ + "/" + (key.find(':') == std::string::npos ? key + ":latest" : key);
  }
  auto index_text = system_disk().read(layout + "/index.json");
  if (!index_text) {
    auto e = broken("Container.ImageNotFound", reference, "the sandbox's image store has no such image");
    e.error().next =
        "put its OCI layout at " + layout + " (examples/lamp/image/assemble makes the example's)";
    return e;
  }
  json index = json::parse(*index_text, nullptr, false);
  if (!index.is_object() || !index.contains("manifests") || !index["manifests"].is_array() ||
      index["manifests"].empty())
    return broken("Container.BadImage", reference, "its index.json names no manifest");
  json& entry = index["manifests"][0];
  Image image;
  image.digest = text(entry, "digest");
  if (!wanted.empty() && wanted != image.digest)
    return broken("Container.ImageNotFound", reference, "the store holds another digest: " + image.digest);
  TRY_ASSIGN(json manifest, blob_json(layout, image.digest, reference));
  TRY_ASSIGN(json config,
             blob_json(layout, text(manifest.value("config", json::object()), "digest"), reference));
  json c = config.value("config", json::object());
  if (!c.is_object()) c = json::object();
  image.env = strings(c, "Env");
  image.entrypoint = strings(c, "Entrypoint");
  image.command = strings(c, "Cmd");
  image.cwd = text(c, "WorkingDir");
  image.user = text(c, "User");
  std::vector<std::pair<std::string, std::string>> layers;
  if (manifest.contains("layers") && manifest["layers"].is_array())
    for (auto& l : manifest["layers"])
      if (l.is_object()) layers.emplace_back(text(l, "digest"), text(l, "mediaType"));
  TRY_ASSIGN(image.rootfs, unpack(layout, image.digest, layers));
  return image;
}

Result<std::string> ImageStore::unpack(const std::string& layout, const std::string& manifest_digest,
                                       const std::vector<std::pair<std::string, std::string>>& layers) {
  std::string ready = dir_ + "/.rootfs/" + manifest_digest.substr(7);
  if (fs::exists(ready)) return ready;
  std::lock_guard g(unpacking_);
  if (fs::exists(ready)) return ready;
  std::string work = ready + ".new", plain = work + ".tar";
  std::error_code ignored;
  fs::remove_all(work, ignored);
  TRY(system_disk().make_dir(work));
  for (auto& [digest, type] : layers) {
    std::string blob = blob_path(layout, digest);
    if (blob.empty()) return broken("Container.BadImage", layout, "a layer has no sha256 digest");
    TRY_ASSIGN(auto bytes, system_disk().read(blob));
    if ("sha256:" + hex(sha256(bytes)) != digest)
      return broken("Container.BadImage", layout, "layer " + digest + " does not match its digest");
    bool gzip = bytes.starts_with("\x1f\x8b");
    bytes.clear(), bytes.shrink_to_fit();
    if (gzip) {
      fs::remove(plain, ignored);
      TRY_ASSIGN(auto p, Process::start({.argv = {"/bin/gzip", "-dc", blob}, .output = plain}));
      if (!p.wait(kGunzipDeadline) || p.exit_code() != 0)
        return broken("Container.BadImage", layout, "layer " + digest + " cannot be decompressed");
    }
    TRY(unpack_tar(gzip ? plain : blob, work));
    fs::remove(plain, ignored);
  }
  fs::permissions(work, fs::perms(0755), ignored);
  fs::rename(work, ready, ignored);
  if (ignored) return broken("Container.BadImage", layout, "cannot keep it unpacked: " + ignored.message());
  return ready;
}

}  // namespace relight::sandbox::container
