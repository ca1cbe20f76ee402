"""An MCP server in several bad moods, named by the first argument."""
import json, os, signal, socket, subprocess, sys, time

MOOD = sys.argv[1]
TOOLS = [
    {"name": "echo", "description": "Says it\u200b again", "annotations": {"readOnlyHint": True},
     "inputSchema": {"$schema": "x", "type": "object", "properties": {"text": {"type": "string", "pattern": "^"}}}},
    {"name": "broken", "inputSchema": 7},
    {"name": "variable", "inputSchema": {}}, {"name": "fail", "inputSchema": {}}, {"name": "refuse", "inputSchema": {}},
    {"name": "wait", "inputSchema": {}}, {"name": "waited", "inputSchema": {}}, {"name": "data", "inputSchema": {}},
    {"name": "asks", "inputSchema": {}}, {"name": "grow", "inputSchema": {}}, {"name": "unwanted", "inputSchema": {}},
    {"name": "disk", "inputSchema": {}}, {"name": "no name", "inputSchema": {}},
]
cancelled, heard, asked = [], [], None


def disk(path, write):
    """What a file holds, as digits that nobody masks."""
    try:
        with open(path, "a" if write else "r") as file:
            return file.write(write) and "written" if write else file.read().encode().hex()
    except OSError as error:
        return str(error)


def say(**message):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def text(words, **more):
    return {"content": [{"type": "text", "text": words}], **more}


def call(id, name, given):
    global asked
    if name == "wait":
        return
    if name == "refuse":
        return say(id=id, error={"code": -32602, "message": "not like this"})
    if name == "asks":
        asked = id
        say(id="r1", method="roots/list")
        say(id="r2", method="sampling/createMessage", params={"messages": [], "maxTokens": 1})
        return say(id="r3", method="ping")
    if name == "grow":
        TOOLS.append({"name": "grown", "inputSchema": {}})
        say(method="notifications/tools/list_changed")
    say(id=id, result={
        "echo": lambda: text(given.get("text", "")),
        "variable": lambda: text(os.environ.get(given["name"], "(unset)")),
        "disk": lambda: text(disk(given["path"], given.get("write"))),
        "fail": lambda: text("it broke", isError=True),
        "waited": lambda: text(json.dumps(cancelled)),
        "data": lambda: {"content": [], "structuredContent": {"n": 1}},
    }.get(name, lambda: text("done"))())
    if MOOD == "dies":
        sys.stderr.write("fatal: out of luck\n")
        sys.stderr.flush()
        os._exit(3)


def answer(message):
    id, method, params = message.get("id"), message.get("method"), message.get("params") or {}
    if method == "initialize":
        say(id=id, result={"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {"listChanged": True}},
                           "serverInfo": {"name": "hostile", "version": "1"}})
    elif method == "tools/list" and MOOD == "many":
        at = int(params.get("cursor", 0))
        say(id=id, result={"tools": [{"name": f"t{n}", "inputSchema": {}} for n in range(at, at + 300)], "nextCursor": str(at + 300)})
    elif method == "tools/list":
        at = int(params.get("cursor", 0))
        more = {"nextCursor": str(at + 3)} if at + 3 < len(TOOLS) else {}
        say(id=id, result={"tools": TOOLS[at:at + 3], **more})
    elif method == "tools/call":
        call(id, params["name"], params.get("arguments") or {})
    elif method == "notifications/cancelled":
        cancelled.append(params["requestId"])
    elif method is None:
        heard.append([message["id"], "error" if "error" in message else "result"])
        if len(heard) == 3:
            say(id=asked, result=text(json.dumps(sorted(heard))))


def grandchild():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    line = socket.create_connection(("127.0.0.1", int(sys.argv[2])))
    line.sendall(f"{os.getpid()}\n".encode())
    line.recv(1)


if MOOD == "grandchild":
    grandchild()
    sys.exit()
if MOOD == "silent":
    for line in sys.stdin:
        pass
if MOOD == "fails":
    sys.stderr.write("one line\n\x1b[31mno such database\x1b[0m\n")
    sys.exit(4)
while MOOD == "garbage":
    print("hello, I am a web server", flush=True)
while MOOD == "endless":
    sys.stdout.write("x" * 65536)
if MOOD == "forks":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    subprocess.Popen([sys.executable, __file__, "grandchild", sys.argv[2]])
if MOOD == "chatty":
    print("Starting up, please wait", flush=True)
    sys.stderr.write("ready\u202e to go\n")
    sys.stderr.flush()
for line in sys.stdin:
    answer(json.loads(line))
    while MOOD == "deaf" and f'"cursor": "{(len(TOOLS) - 1) // 3 * 3}"' in json.dumps(json.loads(line)):
        signal.pause()
if MOOD == "forks":
    time.sleep(1000)
