"""How this version of the client is pointed at the broker, and what the checks share."""
import json
import os
import urllib.request
from contextlib import contextmanager
from urllib.parse import urlparse

import certifi

PLAIN = os.environ["CONNECTION_STRING"]
TLS = PLAIN.replace(";UseDevelopmentEmulator=true", "")
CA_FILE = os.environ["CA_FILE"]
IS_TLS = os.environ["TRANSPORT"] == "tls"
# azure-servicebus 7.3.1, which the guide's algorithm has.
IS_GUIDE = IS_TLS

# The administration client of every version speaks https only.
os.environ["REQUESTS_CA_BUNDLE"] = CA_FILE
if IS_TLS:
    # 7.3.1 has no option for an authority of one's own: it takes certifi's list.
    certifi.where = lambda: CA_FILE

from azure.servicebus import ServiceBusClient, ServiceBusMessage  # noqa: E402
from azure.servicebus.management import ServiceBusAdministrationClient  # noqa: E402


class Absent(Exception):
    """This version of the client has no such call."""


def connection_string(**changes):
    """The connection string with other parts, such as SharedAccessKey."""
    parts = dict(part.split("=", 1) for part in (TLS if IS_TLS else PLAIN).split(";"))
    parts.update(changes)
    if IS_TLS:
        # The client takes port 5671 and can not be told another.
        parts["Endpoint"] = "sb://" + urlparse(parts["Endpoint"]).hostname
    return ";".join("%s=%s" % part for part in parts.items())


def new_client(retries=0, **changes):
    return ServiceBusClient.from_connection_string(connection_string(**changes), retry_total=retries)


def new_administration(**changes):
    parts = dict(part.split("=", 1) for part in (TLS if IS_TLS else PLAIN).split(";"))
    parts.update(changes)
    string = ";".join("%s=%s" % part for part in parts.items())
    return ServiceBusAdministrationClient.from_connection_string(string, retry_total=0)


def send(queue, *bodies, **fields):
    with new_client() as client, client.get_queue_sender(queue) as sender:
        sender.send_messages([ServiceBusMessage(body, **fields) for body in bodies])


@contextmanager
def receiver(queue, **options):
    with new_client() as client:
        options.setdefault("max_wait_time", 5)
        with client.get_queue_receiver(queue, **options) as one:
            yield one


def receive(one, count=1, max_wait_time=5):
    """Exactly this many messages."""
    found = []
    while len(found) < count:
        more = one.receive_messages(max_message_count=count - len(found), max_wait_time=max_wait_time)
        assert more, "%d of %d messages came" % (len(found), count)
        found.extend(more)
    return found


def texts(messages):
    return [str(message) for message in messages]


def total_count(queue):
    return new_administration().get_queue_runtime_properties(queue).total_message_count


def raises(name, call):
    """The call must fail with the client's own error of this name."""
    try:
        call()
    except Exception as error:  # noqa: its class is what is checked
        assert type(error).__name__ == name, "%s instead of %s: %s" % (type(error).__name__, name, error)
        return error
    raise AssertionError("no error, but %s was expected" % name)


def put_fault(**switches):
    request = urllib.request.Request(os.environ["HTTP"] + "/$faults", json.dumps(switches).encode(), method="PUT")
    urllib.request.urlopen(request).read()
