"""Ways to the broker: plain TCP, TLS with an authority of one's own, asyncio."""
import asyncio
import os

from azure.servicebus import ServiceBusClient, ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient as AsyncClient

import connecting
from connecting import connection_string, receive

# 7.3.1 says nothing of a certificate that it refuses: it waits for its token until this is over.
PATIENCE = {"auth_timeout": float(os.environ.get("AUTH_TIMEOUT_S", "60"))} if connecting.IS_GUIDE else {}


def check_plain(queue):
    """The connection string that the broker prints, as it is."""
    if connecting.IS_TLS:
        raise connecting.Absent()
    use(ServiceBusClient.from_connection_string(connecting.PLAIN, retry_total=0), queue)


def check_tls(queue):
    """Without the emulator's flag the client speaks TLS, to port 5671 whatever the string says."""
    if connecting.IS_GUIDE:
        use(connecting.new_client(), queue)
        return
    string = connecting.TLS
    use(ServiceBusClient.from_connection_string(string, retry_total=0, connection_verify=connecting.CA_FILE), queue)


def check_asyncio(queue):
    asyncio.run(use_asyncio(queue))


async def use_asyncio(queue):
    client = AsyncClient.from_connection_string(connection_string(), retry_total=0)
    async with client:
        async with client.get_queue_sender(queue) as sender:
            await sender.send_messages(ServiceBusMessage("one"))
        async with client.get_queue_receiver(queue) as one:
            (message,) = await one.receive_messages(max_wait_time=5)
            assert str(message) == "one"
            await one.complete_message(message)


def use(client, queue):
    with client:
        with client.get_queue_sender(queue, **PATIENCE) as sender:
            sender.send_messages(ServiceBusMessage("one"))
        with client.get_queue_receiver(queue, max_wait_time=5) as one:
            (message,) = receive(one)
            one.complete_message(message)
