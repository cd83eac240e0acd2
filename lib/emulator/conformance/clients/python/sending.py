"""Sending, receiving and peeking."""
from datetime import timedelta

from azure.servicebus import ServiceBusMessage, ServiceBusReceiveMode

from connecting import IS_GUIDE, new_client, raises, receive, receiver, send, texts, total_count


def check_send_one(queue):
    sent = ServiceBusMessage(
        "héllo",
        message_id="the-id",
        subject="subject",
        content_type="text/plain",
        correlation_id="correlation",
        to="to",
        reply_to="reply",
        time_to_live=timedelta(hours=1),
        application_properties={"text": "é", "number": -3, "large": 2**30, "half": 1.5, "yes": True},
    )
    with new_client() as client, client.get_queue_sender(queue) as sender:
        sender.send_messages(sent)
    with receiver(queue) as one:
        (message,) = receive(one)
        assert str(message) == "héllo", str(message)
        assert message.message_id == "the-id"
        assert message.subject == "subject"
        assert message.content_type == "text/plain"
        assert message.correlation_id == "correlation"
        assert message.to == "to"
        assert message.reply_to == "reply"
        assert message.time_to_live == timedelta(hours=1)
        assert message.delivery_count == 0, message.delivery_count
        assert message.enqueued_time_utc is not None and message.locked_until_utc is not None
        properties = {key.decode() if isinstance(key, bytes) else key: value for key, value in message.application_properties.items()}
        text = properties.pop("text")
        assert (text.decode() if isinstance(text, bytes) else text) == "é"
        assert properties == {"number": -3, "large": 2**30, "half": 1.5, "yes": True}, properties
        one.complete_message(message)


def check_send_batch(queue):
    with new_client() as client, client.get_queue_sender(queue) as sender:
        sender.send_messages([ServiceBusMessage("a"), ServiceBusMessage("b")])
        batch = sender.create_message_batch()
        assert batch.max_size_in_bytes == 1024 * 1024, batch.max_size_in_bytes
        batch.add_message(ServiceBusMessage("c"))
        batch.add_message(ServiceBusMessage("d"))
        sender.send_messages(batch)
    with receiver(queue) as one:
        assert texts(receive(one, 4)) == ["a", "b", "c", "d"]


def check_complete(queue):
    send(queue, "one")
    with receiver(queue) as one:
        (message,) = receive(one)
        one.complete_message(message)
        raises("MessageAlreadySettled", lambda: one.complete_message(message))
    assert total_count(queue) == 0


def check_receive_and_delete(queue):
    send(queue, "a", "b", "c")
    with receiver(queue, receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE) as one:
        assert texts(receive(one, 3)) == ["a", "b", "c"]
    assert total_count(queue) == 0


def check_stream(queue):
    send(queue, *[str(number) for number in range(100)])
    seen = []
    with receiver(queue, max_wait_time=5) as one:
        for message in one:
            seen.append(int(str(message)))
            one.complete_message(message)
            if len(seen) == 100:
                break
    assert seen == list(range(100)), "%d messages" % len(seen)
    assert total_count(queue) == 0


def check_many(queue):
    """More than rhea keeps of a session, and one that waits meanwhile."""
    send(queue, *[str(number) for number in range(2201)])
    if IS_GUIDE:
        # It takes 50 ms to complete each.
        with receiver(queue, receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE) as one:
            receive(one, 2201)
        return
    with receiver(queue, max_wait_time=5) as one:
        kept, rest = None, 0
        for message in one:
            if kept is None:
                kept = message
                continue
            one.complete_message(message)
            rest += 1
            if rest == 2200:
                break
        assert rest == 2200, "%d messages" % rest
        one.complete_message(kept)
    assert total_count(queue) == 0


def check_peek(queue):
    send(queue, "a", "b", "c")
    with receiver(queue) as one:
        assert texts(one.peek_messages(2)) == ["a", "b"]
        assert texts(one.peek_messages(10, sequence_number=2)) == ["b", "c"]
        assert one.peek_messages(1, sequence_number=100) == []
        assert texts(receive(one, 3)) == ["a", "b", "c"]
