//! The `x_search` toolset: posts on X, found by one of xAI's models (`docs/media.md` 7).

use super::{
    Call, Returned, Row, ToolRow,
    arguments::Arguments,
    xai::{By, Request, Xai},
};
use crate::domain::{
    conversation::Outcome,
    tool::{Needs, Risk, Shown},
    trouble::Trouble,
};
use crate::http::stream::Content;
use chrono::NaiveDate;
use futures_util::FutureExt;
use serde_json::{Map, Value, json};

/// Searching X.
pub static TOOLSET: Row = Row {
    name: "x_search",
    label: "🐦 X (Twitter) Search",
    is_on: false,
    backend: None,
    tools: &[ToolRow {
        name: "x_search",
        doing: "Searching X for",
        done: "Searched X for",
        subject: &["query"],
        about: "Searches posts, people and threads on X, and answers from what was found, with links. Only for what is on X.",
        takes: r#"{"type":"object","properties":{
            "query":{"type":"string","description":"What to find out"},
            "allowed_x_handles":{"type":"array","items":{"type":"string"},"description":"Only posts of these people, 10 at most"},
            "excluded_x_handles":{"type":"array","items":{"type":"string"},"description":"No posts of these people, 10 at most; not together with allowed_x_handles"},
            "from_date":{"type":"string","description":"The first day, YYYY-MM-DD"},
            "to_date":{"type":"string","description":"The last day, YYYY-MM-DD"},
            "enable_image_understanding":{"type":"boolean","description":"Whether pictures in posts are looked at"},
            "enable_video_understanding":{"type":"boolean","description":"Whether videos in posts are looked at"}},"required":["query"]}"#,
        risk: Risk::Reads,
        own: None,
        needs: Needs::Xai,
    }],
    run: |call| search(call).boxed(),
    trial: Some(("x_search", r#"{"query":"What did xAI post today? One sentence."}"#)),
};

/// People that a search may be limited to.
const MOST_HANDLES: usize = 10;
const FIELDS: &[&str] = &[
    "query",
    "allowed_x_handles",
    "excluded_x_handles",
    "from_date",
    "to_date",
    "enable_image_understanding",
    "enable_video_understanding",
];

async fn search(call: Call<'_>) -> Result<Returned, String> {
    let today = chrono::Utc::now().date_naive();
    let (query, tool) = tool(&Arguments(&call.arguments), today)?;
    let services = &call.workshop.services;
    let settings = services.settings.current();
    let model = settings.tools.x_search_model.as_str();
    let body = json!({ "model": model, "input": [{ "role": "user", "content": query }], "tools": [tool], "store": false });
    let (patience, retries) = (settings.tools.x_search_timeout, settings.tools.x_search_retries);
    let request = Request { retries, ..Request::new("responses", Content::Json(&body), model, patience) };
    let answered = Xai { services, by: By::Any(call.order.provider, "x_search") }.ask(&request).await;
    Ok(Returned::Outcome(match answered {
        Ok((answer, source)) => found(&answer, source.provider.id, model, &query),
        Err(failure) => failed(&failure.trouble),
    }))
}

/// The built-in tool with the filters that were asked for, and the question.
fn tool(arguments: &Arguments<'_>, today: NaiveDate) -> Result<(String, Value), String> {
    arguments.only(FIELDS)?;
    let query = arguments.text("query")?.trim().to_string();
    if query.is_empty() {
        return Err("`query` is empty; say what to find out.".into());
    }
    let mut tool = Map::from_iter([("type".to_string(), json!("x_search"))]);
    for name in ["allowed_x_handles", "excluded_x_handles"] {
        let handles: Vec<String> = arguments
            .texts(name)?
            .iter()
            .map(|handle| handle.trim().trim_start_matches('@').to_string())
            .filter(|h| !h.is_empty())
            .collect();
        if handles.len() > MOST_HANDLES {
            return Err(format!("`{name}` may name {MOST_HANDLES} people at most."));
        }
        if !handles.is_empty() {
            tool.insert(name.into(), json!(handles));
        }
    }
    if tool.len() > 2 {
        return Err("Give `allowed_x_handles` or `excluded_x_handles`, not both.".into());
    }
    let mut days = vec![];
    for name in ["from_date", "to_date"] {
        let Some(text) = arguments.maybe_text(name)? else { continue };
        let day = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").map_err(|_| format!("`{name}` must be a day as YYYY-MM-DD."))?;
        if name == "from_date" && day > today {
            return Err("`from_date` is in the future.".into());
        }
        tool.insert(name.into(), json!(day.to_string()));
        days.push(day);
    }
    if !days.is_sorted() {
        return Err("`from_date` is after `to_date`.".into());
    }
    for name in ["enable_image_understanding", "enable_video_understanding"] {
        if arguments.flag(name)? {
            tool.insert(name.into(), json!(true));
        }
    }
    Ok((query, Value::Object(tool)))
}

fn found(answer: &Value, source: &str, model: &str, query: &str) -> Outcome {
    let items = answer.get("output").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let parts = || items.iter().filter_map(|item| item.get("content")?.as_array()).flatten();
    let texts: Vec<&str> = parts().filter_map(|part| part.get("text")?.as_str()).collect();
    let text = answer.get("output_text").and_then(Value::as_str).map_or_else(|| texts.join("\n\n"), str::to_string);
    let is_citation = |note: &&Value| note.get("type").and_then(Value::as_str) == Some("url_citation");
    let cited: Vec<Value> = parts()
        .filter_map(|part| part.get("annotations")?.as_array())
        .flatten()
        .filter(is_citation)
        .map(|note| json!({ "url": note["url"], "title": note["title"], "start_index": note["start_index"], "end_index": note["end_index"] }))
        .collect();
    let listed = answer.get("citations").cloned().unwrap_or_else(|| json!([]));
    let note = match cited.len() {
        0 => String::new(),
        1 => "1 source".into(),
        n => format!("{n} sources"),
    };
    let output = json!({ "success": true, "provider": "xai", "credential_source": source, "tool": "x_search", "model": model,
        "query": query, "answer": text, "citations": listed, "inline_citations": cited });
    let shown = Some(Shown::Text(text.into()));
    Outcome { ok: true, happened: true, output: output.to_string().into(), shown, note, ..Outcome::default() }
}

fn failed(trouble: &Trouble) -> Outcome {
    let error = trouble.sentence();
    let output = json!({ "success": false, "provider": "xai", "tool": "x_search", "error": error, "error_type": trouble.code });
    Outcome::failed(output.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(arguments: Value) -> Result<Value, String> {
        let today = NaiveDate::from_ymd_opt(2026, 5, 20).unwrap();
        tool(&Arguments(arguments.as_object().unwrap()), today).map(|(_, tool)| tool)
    }

    #[test]
    fn only_the_filters_that_were_given_are_sent() {
        assert_eq!(made(json!({ "query": " cats " })), Ok(json!({ "type": "x_search" })));
        assert_eq!(
            made(
                json!({ "query": "x", "allowed_x_handles": ["@xai", " "], "from_date": "2026-05-01", "enable_image_understanding": true })
            ),
            Ok(json!({ "type": "x_search", "allowed_x_handles": ["xai"], "from_date": "2026-05-01", "enable_image_understanding": true }))
        );
        for (wrong, why) in [
            (json!({ "query": "" }), "empty"),
            (json!({ "query": "x", "allowed_x_handles": ["a"], "excluded_x_handles": ["b"] }), "not both"),
            (json!({ "query": "x", "from_date": "May" }), "YYYY-MM-DD"),
            (json!({ "query": "x", "from_date": "2026-06-01" }), "future"),
            (json!({ "query": "x", "from_date": "2026-05-02", "to_date": "2026-05-01" }), "after"),
            (json!({ "query": "x", "allowed_x_handles": vec!["a"; 11] }), "10"),
            (json!({ "query": "x", "handles": [] }), "no field"),
        ] {
            let said = made(wrong.clone()).unwrap_err();
            assert!(said.contains(why), "{wrong}: {said}");
        }
    }

    #[test]
    fn an_answer_comes_with_what_it_cites() {
        let answer = json!({ "output": [{ "type": "custom_tool_call" }, { "type": "message", "content": [{ "type": "output_text", "text": "So [[1]](https://x.com/a).",
            "annotations": [{ "type": "url_citation", "url": "https://x.com/a", "title": "1", "start_index": 3, "end_index": 25 }, { "type": "other" }] }] }] });
        let outcome = found(&answer, "xai-oauth", "m", "q");
        let output: Value = serde_json::from_str(&outcome.output).unwrap();
        assert_eq!(
            (output["answer"].as_str(), output["inline_citations"].as_array().map(Vec::len)),
            (Some("So [[1]](https://x.com/a)."), Some(1))
        );
        assert_eq!((output["citations"].clone(), outcome.note.as_str()), (json!([]), "1 source"));
    }
}
