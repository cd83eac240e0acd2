"""What a receiver can decide about a message."""
from azure.servicebus import ServiceBusSubQueue

from connecting import receive, receiver, send, total_count


def check_abandon(queue):
    send(queue, "one")
    with receiver(queue) as one:
        for count in range(3):
            (message,) = receive(one)
            assert message.delivery_count == count, message.delivery_count
            one.abandon_message(message)


def check_max_deliveries(queue):
    send(queue, "one")
    with receiver(queue) as one:
        for _ in range(2):
            one.abandon_message(receive(one)[0])
    with receiver(queue, sub_queue=ServiceBusSubQueue.DEAD_LETTER) as dead:
        (message,) = receive(dead)
        assert message.dead_letter_reason == "MaxDeliveryCountExceeded", message.dead_letter_reason
        assert message.dead_letter_source == queue, message.dead_letter_source
        dead.complete_message(message)
    assert total_count(queue) == 0


def check_dead_letter(queue):
    send(queue, "one")
    with receiver(queue) as one:
        one.dead_letter_message(receive(one)[0], reason="Invalid", error_description="no such field")
    with receiver(queue, sub_queue=ServiceBusSubQueue.DEAD_LETTER) as dead:
        (message,) = receive(dead)
        assert message.dead_letter_reason == "Invalid"
        assert message.dead_letter_error_description == "no such field"
        dead.abandon_message(message)
        (message,) = receive(dead)
        dead.complete_message(message)
    assert total_count(queue) == 0


def check_defer(queue):
    send(queue, "one")
    with receiver(queue) as one:
        (message,) = receive(one)
        number = message.sequence_number
        one.defer_message(message)
        assert one.receive_messages(max_wait_time=0.3) == []
        (deferred,) = one.receive_deferred_messages(number)
        assert str(deferred) == "one"
        one.complete_message(deferred)
    assert total_count(queue) == 0


def check_settle_by_management(queue):
    """Deferred messages are settled by `update-disposition`: all four ways."""
    send(queue, "complete", "abandon", "defer", "dead-letter")
    with receiver(queue) as one:
        numbers = {}
        for message in receive(one, 4):
            numbers[str(message)] = message.sequence_number
            one.defer_message(message)
        found = {str(message): message for message in one.receive_deferred_messages(list(numbers.values()))}
        one.complete_message(found["complete"])
        one.abandon_message(found["abandon"])
        one.defer_message(found["defer"])
        one.dead_letter_message(found["dead-letter"], reason="why", error_description="because")
        again = one.receive_deferred_messages([numbers["abandon"], numbers["defer"]])
        assert sorted(str(message) for message in again) == ["abandon", "defer"]
        for message in again:
            one.complete_message(message)
    with receiver(queue, sub_queue=ServiceBusSubQueue.DEAD_LETTER) as dead:
        (message,) = receive(dead)
        assert (str(message), message.dead_letter_reason) == ("dead-letter", "why")
        dead.complete_message(message)
    assert total_count(queue) == 0
