"""Sessions: by id, the next free one, state, renewal, listing, and their errors."""
import time
from datetime import datetime, timedelta, timezone

from azure.servicebus import NEXT_AVAILABLE_SESSION

from connecting import IS_GUIDE, Absent, new_client, raises, receive, receiver, send, texts


def check_session_by_id(queue):
    send(queue, "b1", session_id="b")
    send(queue, "a1", "a2", session_id="a")
    with receiver(queue, session_id="a") as one:
        assert one.session.session_id == "a"
        assert texts(receive(one, 2)) == ["a1", "a2"]
        assert one.receive_messages(max_wait_time=0.3) == []


def check_session_next(queue):
    send(queue, "a1", session_id="a")
    send(queue, "b1", session_id="b")
    with receiver(queue, session_id=NEXT_AVAILABLE_SESSION) as one:
        with receiver(queue, session_id=NEXT_AVAILABLE_SESSION) as other:
            assert {one.session.session_id, other.session.session_id} == {"a", "b"}
            for each in (one, other):
                (message,) = receive(each)
                assert message.session_id == each.session.session_id
                each.complete_message(message)


def check_session_state(queue):
    send(queue, "one", session_id="s")
    with receiver(queue, session_id="s") as one:
        assert one.session.get_state() is None
        one.session.set_state(b"half way")
    with receiver(queue, session_id="s") as one:
        state = one.session.get_state()
        assert bytes(state) == b"half way", state


def check_session_clear(queue):
    send(queue, "one", session_id="s")
    with receiver(queue, session_id="s") as one:
        one.session.set_state(b"half way")
        one.session.set_state(None)
        assert one.session.get_state() is None


def check_session_renew(queue):
    send(queue, "one", session_id="s")
    with receiver(queue, session_id="s") as one:
        before = one.session.locked_until_utc
        time.sleep(0.1)
        until = one.session.renew_lock()
        assert until > before, (until, before)
        assert one.session.locked_until_utc == until


def check_session_list(queue):
    with new_client() as client:
        if not hasattr(client, "list_queue_sessions") and not hasattr(client, "list_sessions"):
            raise Absent()
    for number in range(3):
        send(queue, "x", session_id="s%d" % number)
    with receiver(queue, session_id="s1") as one:
        started = datetime.now(timezone.utc) - timedelta(seconds=1)
        one.session.set_state(b"changed")
    with new_client() as client:
        assert sorted(list_sessions(client, queue)) == ["s0", "s1", "s2"]
        assert list_sessions(client, queue, state_updated_after=started) == ["s1"]
        later = datetime.now(timezone.utc) + timedelta(hours=1)
        assert list_sessions(client, queue, state_updated_after=later) == []


def list_sessions(client, queue, **options):
    listing = getattr(client, "list_queue_sessions", None) or client.list_sessions
    return list(listing(queue, **options))


def check_error_session_busy(queue):
    send(queue, "one", session_id="s")
    with receiver(queue, session_id="s"):
        raises("SessionCannotBeLockedError", lambda: open_session(queue, "s"))


def check_error_session_timeout(queue):
    if IS_GUIDE:
        # It tells the broker no time, so that the answer comes after a minute.
        raise Absent()
    raises("OperationTimeoutError", lambda: open_session(queue, NEXT_AVAILABLE_SESSION, max_wait_time=1))


def check_error_session_lost(queue):
    """The session's lock lasts two seconds."""
    send(queue, "one", session_id="s")
    with receiver(queue, session_id="s") as one:
        (message,) = receive(one)
        time.sleep(2.5)
        if not IS_GUIDE:
            # The older one does not wait for the answer to a settlement.
            raises("SessionLockLostError", lambda: one.complete_message(message))
        raises("SessionLockLostError", lambda: one.session.renew_lock())


def open_session(queue, session_id, **options):
    with receiver(queue, session_id=session_id, **options) as one:
        one.session.renew_lock()
