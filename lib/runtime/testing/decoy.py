"""What a hostile algorithm would like to reach: a process with a secret, a TCP port, a unix and an abstract socket."""

import json
import os
import socket
import sys

folder, abstract = sys.argv[1], sys.argv[2]
tcp = socket.socket()
tcp.bind(("127.0.0.1", 0))
unix = socket.socket(socket.AF_UNIX)
unix.bind(os.path.join(folder, "decoy.sock"))
os.chmod(os.path.join(folder, "decoy.sock"), 0o777)
hidden = socket.socket(socket.AF_UNIX)
hidden.bind("\0" + abstract)
for listener in (tcp, unix, hidden):
    listener.listen(8)
print(json.dumps({"port": tcp.getsockname()[1]}), flush=True)
sys.stdin.read()
