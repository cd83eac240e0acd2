"""Locks, schedules, time to live and duplicates."""
import time
from datetime import datetime, timedelta

from azure.servicebus import AutoLockRenewer, ServiceBusMessage, ServiceBusSubQueue

from connecting import IS_GUIDE, new_client, raises, receive, receiver, send, texts, total_count


def check_schedule(queue):
    with new_client() as client, client.get_queue_sender(queue) as sender:
        soon = datetime.utcnow() + timedelta(seconds=1)
        later = datetime.utcnow() + timedelta(hours=1)
        numbers = sender.schedule_messages([ServiceBusMessage("a"), ServiceBusMessage("b")], soon)
        assert len(numbers) == 2, numbers
        (cancelled,) = sender.schedule_messages(ServiceBusMessage("never"), later)
        sender.cancel_scheduled_messages(cancelled)
        raises("MessageNotFoundError", lambda: sender.cancel_scheduled_messages(cancelled))
    with receiver(queue) as one:
        assert texts(receive(one, 2)) == ["a", "b"]
        assert datetime.utcnow() >= soon


def check_time_to_live(queue):
    send(queue, "one", time_to_live=timedelta(milliseconds=200))
    with receiver(queue, sub_queue=ServiceBusSubQueue.DEAD_LETTER) as dead:
        (message,) = receive(dead)
        assert message.dead_letter_reason == "TTLExpiredException", message.dead_letter_reason


def check_duplicates(queue):
    send(queue, "first", message_id="same")
    send(queue, "second", message_id="same")
    with receiver(queue) as one:
        assert texts(receive(one)) == ["first"]
    assert total_count(queue) == 1


def check_renew_lock(queue):
    send(queue, "one")
    with receiver(queue) as one:
        (message,) = receive(one)
        before = message.locked_until_utc
        time.sleep(0.1)
        until = one.renew_message_lock(message)
        assert until > before, (until, before)
        one.complete_message(message)


def check_renew_automatically(queue):
    """The handler takes longer than the lock of six seconds."""
    send(queue, "one")
    renewer = AutoLockRenewer()
    with receiver(queue) as one:
        (message,) = receive(one)
        renewer.register(one, message, max_lock_renewal_duration=30)
        time.sleep(7)
        one.complete_message(message)
    renewer.close()
    assert total_count(queue) == 0


def check_error_lock_lost(queue):
    send(queue, "one")
    with receiver(queue) as one:
        (first,) = receive(one)
        (second,) = receive(one)
        assert second.delivery_count == 1
        # They look at their own clock before they settle; the older one has a general error for it.
        name = "ServiceBusError" if IS_GUIDE else "MessageLockLostError"
        raises(name, lambda: one.complete_message(first))
        raises("MessageLockLostError", lambda: one.renew_message_lock(first))
        one.complete_message(second)
