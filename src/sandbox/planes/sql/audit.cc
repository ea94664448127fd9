// MariaDB's audit plugin, server_audit, as RDS's option MARIADB_AUDIT_PLUGIN has it.
#include <fmt/format.h>

#include "sandbox/planes/sql/mariadb_plane.h"

namespace relight::sandbox {
namespace {

Result<bool> audits(sql::Connection& c) {
  TRY_ASSIGN(auto r, c.query("SELECT COUNT(*) FROM information_schema.plugins WHERE plugin_name = "
                             "'SERVER_AUDIT' AND plugin_status = 'ACTIVE'"));
  return r.value() == "1";
}

Result<> set_audit(sql::Connection& c, const std::string& name, const std::string& value) {
  bool number = !value.empty() && value.find_first_not_of("0123456789") == std::string::npos;
  TRY(c.exec(fmt::format("SET GLOBAL {} = {}", sql::identifier(name), number ? value : c.quote(value))));
  return {};
}

}  // namespace

// "After you add the MariaDB Audit Plugin, you don't need to restart your DB instance. As soon as the option
// group is active, auditing begins immediately"; and "when you remove the MariaDB Audit Plugin, the DB
// instance is restarted" (Amazon RDS User Guide, Appendix.MariaDB.Options).
Result<> MariaDbPlane::apply_audit(const Database& db) {
  TRY_ASSIGN(auto s, server(db));
  std::lock_guard work(s->work);
  if (!s->running()) return {};  // the next start loads it
  {
    TRY_ASSIGN(auto c, s->admin());
    TRY_ASSIGN(bool on, audits(c));
    if (!db.audit.empty()) {
      TRY(make_audit_directory(db, s->data_dir()));
      if (!on) {
        TRY(c.exec("INSTALL SONAME 'server_audit'"));
        // The row would load it in every copy of these data, whatever the copy's options are.
        TRY(c.exec("DELETE FROM mysql.plugin WHERE name = 'SERVER_AUDIT'"));
      }
      TRY(set_audit(c, "server_audit_file_path", audit_directory(db) + "/server_audit.log"));
      for (auto& [name, value] : db.audit)
        if (name != "server_audit_logging") TRY(set_audit(c, name, value));
      return set_audit(c, "server_audit_logging", "ON");
    }
    if (!on) return {};
  }
  s->stop();
  return launch(*s, db);
}

}  // namespace relight::sandbox
