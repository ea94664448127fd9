"""A wrk script that sends one signed request over and over (a signature holds for 15 minutes).

    signed_wrk.py URL                              sts:GetCallerIdentity
    signed_wrk.py URL --s3 GET                     an object
    signed_wrk.py URL --s3 PUT --body FILE         the same, written; its payload is signed

Credentials and region come from the environment.
"""
import argparse
import os

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def main():
    cli = argparse.ArgumentParser()
    cli.add_argument("url")
    cli.add_argument("--s3")
    cli.add_argument("--body")
    asked = cli.parse_args()
    credentials = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"],
                              os.environ.get("AWS_SESSION_TOKEN"))
    region = os.environ.get("AWS_REGION", "us-east-1")
    if asked.s3:
        body = open(asked.body, "rb").read() if asked.body else b""
        request = AWSRequest(asked.s3, asked.url, data=body)
        S3SigV4Auth(credentials, "s3", region).add_auth(request)
    else:
        request = AWSRequest("POST", asked.url, data="Action=GetCallerIdentity&Version=2011-06-15",
                             headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
        SigV4Auth(credentials, "sts", region).add_auth(request)
        print(f'wrk.body = "{request.data}"')
    print(f'wrk.method = "{request.method}"')
    if asked.body:
        print(f'wrk.body = io.open("{asked.body}", "rb"):read("*a")')
    for name, value in request.headers.items():
        print(f'wrk.headers["{name}"] = "{value}"')


main()
