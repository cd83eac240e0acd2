"""The client's own error for each condition that the broker answers."""
from datetime import datetime, timedelta

from azure.servicebus import ServiceBusMessage

from connecting import IS_GUIDE, new_client, put_fault, raises, receiver, send

# 7.3.1 does not tell these two errors of a request from others; the text says which it is.
OF_SCHEDULING = "ServiceBusError" if IS_GUIDE else None


def check_error_not_found(queue):
    name = queue + "-nowhere"
    for act in (lambda: send(name, "x"), lambda: receive_once(name), lambda: peek_once(name)):
        # The service answers it to the token already, and the client takes that for a matter of the token.
        raises("ServiceBusAuthenticationError", act)


def check_error_unauthorized(queue):
    for changes in ({"SharedAccessKey": "d3Jvbmc="}, {"SharedAccessKeyName": "Nobody"}):
        raises("ServiceBusAuthenticationError", lambda: send_with(queue, changes))


def check_error_claim(queue):
    """A key that may only listen."""
    raises("ServiceBusAuthorizationError", lambda: send_with(queue, {"SharedAccessKeyName": "listener", "SharedAccessKey": "listen-only"}))


def check_error_disabled(queue):
    raises("MessagingEntityDisabledError", lambda: send(queue, "x"))
    raises("MessagingEntityDisabledError", lambda: receive_once(queue))
    raises("MessagingEntityDisabledError", lambda: schedule(queue, "x"))


def check_error_too_large(queue):
    raises("MessageSizeExceededError", lambda: send(queue, "x" * 1_100_000))
    raises(OF_SCHEDULING or "MessageSizeExceededError", lambda: schedule(queue, "x" * 1_100_000))


def check_error_quota(queue):
    """The queue may hold one megabyte."""
    send(queue, "x" * 900_000)
    raises("ServiceBusQuotaExceededError", lambda: send(queue, "x" * 900_000))
    raises(OF_SCHEDULING or "ServiceBusQuotaExceededError", lambda: schedule(queue, "x" * 900_000))


def check_error_message_not_found(queue):
    with receiver(queue) as one:
        raises("MessageNotFoundError", lambda: one.receive_deferred_messages(42))


def check_error_server_busy(queue):
    put_fault(queue=queue, answerServerBusy=1)
    raises("ServiceBusServerBusyError", lambda: send(queue, "x"))
    send(queue, "x")


def check_error_session_required(queue):
    raises("ServiceBusError", lambda: receive_once(queue))


def send_with(queue, changes):
    with new_client(**changes) as client, client.get_queue_sender(queue) as sender:
        sender.send_messages(ServiceBusMessage("x"))


def schedule(queue, body):
    with new_client() as client, client.get_queue_sender(queue) as sender:
        sender.schedule_messages(ServiceBusMessage(body), datetime.utcnow() + timedelta(minutes=1))


def receive_once(queue):
    with receiver(queue) as one:
        one.receive_messages(max_wait_time=0.3)


def peek_once(queue):
    with receiver(queue) as one:
        one.peek_messages(1)
