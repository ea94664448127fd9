#include "app/in_step.h"

namespace relight::app {

Result<std::optional<std::string>> deployed_template(Workshop& w) {
  auto r = aws::cloudformation::Client(w.aws->patient())
               .GetTemplate({.StackName = w.config.recovery.stack, .TemplateStage = "Original"},
                            {w.config.recovery.region, Millis(30000)});
  if (r) return r->TemplateBody.value_or("");
  if (r.error().message.find("does not exist") != std::string::npos) return std::nullopt;
  return std::unexpected(r.error());
}

}  // namespace relight::app
