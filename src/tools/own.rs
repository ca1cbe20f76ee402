//! Toolsets that the loop answers by itself (`update/turn/tools.rs`): the list of tasks, and questions to the person.

use super::{Call, Returned, Row, ToolRow};
use crate::domain::tool::{Needs, Own, Risk};
use futures_util::{FutureExt, future::BoxFuture};

/// What the model has set itself to do.
pub static TODO: Row = Row {
    name: "todo",
    label: "📋 Task Planning",
    is_on: true,
    backend: None,
    tools: &[ToolRow {
        name: "todo",
        doing: "Planning",
        done: "Planned",
        subject: &[],
        about: "Keeps the list of what is to be done, which the person sees. Use it for work of three steps or more: write the list first, keep \
                one task `in_progress`, mark each `completed` as soon as it is. With `merge` only the named tasks change; without arguments the \
                list is read.",
        takes: r#"{"type":"object","properties":{
            "todos":{"type":"array","description":"The tasks, in order","items":{"type":"object","properties":{
                "id":{"type":"string"},"content":{"type":"string","description":"What is to be done, in a few words"},
                "status":{"type":"string","enum":["pending","in_progress","completed","cancelled"]}},"required":["id","content","status"]}},
            "merge":{"type":"boolean","description":"Change the named tasks and keep the others; false replaces the list"}}}"#,
        risk: Risk::Reads,
        own: Some(Own::Todo),
        needs: Needs::Nothing,
    }],
    run: none,
    trial: None,
};

/// Questions to the person.
pub static CLARIFY: Row = Row {
    name: "clarify",
    label: "❓ Clarifying Questions",
    is_on: true,
    backend: None,
    tools: &[ToolRow {
        name: "clarify",
        doing: "Asking",
        done: "Asked",
        subject: &["question"],
        about: "Asks the person when you can't go on well without knowing something: one question, with up to four likely answers. They can \
                answer in their own words, too. Don't use it for what you can find out, or to ask whether a command may run.",
        takes: r#"{"type":"object","properties":{"question":{"type":"string","description":"What you have to know"},
            "choices":{"type":"array","items":{"type":"string"},"description":"Up to four likely answers"}},"required":["question"]}"#,
        risk: Risk::Reads,
        own: Some(Own::Clarify),
        needs: Needs::Nothing,
    }],
    run: none,
    trial: None,
};

/// The loop has answered before it comes to this.
fn none(call: Call<'_>) -> BoxFuture<'_, Result<Returned, String>> {
    async move { Err(format!("`{}` can't be called here.", call.order.call.name)) }.boxed()
}
