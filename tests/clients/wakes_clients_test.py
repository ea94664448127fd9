"""What wakes a function: an upload, a message, a rule, a topic. What it was told stands in CloudWatch Logs."""
import json
import unittest

from lambda_clients_test import TRUST, package
from sandbox import FAST, ClientStory

TELL = """
import json
def handler(event, context):
    print("told", json.dumps(event, sort_keys=True))
"""


class Wakes(ClientStory):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.role = cls.box.client(service="iam").create_role(RoleName="woken", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        cls.fn, cls.logs = cls.box.client(service="lambda"), cls.box.client(service="logs")

    def function(self, name, service="", source=""):
        arn = self.fn.create_function(FunctionName=name, Runtime="python3.12", Role=self.role, Handler="app.handler",
                                      Code={"ZipFile": package({"app.py": TELL})}, Timeout=20)["FunctionArn"]
        self.fn.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig=FAST)
        if service:
            self.fn.add_permission(FunctionName=name, StatementId="may", Action="lambda:InvokeFunction", Principal=service, SourceArn=source)
        return arn

    def told(self, name):
        """The first event that the function printed."""
        found = []
        def look():
            try:
                found[:] = self.logs.filter_log_events(logGroupName="/aws/lambda/" + name, filterPattern="told")["events"]
            except self.logs.exceptions.ResourceNotFoundException:
                pass  # the group comes with the first line
            return bool(found)
        self.box.eventually(look)
        return json.loads(found[0]["message"].split("told ", 1)[1])

    def test_an_upload_wakes_the_function_that_its_bucket_names(self):
        s3 = self.box.client(service="s3")
        s3.create_bucket(Bucket="wakes-inbox")
        arn = self.function("on-upload", "s3.amazonaws.com", "arn:aws:s3:::wakes-inbox")
        s3.put_bucket_notification_configuration(Bucket="wakes-inbox", NotificationConfiguration={"LambdaFunctionConfigurations": [
            {"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]})
        s3.put_object(Bucket="wakes-inbox", Key="a picture", Body=b"p")
        record = self.told("on-upload")["Records"][0]
        self.assertEqual((record["eventName"], record["s3"]["object"]["key"], record["s3"]["bucket"]["name"]),
                         ("ObjectCreated:Put", "a+picture", "wakes-inbox"))

    def test_a_bucket_may_not_name_a_function_that_does_not_let_it(self):
        s3 = self.box.client(service="s3")
        s3.create_bucket(Bucket="wakes-stranger")
        arn = self.function("not-asked")
        with self.assertRaisesRegex(s3.exceptions.ClientError, "Unable to validate the following destination"):
            s3.put_bucket_notification_configuration(Bucket="wakes-stranger", NotificationConfiguration={
                "LambdaFunctionConfigurations": [{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}]})

    def test_a_message_wakes_its_consumer_and_is_gone_when_it_succeeds(self):
        sqs = self.box.client(service="sqs")
        url = sqs.create_queue(QueueName="work")["QueueUrl"]
        queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.function("consumer")
        self.fn.create_event_source_mapping(EventSourceArn=queue, FunctionName="consumer", BatchSize=1)
        sqs.send_message(QueueUrl=url, MessageBody="do this")
        record = self.told("consumer")["Records"][0]
        self.assertEqual((record["body"], record["eventSource"], record["eventSourceARN"]), ("do this", "aws:sqs", queue))
        counts = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        self.box.eventually(lambda: all(
            n == "0" for n in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=counts)["Attributes"].values()))

    def test_a_rule_wakes_its_target_while_it_is_on(self):
        events = self.box.client(service="events")
        rule = events.put_rule(Name="orders", EventPattern=json.dumps({"source": ["shop"]}), State="DISABLED")["RuleArn"]
        arn = self.function("on-order", "events.amazonaws.com", rule)
        events.put_targets(Rule="orders", Targets=[{"Id": "1", "Arn": arn}])
        def order(n):
            events.put_events(Entries=[{"Source": "shop", "DetailType": "order", "Detail": json.dumps({"n": n})}])
        order(1)
        events.enable_rule(Name="orders")
        order(2)
        self.assertEqual(self.told("on-order")["detail"], {"n": 2})

    def test_a_topic_wakes_its_subscriber(self):
        sns = self.box.client(service="sns")
        topic = sns.create_topic(Name="alarms")["TopicArn"]
        arn = self.function("on-alarm", "sns.amazonaws.com", topic)
        sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
        sns.publish(TopicArn=topic, Subject="trouble", Message="the replica is late")
        self.assertEqual(self.told("on-alarm")["Records"][0]["Sns"]["Message"], "the replica is late")


if __name__ == "__main__":
    unittest.main()
