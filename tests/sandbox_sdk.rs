//! The sandbox as other people's clients see it: the OpenAI Python SDK talks to it. Skipped with a message where Python or the
//! package is missing; `HERMES_TEST_PYTHON` names another interpreter.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use hermes::sandbox::{Options, serve};
use std::process::Command;

const SCRIPT: &str = r#"
import sys
from openai import OpenAI, BadRequestError, NotFoundError

client = OpenAI(base_url=sys.argv[1], api_key="sandbox", max_retries=0)
assert any(m.id == "grok-4.3" for m in client.models.list())
assert client.models.retrieve("grok-4.7").owned_by == "xai"

with client.responses.stream(model="grok-4.3", input="say hello there", store=False) as stream:
    text = "".join(e.delta for e in stream if e.type == "response.output_text.delta")
    final = stream.get_final_response()
assert text == "hello there" == final.output_text, text
assert final.status == "completed" and final.usage.output_tokens > 0

kinds = []
for event in client.responses.create(model="grok-4.3", input=[{"role": "user", "content": "stream 200 words of markdown"}], stream=True, store=False):
    kinds.append(event.type)
assert kinds[0] == "response.created" and kinds[-1] == "response.completed", kinds[-3:]
assert kinds.count("response.output_text.delta") == 200

thought = client.responses.create(model="grok-4.3", input="a table", store=False, include=["reasoning.encrypted_content"])
reasoning = [o for o in thought.output if o.type == "reasoning"]
assert reasoning and reasoning[0].encrypted_content and reasoning[0].summary[0].text
assert thought.output_text.count("|") > 20

tools = [{"type": "function", "name": "look", "description": "Look.", "parameters": {"type": "object", "properties": {"at": {"type": "string"}}}}]
question = [{"role": "user", "content": "call look {\"at\": \"a\"}\ncall look {\"at\": \"b\"}"}]
with client.responses.stream(model="grok-4.3", input=question, tools=tools, store=False) as stream:
    stream.until_done()
    asked = stream.get_final_response()
calls = [o for o in asked.output if o.type == "function_call"]
assert [c.arguments for c in calls] == ['{"at": "a"}', '{"at": "b"}']
history = question + [{"type": "function_call", "call_id": c.call_id, "name": c.name, "arguments": c.arguments} for c in calls]
outputs = [{"type": "function_call_output", "call_id": c.call_id, "output": "saw " + c.arguments} for c in calls]
answer = client.responses.create(model="grok-4.3", input=history + outputs, tools=tools, store=False)
assert "saw" in answer.output_text

first = client.responses.create(model="grok-4.3", input="say one")
second = client.responses.create(model="grok-4.3", input="what now?", previous_response_id=first.id)
assert "question number 2" in second.output_text, second.output_text

whole = client.chat.completions.create(model="grok-4.3", messages=[{"role": "system", "content": "Be kind."}, {"role": "user", "content": "a table"}])
choice = whole.choices[0]
assert whole.object == "chat.completion" and choice.finish_reason == "stop" and choice.message.content.count("|") > 20
assert choice.message.reasoning_content and whole.usage.completion_tokens > 0

question = [{"role": "user", "content": "call look {\"at\": \"a\"}\ncall look {\"at\": \"b\"}"}]
nested = [{"type": "function", "function": {n: v for n, v in tools[0].items() if n != "type"}}]
with client.chat.completions.stream(model="grok-4.3", messages=question, tools=nested, stream_options={"include_usage": True}) as stream:
    done = [e for e in stream if e.type == "tool_calls.function.arguments.done"]
    asked = stream.get_final_completion()
assert [d.arguments for d in done] == ['{"at": "a"}', '{"at": "b"}'], done
assert asked.choices[0].finish_reason == "tool_calls" and asked.usage.total_tokens > 0
message = asked.choices[0].message
said = [{"role": "tool", "tool_call_id": c.id, "content": "saw " + c.function.arguments} for c in message.tool_calls]
calls = [{"id": c.id, "type": "function", "function": {"name": c.function.name, "arguments": c.function.arguments}} for c in message.tool_calls]
history = question + [{"role": "assistant", "content": None, "tool_calls": calls}]
words, ends, usages = "", [], []
for chunk in client.chat.completions.create(model="grok-4.3", messages=history + said, tools=nested, stream=True, stream_options={"include_usage": True}):
    usages += [chunk.usage] if chunk.usage else []
    for choice in chunk.choices:
        words += choice.delta.content or ""
        ends += [choice.finish_reason] if choice.finish_reason else []
assert 'saw {"at": "a"}' in words and 'saw {"at": "b"}' in words, words
assert ends == ["stop"] and len(usages) == 1 and usages[0].prompt_tokens > 0, (ends, usages)

import base64
drawn = client.images.generate(model="grok-imagine-image", prompt="a lighthouse", n=2, response_format="b64_json")
assert len(drawn.data) == 2 and base64.b64decode(drawn.data[0].b64_json).startswith(b"\x89PNG")
linked = client.images.generate(model="grok-imagine-image-quality", prompt="a lighthouse").data[0].url
import urllib.request
assert urllib.request.urlopen(linked).read().startswith(b"\x89PNG")
speech = client.audio.speech.create(model="tts-1", voice="alloy", input="Good morning.", response_format="wav")
assert speech.content.startswith(b"RIFF"), speech.content[:20]
with client.audio.speech.with_streaming_response.create(model="tts-1", voice="ara", input="Good morning.") as streamed:
    assert b"".join(streamed.iter_bytes()).startswith(b"\xff")

def create(**arguments):
    if "messages" in arguments:
        return client.chat.completions.create(**{"model": "grok-4.3", **arguments})
    return client.responses.create(**{"model": "grok-4.3", "input": "x", "store": False, **arguments})

def refused(kind, **arguments):
    try:
        create(**arguments)
    except kind as error:
        return error
    raise AssertionError(f"not refused: {arguments}")

refused(BadRequestError, input=[{"role": "user", "content": ""}])
refused(BadRequestError, reasoning={"effort": "xhigh"})
refused(BadRequestError, model="grok-4.20-0309-reasoning", reasoning={"effort": "low"})
refused(NotFoundError, model="grok-9")
refused(BadRequestError, input=[{"role": "user", "content": "x"}, *outputs])
refused(NotFoundError, model="grok-9", messages=question)
refused(BadRequestError, messages=[])
refused(BadRequestError, messages=history)
refused(BadRequestError, messages=question + said)
refused(BadRequestError, messages=question, reasoning_effort="xhigh")
import urllib.error
try:
    urllib.request.urlopen(urllib.request.Request(sys.argv[1] + "/responses", data=b"{}", headers={"Content-Type": "application/json"}))
    raise AssertionError("no bearer was needed")
except urllib.error.HTTPError as error:
    assert error.code == 401, error
print("fine")
"#;

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the interpreter is chosen from outside")]
async fn the_openai_sdk_can_talk_to_the_sandbox() {
    let python = std::env::var("HERMES_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
    let there = Command::new(&python).args(["-c", "import openai"]).output().is_ok_and(|o| o.status.success());
    if !there {
        return support::skipped(&format!("`{python}` with the package `openai` is not there"));
    }
    let sandbox = serve(Options::default()).await.unwrap();
    let address = sandbox.base_url();
    let run = tokio::task::spawn_blocking(move || {
        Command::new(python).args(["-c", SCRIPT, &address]).env("NO_PROXY", "127.0.0.1").env_remove("OPENAI_BASE_URL").output().unwrap()
    });
    let output = run.await.unwrap();
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
}
