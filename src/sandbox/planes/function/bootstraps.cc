#include "sandbox/planes/function/bootstraps.h"

namespace relight::sandbox::function {

// Errors have the form of "Lambda function errors and exceptions" (AWS Lambda Developer Guide, Python).
const std::string_view kPythonBootstrap = R"PY(import http.client, importlib, json, os, sys, time, traceback

host = os.environ["AWS_LAMBDA_RUNTIME_API"]
base = "/2018-06-01/runtime/"
sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])


def ask(method, path, body=None, headers={}):
    c = http.client.HTTPConnection(host)
    c.request(method, base + path, body, headers)
    r = c.getresponse()
    return r.headers, r.read()


def complain(path, error, kind=None, frames=None):
    kind = kind or type(error).__name__
    lines = traceback.format_list(frames if frames is not None else traceback.extract_tb(error.__traceback__)[1:])
    body = {"errorMessage": str(error), "errorType": kind, "stackTrace": lines}
    request = path.split("/")[1] if path.startswith("invocation") else ""
    if request:
        body["requestId"] = request
    print("[ERROR] %s: %s\nTraceback (most recent call last):\n%s" % (kind, error, "".join(lines)), flush=True)
    ask("POST", path, json.dumps(body), {"Lambda-Runtime-Function-Error-Type": kind})


class Context:
    def __init__(self, h):
        self.aws_request_id = h["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = h["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.client_context = json.loads(h.get("Lambda-Runtime-Client-Context") or "null")
        self.identity = None
        self._deadline = int(h["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, self._deadline - int(time.time() * 1000))


name = os.environ["_HANDLER"]
try:
    module, _, function = name.rpartition(".")
    try:
        handler = getattr(importlib.import_module(module.replace("/", ".")), function)
    except ImportError as e:
        raise ImportError("Unable to import module '%s': %s" % (module, e)) from e
except BaseException as e:
    frames = []
    kind = None
    if isinstance(e, ImportError):
        kind = "Runtime.ImportModuleError"
    elif isinstance(e, AttributeError):
        kind, e = "Runtime.HandlerNotFound", AttributeError("Handler '%s' missing on module '%s'" % (function, module))
    elif isinstance(e, ValueError) and "Empty module name" in str(e):
        kind, e = "Runtime.MalformedHandlerName", ValueError("Bad handler '%s'" % name)
    elif isinstance(e, SyntaxError):
        kind = "Runtime.UserCodeSyntaxError"
    else:
        frames = None
    complain("init/error", e, kind, frames)
    sys.exit(1)

while True:
    headers, body = ask("GET", "invocation/next")
    request = headers["Lambda-Runtime-Aws-Request-Id"]
    os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id", "")
    try:
        answer = handler(json.loads(body or b"null"), Context(headers))
        try:
            text = json.dumps(answer)
        except TypeError as e:
            complain("invocation/%s/error" % request, "Unable to marshal response: %s" % e, "Runtime.MarshalError", [])
            continue
        sys.stdout.flush()
        ask("POST", "invocation/%s/response" % request, text)
    except Exception as e:
        complain("invocation/%s/error" % request, e)
)PY";

const std::string_view kNodeBootstrap = R"JS(import http from 'node:http';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const root = process.env.LAMBDA_TASK_ROOT, name = process.env._HANDLER;
const ask = (method, path, body, headers = {}) => new Promise((ok, bad) => {
  const text = body === undefined ? '' : body;
  const r = http.request({ host, port, method, path: '/2018-06-01/runtime/' + path, agent: false,
    headers: { ...headers, 'Content-Length': Buffer.byteLength(text) } }, res => {
    const parts = [];
    res.on('data', p => parts.push(p)).on('end', () => ok([res.headers, Buffer.concat(parts).toString()]));
  });
  r.on('error', bad).end(text);
});
const complain = (path, e, kind) => {
  const error = e instanceof Error ? e : { name: 'Error', message: String(e), stack: '' };
  const type = kind || error.name, body = { errorType: type, errorMessage: error.message,
    trace: String(error.stack).split('\n') };
  console.error('ERROR\t' + (path.startsWith('init') ? 'Uncaught Exception' : 'Invoke Error') + '\t' + JSON.stringify(body));
  return ask('POST', path, JSON.stringify(body), { 'Lambda-Runtime-Function-Error-Type': type });
};
const load = async () => {
  const cut = name.lastIndexOf('.'), file = root + '/' + name.slice(0, cut), f = name.slice(cut + 1);
  if (cut < 1) throw Object.assign(new Error(`Bad handler '${name}'`), { kind: 'Runtime.MalformedHandlerName' });
  const ending = ['.js', '.mjs', '.cjs'].find(e => fs.existsSync(file + e));
  if (!ending) throw Object.assign(new Error(`Cannot find module '${name.slice(0, cut)}'`), { kind: 'Runtime.ImportModuleError' });
  let type = '';
  try { type = JSON.parse(fs.readFileSync(root + '/package.json')).type || ''; } catch { }
  const esm = ending === '.mjs' || (ending === '.js' && type === 'module');
  const m = esm ? await import(pathToFileURL(file + ending)) : createRequire(root + '/')(file + ending);
  const handler = m[f] ?? m.default?.[f];
  if (typeof handler !== 'function')
    throw Object.assign(new Error(`${name} is undefined or not exported`), { kind: 'Runtime.HandlerNotFound' });
  return handler;
};
let handler;
try {
  handler = await load();
} catch (e) {
  await complain('init/error', e, e.kind || (e instanceof SyntaxError ? 'Runtime.UserCodeSyntaxError' : undefined));
  process.exit(1);
}
for (;;) {
  const [h, body] = await ask('GET', 'invocation/next');
  const id = h['lambda-runtime-aws-request-id'];
  process.env._X_AMZN_TRACE_ID = h['lambda-runtime-trace-id'] || '';
  const context = {
    awsRequestId: id, invokedFunctionArn: h['lambda-runtime-invoked-function-arn'], callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME, functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE, logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: JSON.parse(h['lambda-runtime-client-context'] || 'null') ?? undefined,
    getRemainingTimeInMillis: () => Math.max(0, Number(h['lambda-runtime-deadline-ms']) - Date.now()),
  };
  try {
    const answer = await new Promise((ok, bad) => {
      const r = handler(JSON.parse(body || 'null'), context, (e, v) => e ? bad(e) : ok(v));
      if (r && typeof r.then === 'function') r.then(ok, bad);
    });
    await ask('POST', `invocation/${id}/response`, JSON.stringify(answer === undefined ? null : answer));
  } catch (e) {
    await complain(`invocation/${id}/error`, e);
  }
}
)JS";

}  // namespace relight::sandbox::function
