"""The HTTP management API."""
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.servicebus import ServiceBusMessage

from connecting import new_administration, new_client, receive, receiver


def check_admin_namespace(_):
    assert new_administration().get_namespace_properties().name == "headrace"


def check_admin_queue(queue):
    administration = new_administration()
    name = queue + "-made"
    created = administration.create_queue(name, lock_duration="PT30S", max_delivery_count=4)
    assert created.max_delivery_count == 4
    assert administration.get_queue(name).lock_duration.total_seconds() == 30
    created.max_delivery_count = 7
    administration.update_queue(created)
    assert administration.get_queue(name).max_delivery_count == 7
    assert name in [one.name for one in administration.list_queues()]
    administration.delete_queue(name)
    assert name not in [one.name for one in administration.list_queues()]


def check_admin_counts(queue):
    with new_client() as client, client.get_queue_sender(queue) as sender:
        sender.send_messages([ServiceBusMessage(str(number)) for number in range(3)])
    with receiver(queue) as one:
        one.dead_letter_message(receive(one)[0])
    found = new_administration().get_queue_runtime_properties(queue)
    counts = (found.active_message_count, found.dead_letter_message_count, found.total_message_count)
    assert counts == (2, 1, 3), counts


def check_admin_errors(queue):
    administration = new_administration()
    expect(ResourceExistsError, lambda: administration.create_queue(queue))
    expect(ResourceNotFoundError, lambda: administration.get_queue(queue + "-nowhere"))
    expect(ResourceNotFoundError, lambda: administration.delete_queue(queue + "-nowhere"))
    expect(HttpResponseError, lambda: administration.create_queue(queue + "-bad", max_delivery_count=0))
    wrong = new_administration(SharedAccessKey="d3Jvbmc=")
    expect(HttpResponseError, lambda: wrong.get_queue(queue), 401)


def check_topics(queue):
    new_administration().create_topic(queue + "-topic")


def check_forwarding(queue):
    new_administration().create_queue(queue + "-forwards", forward_to=queue)


def expect(kind, call, status=None):
    try:
        call()
    except kind as error:
        assert status is None or error.status_code == status, error.status_code
        return
    raise AssertionError("no %s" % kind.__name__)
