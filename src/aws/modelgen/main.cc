// modelgen: AWS service model in, C++ out.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "aws/modelgen/emit.h"
#include "aws/modelgen/order.h"
#include "base/bytes.h"

namespace relight::modelgen {
namespace {

constexpr const char* kHelp =
    R"(usage: modelgen --model F --namespace N --out DIR [--operations A,B|*] [--paginators F] [--waiters F]
                [--overlay F] [--parts K] [--global]

Reads an AWS service model (botocore's service-2.json) and writes DIR/N.h, DIR/N_shapes.h and DIR/N_0.cc …
DIR/N_<K-1>.cc: structs, descriptors for the codecs, operation tags and a Client in namespace relight::aws::N.

  --model F        service-2.json
  --namespace N    C++ namespace and file name, also the id on the command line: rds
  --out DIR        an existing directory
  --operations L   comma-separated names, or * for all (the default); only what they reach is written
  --paginators F   paginators-1.json
  --waiters F      waiters-2.json
  --overlay F      JSON merge patch (RFC 7396) laid over the model first
  --parts K        over how many .cc files to spread the descriptors (default 1)
  --global         the service has one endpoint, in us-east-1 (iam, route53)
)";

std::vector<std::string> names(const std::string& list) {
  auto out = split(list, ',');
  std::erase(out, "");
  return out;
}

// Leaves a file alone that already says the same, so that nothing is recompiled for nothing.
Result<> write(const std::string& path, const std::string& text) {
  std::ifstream old(path, std::ios::binary);
  std::stringstream was;
  was << old.rdbuf();
  if (old && was.str() == text) return {};
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  if (!out) return fail("Modelgen.Write", "cannot write " + path);
  return {};
}

struct Options {
  std::map<std::string, std::string> values{{"operations", "*"}, {"parts", "1"}};
  bool global = false;
};

Result<Options> parse(int argc, char** argv) {
  static const std::string known = " model namespace out operations paginators waiters overlay parts ";
  Options o;
  for (int i = 1; i < argc; ++i) {
    std::string a = argv[i];
    if (a == "--global") {
      o.global = true;
    } else if (a.starts_with("--") && known.find(" " + a.substr(2) + " ") != std::string::npos &&
               i + 1 < argc) {
      o.values[a.substr(2)] = argv[++i];
    } else {
      return fail("Modelgen.Usage", "do not understand '" + a + "' here; see modelgen --help");
    }
  }
  for (const char* need : {"model", "namespace", "out"})
    if (o.values[need].empty())
      return fail("Modelgen.Usage", std::string("--") + need + " is missing; see modelgen --help");
  return o;
}

Result<> run(Options o) {
  auto& v = o.values;
  size_t parts = std::strtoul(v["parts"].c_str(), nullptr, 10);
  if (parts < 1 || parts > 64) return fail("Modelgen.Usage", "--parts takes 1 to 64");
  TRY_ASSIGN(Model m, read_model({v["model"], v["paginators"], v["waiters"], v["overlay"]}));
  TRY(select(m, names(v["operations"])));
  std::string ns = v["namespace"], base = v["out"] + "/" + ns;
  Emission e{m, ns, o.global, Types(m, ns), declaration_order(m)};
  TRY(write(base + ".h", emit_header(e)));
  TRY(write(base + "_shapes.h", emit_internal(e)));
  for (size_t p = 0; p < parts; ++p)
    TRY(write(base + "_" + std::to_string(p) + ".cc", emit_part(e, p, parts)));
  return {};
}

}  // namespace
}  // namespace relight::modelgen

int main(int argc, char** argv) {
  using namespace relight::modelgen;
  for (int i = 1; i < argc; ++i)
    if (std::string(argv[i]) == "--help") return std::fputs(kHelp, stdout), 0;
  auto options = parse(argc, argv);
  auto done = options ? run(*options) : relight::Result<>(relight::fail(options.error()));
  if (done) return 0;
  std::fprintf(stderr, "modelgen: %s\n", done.error().message.c_str());
  return 1;
}
