//! The sandbox as other people's clients see it: the OpenAI Python SDK talks to it. Skipped with a message where Python or the
//! package is missing; `HERMES_TEST_PYTHON` names another interpreter.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

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

def refused(kind, **arguments):
    try:
        client.responses.create(**{"model": "grok-4.3", "input": "x", "store": False, **arguments})
    except kind as error:
        return error
    raise AssertionError(f"not refused: {arguments}")

refused(BadRequestError, input=[{"role": "user", "content": ""}])
refused(BadRequestError, reasoning={"effort": "xhigh"})
refused(BadRequestError, model="grok-4.20-0309-reasoning", reasoning={"effort": "low"})
refused(NotFoundError, model="grok-9")
refused(BadRequestError, input=[{"role": "user", "content": "x"}, *outputs])
import urllib.request, urllib.error
try:
    urllib.request.urlopen(urllib.request.Request(sys.argv[1] + "/responses", data=b"{}", headers={"Content-Type": "application/json"}))
    raise AssertionError("no bearer was needed")
except urllib.error.HTTPError as error:
    assert error.code == 401, error
print("fine")
"#;

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the interpreter is chosen from outside")]
#[expect(clippy::disallowed_macros, reason = "a test that is skipped says so")]
async fn the_openai_sdk_can_talk_to_the_sandbox() {
    let python = std::env::var("HERMES_TEST_PYTHON").unwrap_or_else(|_| "python3".into());
    let there = Command::new(&python).args(["-c", "import openai"]).output().is_ok_and(|o| o.status.success());
    if !there {
        println!("skipped: `{python}` with the package `openai` is not there");
        return;
    }
    let sandbox = serve(Options::default()).await.unwrap();
    let address = sandbox.base_url();
    let run = tokio::task::spawn_blocking(move || {
        Command::new(python).args(["-c", SCRIPT, &address]).env("NO_PROXY", "127.0.0.1").env_remove("OPENAI_BASE_URL").output().unwrap()
    });
    let output = run.await.unwrap();
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
}
