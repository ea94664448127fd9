// Images of ECR. The pilot names the very image that was captured, by its digest: a tag may mean another one
// on the day. Repositories are not in the template: replication makes them too, and what stands already would
// make the stack fail.
#include <fmt/format.h>

#include <map>
#include <set>

#include "dr/model/image_name.h"
#include "dr/planning/pilot_draft.h"

namespace relight::dr {
namespace {
using Json = nlohmann::json;
using Captured = PilotDraft::Captured;

std::string digest_of_image(const PilotDraft& d, const ImageName& i) {
  auto* p = d.find("ecr/image", i.within());
  return p ? text_of(*p, "imageDigest") : "";
}

bool of_the_primary(const PilotDraft& d, const ImageName& i) {
  return i.account == d.account() && i.region == d.places().primary;
}

void not_brought(PilotDraft& d, const Captured& repository) {
  for (auto* member : {"LifecyclePolicy", "Policy"})
    if (!text_of(*repository.properties, member).empty())
      d.say(repository.key(), member,
            "the repository of " + d.policy().region +
                " has none: replication does not bring it, and a life cycle could expire what a failover "
                "needs");
}

}  // namespace

Json image_of_pilot(PilotDraft& d, const std::string& image, const ResourceKey& from) {
  auto name = image_name(image);
  if (!name.of_ecr()) return d.text(image, from);
  if (!of_the_primary(d, name)) {
    if (name.region != d.policy().region)
      d.say(from, "image " + image,
            fmt::format("its registry is of the account {} in {}: nothing is copied from there, and the "
                        "recovery needs it",
                        name.account, name.region));
    return d.text(image, from);
  }
  auto digest = digest_of_image(d, name);
  if (digest.empty()) {
    d.say(from, "image " + image,
          "which one it is was not captured, so it is not copied: the same repository must hold it in " +
              d.policy().region);
    return d.text(image, from);
  }
  return d.text(name.host + "/" + name.repository + "@" + digest, from);
}

void translate_images(PilotDraft& d) {
  std::set<std::string> repositories;
  std::map<std::string, std::string> images;  // "REPOSITORY@DIGEST" -> tag
  for (auto& c : d.all("ecr/image")) {
    auto repository = text_of(*c.properties, "repositoryName"), digest = text_of(*c.properties, "imageDigest");
    if (repository.empty() || digest.empty()) continue;
    repositories.insert(repository);
    auto& tag = images[repository + "@" + digest];
    if (auto name = image_name(c.id()); tag.empty() && name.digest.empty()) tag = name.tag;
  }
  for (auto& c : d.all("ecr/repository")) not_brought(d, c);
  for (auto& name : repositories)
    d.action({PrimaryAction::Kind::kRegistryReplication, name, "",
              fmt::format("Replicate what is pushed to the repository {} to {}", name, d.policy().region),
              "ecr:PutReplicationConfiguration",
              "the next release must be there too; ECR's filter is a prefix, so repositories whose names begin "
              "with it come along"});
  for (auto& [image, tag] : images) {
    auto at = image.find('@');
    auto called = tag.empty() ? image.substr(0, at + 20) : image.substr(0, at) + ":" + tag;
    d.action({PrimaryAction::Kind::kImageCopy, image, tag,
              fmt::format("Copy the image {} to the registry of {}", called, d.policy().region), "ecr:PutImage",
              "replication takes only what is pushed after it was set up; this reads the primary"});
  }
}

}  // namespace relight::dr
