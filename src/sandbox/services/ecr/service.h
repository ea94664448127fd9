// Amazon ECR: repositories, images, layers, tag mutability, lifecycle policies that are carried out,
// replication that copies, policies (stored). The registry's own HTTP API is registry.h. See README.md.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/gen/ecr.h"
#include "sandbox/gateway/service.h"
#include "sandbox/services/ecr/blobs.h"
#include "sandbox/services/ecr/lifecycle_policy.h"
#include "sandbox/world/row.h"

namespace relight::sandbox {

namespace ecr {
namespace api = aws::ecr;
using Repository = Row<api::Repository>;
using Detail = Row<api::ImageDetail>;
using Manifest = Row<api::Image>;
using Layer = Row<api::Layer>;
using Tags = Row<api::ListTagsForResourceResponse>;
using Lifecycle = Row<api::GetLifecyclePolicyResponse>;
using Preview = Row<api::GetLifecyclePolicyPreviewResponse>;
using RepositoryPolicy = Row<api::GetRepositoryPolicyResponse>;
using RegistryPolicy = Row<api::GetRegistryPolicyResponse>;
using Registry = Row<api::DescribeRegistryResponse>;
using Replicated = Row<api::DescribeImageReplicationStatusResponse>;

// What a manifest names.
struct Parts {
  std::string media_type;
  std::vector<std::string> blobs;      // configuration and layers
  std::vector<std::string> manifests;  // of a list
  std::string artifact;                // media type of the configuration
};
// Error "InvalidParameterException".
Result<Parts> parts_of(const std::string& manifest, const std::optional<std::string>& told);

// A login's password: whose it is, and until when.
struct Ticket {
  std::string arn, region;
  Instant expires{};
  std::string save() const;
  static Result<Ticket> load(const std::string& json);
};
}  // namespace ecr

class EcrService final : public Service {
 public:
  explicit EcrService(World& w);
  void start() override;
  void region_restored(const std::string& region) override;

  // ---- for the registry; under the world's lock unless said ----
  using Region = const std::string&;
  ecr::Blobs blobs(Region r) const;  // needs no lock
  std::optional<ecr::Ticket> ticket(const std::string& password);
  bool has_repository(Region r, const std::string& name) { return repositories_.find(r, name); }
  bool has_layer(Region r, const std::string& repository, const std::string& digest);
  void add_layer(Region r, const std::string& repository, const std::string& digest);
  bool has_upload(Region r, const std::string& repository, const std::string& id) {
    auto it = uploads_.find(id);
    return it != uploads_.end() && it->second.region == r && it->second.repository == repository;
  }
  void end_upload(const std::string& id) { uploads_.erase(id); }
  Result<ecr::api::PutImageResponse> put_image(Region r, const ecr::api::PutImageRequest& in);

 private:
  using Ids = std::vector<ecr::api::ImageIdentifier>;
  void add_repositories();
  void add_settings();
  void add_policies();
  void add_registry_policies();
  void add_tags();
  void add_images();
  void add_reads();
  void add_descriptions();
  void add_list();
  void add_deletion();
  void add_layers();
  void add_uploads();
  void add_lifecycle();
  void add_preview();
  void add_replication();
  void add_tokens();

  // "RepositoryNotFoundException".
  Result<ecr::Repository*> find(Region r, const std::optional<std::string>& registry,
                                const std::optional<std::string>& name);
  Result<ecr::Repository> make_repository(Region r, const ecr::api::CreateRepositoryRequest& in);
  // "REPOSITORY|DIGEST", as images, manifests and layers are kept.
  static std::string image_key(const std::string& repository, const std::string& digest) {
    return repository + "|" + digest;
  }
  std::vector<ecr::Detail*> images_of(Region r, const std::string& repository);  // by digest
  ecr::Detail* tagged(Region r, const std::string& repository, const std::string& tag);
  // The image that an id means, or what is wrong with the id.
  struct Looked {
    ecr::Detail* image = nullptr;
    std::string code, reason;  // ImageFailureCode
  };
  Looked look(Region r, const std::string& repository, const ecr::api::ImageIdentifier& id);
  bool referenced(Region r, const std::string& repository, const std::string& digest);
  void forget_image(Region r, const std::string& repository, const std::string& digest);
  Result<> tag_image(Region r, ecr::Repository& repo, ecr::Detail& image, const std::string& tag);
  // The image's files where tasks' containers are made of (container::registry_image_key).
  void lay_out(Region r, const std::string& repository, const std::string& digest);
  std::string layout_path(Region r, const std::string& repository, const std::string& digest);
  ecr::api::BatchDeleteImageResponse remove_images(Region r, ecr::Repository& repo, const Ids& ids);

  void evaluate(Region r, const std::string& repository);
  void evaluate_all();
  std::vector<ecr::Expiring> expiring_of(Region r, const std::string& repository, const std::string& text);

  void replicate(Region from, const std::string& repository, const std::string& digest);
  void copy(Region from, const std::string& repository, const std::string& digest, Region to);
  void copied(Region from, const std::string& repository, const std::string& digest, Region to,
              const std::string& why);
  void replicate_all();

  Table<ecr::Repository> repositories_;  // by name
  Table<ecr::Detail> details_;
  Table<ecr::Manifest> manifests_;
  Table<ecr::Layer> layers_;
  Table<ecr::Tags> tags_;                         // by repository
  Table<ecr::Lifecycle> lifecycles_;              // by repository
  Table<ecr::Preview> previews_;                  // by repository
  Table<ecr::RepositoryPolicy> policies_;         // by repository
  Table<ecr::RegistryPolicy> registry_policies_;  // "policy"
  Table<ecr::Registry> registries_;               // "registry"
  Table<ecr::Replicated> replicated_;
  Table<ecr::Ticket> tickets_;  // by password
  struct Upload {
    std::string region, repository;
  };
  std::map<std::string, Upload> uploads_;  // not kept over a restart: clients begin anew
};

}  // namespace relight::sandbox
