//! What the switcher offers: who was chosen lately, who can be asked, and who can't yet.

use crate::{
    domain::{
        catalog::{Model, Provider},
        facts::Facts,
    },
    screens::picking,
};

/// Choices of before that are offered on digits.
const LATELY: usize = 5;

/// A row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Row {
    /// What follows; it can't be marked.
    Heading(&'static str),
    /// A model, and the digit that chooses it.
    Model { provider: &'static str, id: String, digit: Option<usize> },
    /// A provider that has to be made able before anybody knows its models.
    Provider(&'static str),
    /// So many providers that can't be used yet.
    More(usize),
    /// What was typed, as it is.
    Typed(String),
}

impl Row {
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Model { provider, id, .. }, Self::Model { provider: there, id: named, .. }) => provider == there && id == named,
            _ => self == other,
        }
    }
}

/// A provider by its id.
pub(super) fn named(facts: &Facts, id: &str) -> Option<&'static Provider> {
    facts.catalog.providers.iter().copied().find(|provider| provider.id == id)
}

/// Whether a provider can be asked now; the one that answers can, as far as anybody knows.
pub(super) fn is_able(facts: &Facts, provider: &Provider) -> bool {
    match facts.catalog.standings.get(provider.id) {
        Some(standing) => standing.is_able(),
        None => provider.id == facts.front().choice.provider.id,
    }
}

/// What a model is found by: its names, and words for what it is.
fn haystack(provider: &Provider, model: &Model) -> String {
    let is = |is: bool, words: &'static str| if is { words } else { "" };
    let free = provider.local || model.price == Some((0.0, 0.0));
    format!(
        "{} {} {} {}{}{}{}{}",
        model.id,
        provider.title,
        provider.id,
        is(model.sees, " sees pictures"),
        is(model.thinks, " thinks"),
        is(model.tools, " tools"),
        is(free, " free cheap"),
        is(provider.local, " local here"),
    )
    .to_lowercase()
}

/// The rows for some words.
pub(super) fn find(words: &str, facts: &Facts) -> Vec<Row> {
    let words: Vec<String> = words.to_lowercase().split_whitespace().map(str::to_string).collect();
    let fits = |hay: &str| words.iter().all(|word| hay.contains(word.as_str()));
    let current = facts.front().choice.provider.id;
    let mut rows = vec![];
    let mut shown: Vec<(&str, &str)> = vec![];
    let model = |provider: &'static str, id: &str, digit| Row::Model { provider, id: id.to_string(), digit };
    let lately: Vec<(&'static str, &str)> = facts
        .catalog
        .lately
        .iter()
        .filter(|(provider, _)| is_able(facts, provider))
        .map(|(provider, id)| (provider.id, id.as_str()))
        .collect();
    if words.is_empty() {
        if !lately.is_empty() {
            rows.push(Row::Heading("lately"));
        }
        for (n, (provider, id)) in lately.iter().take(LATELY).enumerate() {
            rows.push(model(provider, id, Some(n + 1)));
            shown.push((provider, id));
        }
    }
    // the provider that answers comes first
    let mut providers: Vec<&'static Provider> = facts.catalog.providers.to_vec();
    providers.sort_by_key(|provider| provider.id != current);
    // whoever answers now is among them, whatever it lacks: nobody is led away from it unawares
    let (able, locked): (Vec<_>, Vec<_>) = providers.into_iter().partition(|provider| provider.id == current || is_able(facts, provider));
    let mut ready: Vec<(usize, Row)> = vec![];
    for provider in &able {
        for known in facts.catalog.listed(provider.id).iter().filter(|known| !shown.contains(&(provider.id, &known.id))) {
            if fits(&haystack(provider, known)) {
                // what is called so comes before what is only found by it
                let rank = words.first().map_or(0, |word| usize::from(!known.id.to_lowercase().contains(word.as_str())));
                ready.push((rank, model(provider.id, &known.id, None)));
            }
        }
    }
    ready.sort_by_key(|(rank, _)| *rank);
    if !ready.is_empty() && !shown.is_empty() {
        rows.push(Row::Heading("ready"));
    }
    rows.extend(ready.into_iter().map(|(_, row)| row));
    if words.is_empty() {
        rows.extend((!locked.is_empty()).then_some(Row::More(locked.len())));
        return rows;
    }
    let mut others = vec![];
    for provider in &locked {
        let before = others.len();
        let known = facts.catalog.listed(provider.id).iter().filter(|known| fits(&haystack(provider, known)));
        others.extend(known.map(|known| model(provider.id, &known.id, None)));
        if others.len() == before && fits(&format!("{} {}", provider.title, provider.id).to_lowercase()) {
            others.push(Row::Provider(provider.id));
        }
    }
    if !others.is_empty() {
        rows.push(Row::Heading("not usable yet"));
        rows.append(&mut others);
    }
    if rows.is_empty() {
        // letters that stand apart
        let all: Vec<(&'static Provider, &Model)> =
            able.iter().flat_map(|provider| facts.catalog.listed(provider.id).iter().map(move |known| (*provider, known))).collect();
        let names = all.iter().map(|(provider, known)| format!("{} {}", known.id, provider.title));
        let near = picking::fitting(&words.join(" "), names);
        rows.extend(near.into_iter().map(|n| model(all[n].0.id, &all[n].1.id, None)));
    }
    let typed = words.join(" ");
    let is_exact = facts.catalog.listed(current).iter().any(|known| known.id.eq_ignore_ascii_case(&typed));
    if words.len() == 1 && !is_exact {
        rows.push(Row::Typed(typed));
    }
    rows
}
