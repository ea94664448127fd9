"""Functions by boto3 and Debian's AWS CLI: packages that run, errors, aliases, concurrency, code from S3, a stack."""
import base64
import io
import json
import pathlib
import unittest
import urllib.request
import zipfile
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import ClientError

from sandbox import FAST, ClientStory

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
HELLO = """
import json, os, urllib.request
def handler(event, context):
    print("hello", event.get("name"))
    if event.get("fail"): raise ValueError("told to")
    return {"hello": event.get("name"), "version": context.function_version, "colour": os.environ.get("COLOUR")}
"""
STACK = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]}
  F:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code: {ZipFile: "def handler(event, context): return event['n'] + 1"}
Outputs:
  Name: {Value: !Ref F}
"""
# The runtime API's loop, as Bref has it at heart: next invocation, handler, response.
PHP = r"""#!/usr/bin/php
<?php
$api = 'http://' . getenv('AWS_LAMBDA_RUNTIME_API') . '/2018-06-01/runtime/invocation/';
$handler = require getenv('LAMBDA_TASK_ROOT') . '/hello.php';
while (true) {
    $event = json_decode(file_get_contents($api . 'next'), true);
    foreach ($http_response_header as $line)
        if (stripos($line, 'Lambda-Runtime-Aws-Request-Id:') === 0) $id = trim(substr($line, 30));
    $answer = ['http' => ['method' => 'POST', 'content' => json_encode($handler($event))]];
    file_get_contents($api . $id . '/response', false, stream_context_create($answer));
}
"""


def package(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, text in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (0o100755 if name == "bootstrap" else 0o100644) << 16
            z.writestr(info, text)
    return out.getvalue()


class LambdaClients(ClientStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.role = cls.box.client(service="iam").create_role(RoleName="functions", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        cls.fn = cls.box.client(service="lambda", read_timeout=120)

    def make(self, name, files=None, runtime="python3.12", **more):
        self.fn.create_function(FunctionName=name, Runtime=runtime, Role=self.role, Handler="app.handler",
                                Code={"ZipFile": package(files or {"app.py": HELLO})}, **more)
        self.fn.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=FAST)

    def call(self, name, event=None, **more):
        r = self.fn.invoke(FunctionName=name, Payload=json.dumps(event or {}), **more)
        return r, json.loads(r["Payload"].read() or b"null")

    def test_a_package_runs_and_its_log_is_shown(self):
        self.make("hello", Environment={"Variables": {"COLOUR": "blue"}}, Timeout=20)
        r, answer = self.call("hello", {"name": "you"}, LogType="Tail")
        self.assertEqual(answer, {"hello": "you", "version": "$LATEST", "colour": "blue"})
        self.assertNotIn("FunctionError", r)
        log = base64.b64decode(r["LogResult"]).decode()
        self.assertIn("hello you\nEND RequestId: " + r["ResponseMetadata"]["RequestId"], log)
        r, answer = self.call("hello", {"fail": 1})
        self.assertEqual((r["StatusCode"], r["FunctionError"]), (200, "Unhandled"))
        self.assertEqual((answer["errorType"], answer["errorMessage"]), ("ValueError", "told to"))
        self.assertIn("line 5, in handler", answer["stackTrace"][-1])
        code = urllib.request.urlopen(self.fn.get_function(FunctionName="hello")["Code"]["Location"], timeout=20).read()
        self.assertEqual(code, package({"app.py": HELLO}))
        self.fn.delete_function(FunctionName="hello")
        self.assertEqual(self.code(self.fn.invoke, FunctionName="hello"), "ResourceNotFoundException")

    def test_versions_stand_still_and_aliases_move(self):
        self.make("moving", {"app.py": "def handler(e, c): return 'one'"})
        v1 = self.fn.publish_version(FunctionName="moving")["Version"]
        self.fn.create_alias(FunctionName="moving", Name="live", FunctionVersion=v1)
        self.fn.update_function_code(FunctionName="moving", ZipFile=package({"app.py": "def handler(e, c): return 'two'"}))
        self.fn.get_waiter("function_updated_v2").wait(FunctionName="moving", WaiterConfig=FAST)
        self.assertEqual(self.call("moving")[1], "two")
        self.assertEqual(self.call("moving", Qualifier="live")[1], "one")
        v2 = self.fn.publish_version(FunctionName="moving")["Version"]
        self.fn.update_alias(FunctionName="moving", Name="live", FunctionVersion=v2)
        r, answer = self.call("moving", Qualifier="live")
        self.assertEqual((answer, r["ExecutedVersion"]), ("two", "2"))

    def test_concurrency_zero_refuses_until_it_is_lifted(self):
        self.make("off")
        self.fn.put_function_concurrency(FunctionName="off", ReservedConcurrentExecutions=0)
        with self.assertRaises(ClientError) as e:
            self.fn.invoke(FunctionName="off")
        self.assertEqual(e.exception.response["Error"]["Code"], "TooManyRequestsException")
        self.assertEqual(e.exception.response["Reason"], "ReservedFunctionConcurrentInvocationLimitExceeded")
        self.fn.delete_function_concurrency(FunctionName="off")
        self.assertEqual(self.call("off", {"name": "x"})[1]["hello"], "x")

    def test_code_comes_from_a_bucket_and_a_function_calls_the_sandbox_with_its_own_keys(self):
        s3 = self.c("s3")
        s3.create_bucket(Bucket="packages")
        asks = """
import os, socket, boto3
def handler(event, context):
    c = lambda s: boto3.client(s, endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    c("s3").put_object(Bucket="packages", Key="made", Body=b"by a function")
    return [c("sts").get_caller_identity()["Arn"], socket.gethostbyname("s3.us-east-1.amazonaws.com").split(".")[0]]
"""
        s3.put_object(Bucket="packages", Key="f.zip", Body=package({"app.py": asks}))
        self.fn.create_function(FunctionName="asks", Runtime="python3.11", Role=self.role, Handler="app.handler", Timeout=60,
                                Code={"S3Bucket": "packages", "S3Key": "f.zip"})
        self.fn.get_waiter("function_active_v2").wait(FunctionName="asks", WaiterConfig=FAST)
        r, answer = self.call("asks")
        self.assertEqual(answer, ["arn:aws:sts::000000000000:assumed-role/functions/asks", "127"])
        self.assertEqual(s3.get_object(Bucket="packages", Key="made")["Body"].read(), b"by a function")
        self.assertEqual(self.code(self.fn.create_function, FunctionName="none", Runtime="python3.11", Role=self.role, Handler="app.handler",
                                   Code={"S3Bucket": "packages", "S3Key": "nothing.zip"}), "InvalidParameterValueException")

    def test_a_function_may_do_what_its_role_may(self):
        iam, s3 = self.c("iam"), self.c("s3")
        s3.create_bucket(Bucket="narrow")
        role = iam.create_role(RoleName="narrow", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        self.fn.create_function(FunctionName="narrow", Runtime="python3.12", Role=role, Handler="app.handler", Timeout=60, Code={"ZipFile": package({"app.py": """
import os, boto3
def handler(event, context):
    try:
        boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"]).put_object(Bucket="narrow", Key="k", Body=b"x")
        return "done"
    except Exception as e:
        return e.response["Error"]["Code"]
"""})})
        self.fn.get_waiter("function_active_v2").wait(FunctionName="narrow", WaiterConfig=FAST)
        self.addCleanup(self.box.verb, "iam", "off")
        self.box.verb("iam", "enforce")
        self.assertEqual(self.call("narrow")[1], "AccessDenied")
        iam.put_role_policy(RoleName="narrow", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::narrow/*"}]}))
        self.assertEqual(self.call("narrow")[1], "done")

    def test_events_are_accepted_and_happen(self):
        s3 = self.c("s3")
        s3.create_bucket(Bucket="marks")
        self.make("later", {"app.py": """
import os, boto3
def handler(event, context):
    boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"]).put_object(Bucket="marks", Key=event["key"], Body=b"x")
"""}, Timeout=60)
        self.assertEqual(self.call("later", {"key": "a"}, InvocationType="Event")[0]["StatusCode"], 202)
        self.box.eventually(lambda: s3.list_objects_v2(Bucket="marks").get("KeyCount"))

    def test_many_at_once_do_not_hold_each_other_up(self):
        self.make("slow", {"app.py": "import time\ndef handler(e, c):\n    time.sleep(0.5)\n    return e['n']"}, Timeout=60)
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda n: self.call("slow", {"n": n})[1], range(6)))
        self.assertEqual(answers, list(range(6)))

    def test_what_is_wrong_is_said(self):
        bad = {"FunctionName": "bad", "Role": self.role, "Handler": "app.handler"}
        self.assertEqual(self.code(self.fn.create_function, Runtime="python3.12", Code={"ZipFile": b"no zip"}, **bad), "InvalidParameterValueException")
        self.assertEqual(self.code(self.fn.create_function, Runtime="java21", Code={"ZipFile": package({"a": ""})}, **bad), "InvalidParameterValueException")
        bad["Role"] = "arn:aws:iam::000000000000:role/nobody"
        self.assertEqual(self.code(self.fn.create_function, Runtime="python3.12", Code={"ZipFile": package({"a": ""})}, **bad), "InvalidParameterValueException")
        self.make("broken", {"app.py": "import nothing_of_the_kind"})
        r, answer = self.call("broken")
        self.assertEqual((r["FunctionError"], answer["errorType"]), ("Unhandled", "Runtime.ImportModuleError"))

    def test_php_runs_by_a_bootstrap_of_its_own(self):
        """Lambda has no PHP; people bring it in the package or a layer. Here the machine's own /usr/bin/php runs the bootstrap."""
        self.make("php-hello", {"bootstrap": PHP, "hello.php": "<?php return fn($event) => ['hello' => $event['name'], 'php' => PHP_MAJOR_VERSION];"},
                  runtime="provided.al2023")
        r, answer = self.call("php-hello", {"name": "world"})
        self.assertNotIn("FunctionError", r)
        self.assertEqual(answer["hello"], "world")
        self.assertGreaterEqual(answer["php"], 8)

    def test_the_cli_walks_the_same_way(self):
        path = pathlib.Path(self.box.dir, "cli.zip")
        path.write_bytes(package({"bootstrap": "#!/usr/bin/php\n<?php fwrite(STDERR, 'not reached'); exit(3);"}))
        def ok(*words):
            r = self.box.cli("lambda", *words, "--output", "json")
            self.assertEqual(r.returncode, 0, r.stderr)
            return json.loads(r.stdout) if r.stdout.strip() else {}
        ok("create-function", "--function-name", "php", "--runtime", "provided.al2", "--role", self.role, "--handler", "x",
           "--zip-file", f"fileb://{path}")
        ok("wait", "function-active-v2", "--function-name", "php")
        out = ok("invoke", "--function-name", "php", f"{self.box.dir}/answer.json")
        self.assertEqual(out["FunctionError"], "Unhandled")
        self.assertEqual(json.loads(pathlib.Path(self.box.dir, "answer.json").read_text())["errorType"], "Runtime.ExitError")
        self.assertIn("php", [f["FunctionName"] for f in ok("list-functions")["Functions"]])
        ok("delete-function", "--function-name", "php")

    def test_a_stack_with_an_inline_function_comes_and_goes(self):
        cf = self.c("cloudformation")
        cf.create_stack(StackName="inline", TemplateBody=STACK, Capabilities=["CAPABILITY_IAM"])
        cf.get_waiter("stack_create_complete").wait(StackName="inline", WaiterConfig=FAST)
        name = {o["OutputKey"]: o["OutputValue"] for o in cf.describe_stacks(StackName="inline")["Stacks"][0]["Outputs"]}["Name"]
        self.assertEqual(self.call(name, {"n": 41})[1], 42)
        cf.delete_stack(StackName="inline")
        cf.get_waiter("stack_delete_complete").wait(StackName="inline", WaiterConfig=FAST)
        self.assertEqual(self.code(self.fn.get_function, FunctionName=name), "ResourceNotFoundException")

    def test_a_lost_region_says_nothing_and_brings_its_functions_back(self):
        west = self.box.client(region="us-west-2", service="lambda", read_timeout=120)
        west.create_function(FunctionName="far", Runtime="python3.12", Role=self.role, Handler="app.handler", Timeout=600,
                             Code={"ZipFile": package({"app.py": "import time\ndef handler(e, c): return time.sleep(e['s'])"})})
        west.get_waiter("function_active_v2").wait(FunctionName="far", WaiterConfig=FAST)
        with ThreadPoolExecutor(1) as pool:
            under_way = pool.submit(west.invoke, FunctionName="far", Payload='{"s": 600}')
            self.box.eventually(lambda: list(pathlib.Path(self.box.dir, "functions/environments").iterdir()))
            self.box.verb("lose", "us-west-2")
            with self.assertRaises(Exception):
                under_way.result(timeout=60)
        self.box.verb("restore", "us-west-2")
        self.assertEqual(west.invoke(FunctionName="far", Payload='{"s": 0}')["StatusCode"], 200)


if __name__ == "__main__":
    unittest.main()
