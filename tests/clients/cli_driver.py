"""Debian's AWS CLI, started once: each line on stdin is a JSON list of its words, each line out {"code", "out", "err"}.
Starting the CLI costs a second of Python a call, and the stories call it hundreds of times. A process of its own, because the
CLI brings a botocore that cannot live beside boto3's."""
import contextlib
import io
import json
import sys

import awscli.clidriver

driver = awscli.clidriver.create_clidriver()
for line in sys.stdin:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = driver.main(json.loads(line))
        except SystemExit as e:
            code = e.code
    print(json.dumps({"code": code, "out": out.buffer.getvalue().decode(), "err": err.buffer.getvalue().decode()}), flush=True)
