"""A wrk script that posts one signed request over and over (a signature holds for 15 minutes).

    signed_wrk.py URL [SERVICE REGION BODY]

Credentials come from the environment.
"""
import os
import sys

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def main():
    url = sys.argv[1]
    service, region, body = sys.argv[2:5] if len(sys.argv) > 4 else (
        "sts", os.environ.get("AWS_REGION", "us-east-1"), "Action=GetCallerIdentity&Version=2011-06-15")
    credentials = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"],
                              os.environ.get("AWS_SESSION_TOKEN"))
    request = AWSRequest("POST", url, data=body,
                         headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"})
    SigV4Auth(credentials, service, region).add_auth(request)
    print('wrk.method = "POST"')
    print(f'wrk.body = "{body}"')
    for name, value in request.headers.items():
        print(f'wrk.headers["{name}"] = "{value}"')


main()
