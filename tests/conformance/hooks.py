"""How requests that are made up from the OpenAPI document are signed in, and how bytes that are no JSON are read."""

import json
import os
import urllib.request

import cbor2
import schemathesis

ACCOUNT = {"email": "admin@demo.example", "password": "maintainpro-demo"}


@schemathesis.auth()
class Session:
    """The session of somebody who may do everything: refusals for want of a right would hide what is behind them."""

    def get(self, case, context):
        request = urllib.request.Request(
            os.environ["MAINTAINPRO_URL"] + "/api/session",
            data=json.dumps(ACCOUNT).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            return answer.headers["set-cookie"].split(";")[0]

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Cookie": data}


@schemathesis.serializer("application/cbor")
def write(context, value):
    return value if isinstance(value, bytes) else cbor2.dumps(value)


@schemathesis.deserializer("application/cbor")
def read(context, response):
    return cbor2.loads(response.content)
