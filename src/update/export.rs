//! A conversation as Markdown.

use crate::{
    domain::{
        conversation::{Body, Conversation, Notice},
        facts::Facts,
        pane::PaneId,
        trouble::Trouble,
    },
    flow::effect::Effect,
};

/// Orders the file, or says that there is nothing to write.
pub fn order(facts: &mut Facts, at: PaneId, path: Option<String>) -> Vec<Effect> {
    let pane = facts.panes.at(at);
    let conversation = &pane.conversation;
    if !super::pane::has_words(conversation) {
        let trouble = Trouble::new("usage", "There is nothing to export yet").help("ask something first");
        facts.notice(at, Notice::Trouble(trouble));
        return vec![];
    }
    let path = path.unwrap_or_else(|| format!("hermes-{}.md", conversation.id));
    vec![Effect::Export { pane: at, path, text: markdown(conversation, &pane.choice.model) }]
}

/// The conversation with its questions as headings; reasoning and notices are left out.
pub fn markdown(conversation: &Conversation, model: &str) -> String {
    let mut text = format!("# {}\n\nConversation {} with {model}\n", conversation.topic().unwrap_or("Conversation"), conversation.id);
    for entry in &conversation.entries {
        match &entry.body {
            Body::Said(said) => text.push_str(&format!("\n## {}\n", said.text.trim().replace('\n', "\n> "))),
            Body::Answered(answer) if !answer.text.is_empty() => text.push_str(&format!("\n{}\n", answer.text.trim_end())),
            Body::Ran(used) => {
                text.push_str(&format!("\n```\n$ {}\n{}\n```\n", used.call.arguments, used.output().trim_end()));
            }
            Body::Used(used) => {
                text.push_str(&format!("\n`{}` {}\n\n```\n{}\n```\n", used.call.name, used.call.arguments, used.output().trim_end()));
            }
            Body::Making(job) if !job.product.files.is_empty() => {
                let files: Vec<String> = job.product.files.iter().map(|path| format!("- {}", path.display())).collect();
                text.push_str(&format!("\n{}: {}\n\n{}\n", job.wish.noun(), job.wish.subject(), files.join("\n")));
            }
            Body::Served(served) => text.push_str(&format!("\n`{}` {}\n", served.done, served.subject)),
            _ => {}
        }
    }
    text
}
