// The words of a drafted relight.yaml, apart from how its values are chosen. Only for draft.cc.
#pragma once
#include <string>
#include <vector>

#include "dr/model/draft.h"

namespace relight::dr {

// Empty or 0: not found.
struct DraftValues {
  Resources resources;
  long tasks = 0;
  std::string user, schema, engine, database_by;
  int port = 0;
  std::string domain;
};

// Adds to `missing` what is not there.
std::string draft_text(const DraftOrder& order, const DraftValues& v, std::vector<std::string>& missing);

}  // namespace relight::dr
