"""Queues, topics, rules and bucket notifications told by boto3, Debian's AWS CLI and, for SQS, raw JSON 1.0 as recent SDKs speak it."""
import json
import threading
import unittest
import urllib.error
import urllib.request

import botocore.auth
import botocore.awsrequest
import botocore.credentials

from sandbox import FAST, ClientStory

ACCOUNT = "000000000000"

STACK = """
Resources:
  Work: {Type: AWS::SQS::Queue}
  May:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Work]
      PolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: s3.amazonaws.com}, Action: 'sqs:SendMessage', Resource: !GetAtt Work.Arn}]
  Inbox:
    Type: AWS::S3::Bucket
    DependsOn: May
    Properties:
      NotificationConfiguration:
        QueueConfigurations: [{Event: 's3:ObjectCreated:*', Queue: !GetAtt Work.Arn, Filter: {S3Key: {Rules: [{Name: prefix, Value: in/}]}}}]
Outputs:
  Bucket: {Value: !Ref Inbox}
  Queue: {Value: !Ref Work}
"""


def only(service, arn, source):
    """A queue's policy that lets one service send for one source."""
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage", "Resource": arn,
         "Condition": {"ArnLike": {"aws:SourceArn": source}}}]})


class Queues(ClientStory):
    def setUp(self):
        self.sqs = self.c("sqs")

    def queue(self, name, **attributes):
        return self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def json(self, action, body):
        """A request as SDKs since 2023 make it: (status, headers, answer)."""
        request = botocore.awsrequest.AWSRequest("POST", self.box.url + "/", data=json.dumps(body), headers={
            "X-Amz-Target": "AmazonSQS." + action, "Content-Type": "application/x-amz-json-1.0", "x-amzn-query-mode": "true"})
        keys = botocore.credentials.Credentials(self.box.env["AWS_ACCESS_KEY_ID"], self.box.env["AWS_SECRET_ACCESS_KEY"])
        botocore.auth.SigV4Auth(keys, "sqs", "us-east-1").add_auth(request)
        sent = urllib.request.Request(request.url, request.data.encode() if isinstance(request.data, str) else request.data, dict(request.headers), method="POST")
        try:
            with urllib.request.urlopen(sent, timeout=30) as r:
                return r.status, r.headers, json.loads(r.read() or b"{}")
        except urllib.error.HTTPError as e:
            return e.code, e.headers, json.loads(e.read())

    def test_a_message_goes_through_with_the_digests_that_boto3_checks(self):
        url = self.queue("first")
        self.assertEqual(url, f"{self.box.url}/{ACCOUNT}/first")
        self.sqs.send_message(QueueUrl=url, MessageBody="grüß\n<dich>", MessageAttributes={
            "n": {"DataType": "Number", "StringValue": "1"}, "raw": {"DataType": "Binary", "BinaryValue": b"\0\xff"}})
        got = self.sqs.receive_message(QueueUrl=url, AttributeNames=["All"], MessageAttributeNames=["All"])["Messages"][0]
        self.assertEqual(got["Body"], "grüß\n<dich>")
        self.assertEqual(got["MessageAttributes"]["raw"]["BinaryValue"], b"\0\xff")
        self.assertEqual(got["Attributes"]["ApproximateReceiveCount"], "1")
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=got["ReceiptHandle"])
        self.assertNotIn("Messages", self.sqs.receive_message(QueueUrl=url))
        self.assertEqual(self.code(self.sqs.get_queue_url, QueueName="nobody"), "AWS.SimpleQueueService.NonExistentQueue")

    def test_batches_and_attributes(self):
        url = self.queue("batch", VisibilityTimeout="0")
        sent = self.sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(i), "MessageBody": f"m{i}"} for i in range(10)])
        self.assertEqual(len(sent["Successful"]), 10)
        got = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=60)["Messages"]
        gone = self.sqs.delete_message_batch(QueueUrl=url, Entries=[{"Id": "a", "ReceiptHandle": got[0]["ReceiptHandle"]},
                                                                    {"Id": "b", "ReceiptHandle": "nonsense"}])
        self.assertEqual(([x["Id"] for x in gone["Successful"]], [x["Id"] for x in gone["Failed"]]), (["a"], ["b"]))
        shown = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        self.assertEqual(shown["ApproximateNumberOfMessagesNotVisible"], "9")
        self.assertEqual(shown["QueueArn"], f"arn:aws:sqs:us-east-1:{ACCOUNT}:batch")

    def test_a_long_poll_is_answered_by_a_send_while_others_go_on(self):
        url = self.queue("poll")
        answers = []
        polls = [threading.Thread(target=lambda: answers.append(self.box.client(service="sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20)))
                 for _ in range(8)]  # more than the server has threads
        for p in polls:
            p.start()
        self.sqs.send_message_batch(QueueUrl=url, Entries=[{"Id": str(i), "MessageBody": f"m{i}"} for i in range(8)])
        for p in polls:
            p.join(60)
        self.assertEqual(sorted(a["Messages"][0]["Body"] for a in answers), [f"m{i}" for i in range(8)])

    def test_json_1_0_as_recent_clients_speak_it(self):
        status, _, made = self.json("CreateQueue", {"QueueName": "modern", "Attributes": {"VisibilityTimeout": "7"}, "tags": {"a": "b"}})
        self.assertEqual(status, 200, made)
        url = made["QueueUrl"]
        self.json("SendMessage", {"QueueUrl": url, "MessageBody": "x", "MessageAttributes": {"k": {"DataType": "String", "StringValue": "v"}}})
        _, _, got = self.json("ReceiveMessage", {"QueueUrl": url, "MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"]})
        self.assertEqual(got["Messages"][0]["MessageAttributes"]["k"]["StringValue"], "v")
        self.assertEqual(got["Messages"][0]["Attributes"]["SenderId"], ACCOUNT)
        self.assertEqual(self.json("GetQueueAttributes", {"QueueUrl": url, "AttributeNames": ["VisibilityTimeout"]})[2],
                         {"Attributes": {"VisibilityTimeout": "7"}})
        self.assertEqual(self.json("ListQueueTags", {"QueueUrl": url})[2], {"Tags": {"a": "b"}})
        status, headers, error = self.json("GetQueueUrl", {"QueueName": "nobody"})
        self.assertEqual(status, 400)
        self.assertIn("QueueDoesNotExist", error["__type"])
        self.assertEqual(headers["x-amzn-query-error"], "AWS.SimpleQueueService.NonExistentQueue;Sender")

    def test_the_cli_sends_and_receives(self):
        made = json.loads(self.box.cli("sqs", "create-queue", "--queue-name", "cli.fifo", "--attributes",
                                       "FifoQueue=true,ContentBasedDeduplication=true", "--output", "json").stdout)
        for _ in range(2):
            r = self.box.cli("sqs", "send-message", "--queue-url", made["QueueUrl"], "--message-body", "once", "--message-group-id", "g")
            self.assertEqual(r.returncode, 0, r.stderr)
        got = json.loads(self.box.cli("sqs", "receive-message", "--queue-url", made["QueueUrl"], "--max-number-of-messages", "10", "--output", "json").stdout)
        self.assertEqual([m["Body"] for m in got["Messages"]], ["once"])


class Fanout(ClientStory):
    def queue(self, name, service, source):
        sqs = self.c("sqs")
        arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
        return sqs.create_queue(QueueName=name, Attributes={"Policy": only(service, arn, source)})["QueueUrl"], arn

    def next(self, url):
        """The next message of a queue, for which it waits as consumers do."""
        got = self.c("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"][0]
        self.c("sqs").delete_message(QueueUrl=url, ReceiptHandle=got["ReceiptHandle"])
        return json.loads(got["Body"])

    def test_an_upload_reaches_the_queue_that_its_bucket_names(self):
        url, arn = self.queue("uploads", "s3.amazonaws.com", "arn:aws:s3:::pictures")
        s3 = self.c("s3")
        s3.create_bucket(Bucket="pictures")
        notify = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": [
            {"Name": "suffix", "Value": ".jpg"}]}}}]}
        s3.put_bucket_notification_configuration(Bucket="pictures", NotificationConfiguration=notify)
        self.assertEqual(self.next(url)["Event"], "s3:TestEvent")
        s3.put_object(Bucket="pictures", Key="cat.txt", Body=b"no")
        s3.put_object(Bucket="pictures", Key="a cat.jpg", Body=b"meow")
        record = self.next(url)["Records"][0]
        self.assertEqual((record["eventName"], record["s3"]["object"]["key"], record["s3"]["object"]["size"]), ("ObjectCreated:Put", "a+cat.jpg", 4))
        notify["QueueConfigurations"][0]["QueueArn"] = arn.replace("uploads", "nobody")
        self.assertEqual(self.code(s3.put_bucket_notification_configuration, Bucket="pictures", NotificationConfiguration=notify), "InvalidArgument")
        self.assertEqual(s3.get_bucket_notification_configuration(Bucket="pictures")["QueueConfigurations"][0]["QueueArn"], arn)

    def test_a_stack_s_bucket_tells_its_queue(self):
        cf = self.c("cloudformation")
        cf.create_stack(StackName="inbox", TemplateBody=STACK)
        cf.get_waiter("stack_create_complete").wait(StackName="inbox", WaiterConfig=FAST)
        made = {o["OutputKey"]: o["OutputValue"] for o in cf.describe_stacks(StackName="inbox")["Stacks"][0]["Outputs"]}
        self.assertEqual(self.next(made["Queue"])["Event"], "s3:TestEvent")
        for key in ("out/a", "in/a"):
            self.c("s3").put_object(Bucket=made["Bucket"], Key=key, Body=b"x")
        self.assertEqual(self.next(made["Queue"])["Records"][0]["s3"]["object"]["key"], "in/a")
        without = STACK[:STACK.index("    Properties:\n      NotificationConfiguration")] + STACK[STACK.index("Outputs:"):]
        cf.update_stack(StackName="inbox", TemplateBody=without)
        cf.get_waiter("stack_update_complete").wait(StackName="inbox", WaiterConfig=FAST)
        self.assertNotIn("QueueConfigurations", self.c("s3").get_bucket_notification_configuration(Bucket=made["Bucket"]))

    def test_a_topic_fans_out(self):
        sns = self.c("sns")
        topic = sns.create_topic(Name="news")["TopicArn"]
        url, arn = self.queue("readers", "sns.amazonaws.com", topic)
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"FilterPolicy": '{"kind":["order"]}'})
        sns.publish(TopicArn=topic, Message="not for it", MessageAttributes={"kind": {"DataType": "String", "StringValue": "other"}})
        sns.publish(TopicArn=topic, Message="for it", Subject="s", MessageAttributes={"kind": {"DataType": "String", "StringValue": "order"}})
        self.assertEqual(self.next(url)["Message"], "for it")
        self.assertEqual(self.code(sns.publish, TopicArn=topic + "x", Message="m"), "NotFound")
        self.assertEqual(json.loads(self.box.cli("sns", "list-topics", "--output", "json").stdout)["Topics"], [{"TopicArn": topic}])

    def test_a_rule_sends_what_matches(self):
        events = self.c("events")
        rule = events.put_rule(Name="orders", EventPattern='{"source":["shop"],"detail":{"total":[{"numeric":[">",10]}]}}')["RuleArn"]
        url, arn = self.queue("orders", "events.amazonaws.com", rule)
        self.assertEqual(events.put_targets(Rule="orders", Targets=[{"Id": "q", "Arn": arn, "InputPath": "$.detail"}])["FailedEntryCount"], 0)
        events.disable_rule(Name="orders")
        put = lambda total: events.put_events(Entries=[{"Source": "shop", "DetailType": "order", "Detail": json.dumps({"total": total})}])
        put(99)
        events.enable_rule(Name="orders")
        self.assertEqual(put(11)["FailedEntryCount"], 0)
        self.assertEqual(self.next(url), {"total": 11})
        shown = json.loads(self.box.cli("events", "list-targets-by-rule", "--rule", "orders", "--output", "json").stdout)
        self.assertEqual(shown["Targets"][0]["Arn"], arn)
        self.assertTrue(events.test_event_pattern(EventPattern='{"source":["a"]}', Event=json.dumps({
            "id": "1", "account": ACCOUNT, "source": "a", "time": "2026-09-21T00:00:00Z", "region": "us-east-1", "resources": [], "detail-type": "t"}))["Result"])


if __name__ == "__main__":
    unittest.main()
