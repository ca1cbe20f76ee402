//! What is left of the plan that a sign-in belongs to (`docs/xai.md` 12): asked for when the person wants to see it, at one host, without
//! following it anywhere else. Whatever does not answer, or says nothing, is nothing: no number is made up.

use super::connection;
use crate::{
    domain::{
        catalog::{Login, Provider},
        plan::{Share, Span},
    },
    http::{body, hosts},
    providers,
    services::Services,
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use url::Url;

/// xAI's own, at which plans are counted.
const ADDRESS: &str = "https://cli-chat-proxy.grok.com/v1";
/// Without it there is no answer.
const TOKEN_AUTH: (&str, &str) = ("x-xai-token-auth", "xai-grok-cli");
/// Nobody waits longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// An answer is not larger than this.
const LARGEST: usize = 64 << 10;

/// Whether a provider's sign-in belongs to a plan that can be asked for.
pub fn has_plan(provider: &Provider) -> bool {
    provider.login == Login::OAuth || provider.id == providers::SANDBOX.id
}

/// What is used of the plan; nothing where nobody says so.
pub async fn ask(provider: &'static Provider, services: &Arc<Services>) -> Option<Share> {
    let (connection, _) = connection(provider, services).await.ok()?;
    // a simulator on this machine stands in for all of xAI
    let base = if hosts::is_loopback(&connection.address) { connection.address } else { Url::parse(ADDRESS).ok()? };
    let address = hosts::below(&base, "billing");
    let client = services.clients.for_address(&address).ok()?;
    let key = connection.key?;
    let told = async |query: Option<&str>| {
        let mut address = address.clone();
        address.set_query(query);
        let request = client.get(address).header(TOKEN_AUTH.0, TOKEN_AUTH.1).bearer_auth(key.reveal());
        let answer = client.send(request).await.ok().filter(|answer| answer.status().as_u16() == 200)?;
        let bytes = body::whole(answer, LARGEST).await.ok()?;
        serde_json::from_slice::<Value>(&bytes).ok()
    };
    let both = async {
        let credits = told(Some("format=credits")).await?;
        match share(&credits) {
            Some(share) => Some(share),
            None => limit(&told(None).await?),
        }
    };
    timeout(PATIENCE, both).await.ok().flatten()
}

/// A number, which may be a text, or be wrapped as `{"val": 1}`.
fn number(value: Option<&Value>) -> Option<f64> {
    let number = match value? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Object(fields) => return number(fields.get("val")),
        _ => None,
    };
    number.filter(|number| number.is_finite() && *number >= 0.0)
}

fn percent(value: Option<&Value>) -> Option<f64> {
    number(value).map(|percent| percent.min(100.0))
}

/// The fields, in `config` or at the top.
fn fields(told: &Value) -> &Value {
    told.get("config").filter(|config| config.is_object()).unwrap_or(told)
}

fn moment(value: Option<&Value>) -> Option<i64> {
    chrono::DateTime::parse_from_rfc3339(value?.as_str()?).ok().map(|time| time.timestamp())
}

/// The share in an answer in credits. Zero is left out of it: that is believed only of a period that is the one which is billed, when
/// nothing else in the answer was used.
fn share(told: &Value) -> Option<Share> {
    let config = fields(told);
    let period = config.get("currentPeriod");
    let (start, end) = (moment(period.and_then(|p| p.get("start"))), moment(period.and_then(|p| p.get("end"))));
    let rows = config.get("productUsage").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let products: Vec<(String, f64)> =
        rows.iter().filter_map(|row| Some((row.get("product")?.as_str()?.to_string(), percent(row.get("usagePercent"))?))).collect();
    let is_billed = start.is_some()
        && start == moment(config.get("billingPeriodStart"))
        && end.is_some()
        && end == moment(config.get("billingPeriodEnd"));
    let is_unused = || {
        let spent = ["used", "onDemandUsed", "monthlyUsed"].iter().any(|name| number(config.get(name)).is_some_and(|spent| spent > 0.0));
        is_billed && !spent && products.iter().all(|(_, used)| *used == 0.0) && number(config.get("monthlyLimit")).is_none()
    };
    let used = match config.get("creditUsagePercent") {
        None => is_unused().then_some(0.0),
        told => percent(told),
    }?;
    let span = match period.and_then(|p| p.get("type")).and_then(Value::as_str) {
        Some(kind) if kind.contains("WEEK") => Span::Week,
        Some(kind) if kind.contains("MONTH") => Span::Month,
        _ => Span::Plan,
    };
    Some(Share { used, span, ends: end, products })
}

/// The share in an answer without a format: what was used of a limit. A limit of zero says nothing.
fn limit(told: &Value) -> Option<Share> {
    let config = fields(told);
    let limit = number(config.get("monthlyLimit")).filter(|limit| *limit > 0.0)?;
    // zero is left out here, too: of a limit that is there nothing was used
    let used = match config.get("used") {
        None => 0.0,
        told => number(told)?,
    };
    let used = (used / limit * 100.0).min(100.0);
    Some(Share { used, span: Span::Month, ends: moment(config.get("billingPeriodEnd")), products: vec![] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const START: &str = "2026-07-07T04:17:34.673127+00:00";
    const END: &str = "2026-07-14T04:17:34.673127+00:00";

    fn week(more: Value) -> Value {
        let mut config = json!({ "currentPeriod": { "type": "USAGE_PERIOD_TYPE_WEEKLY", "start": START, "end": END } });
        for (name, value) in more.as_object().unwrap() {
            config[name] = value.clone();
        }
        json!({ "config": config })
    }

    #[test]
    fn a_share_is_read_in_each_of_its_shapes() {
        let told = week(
            json!({ "creditUsagePercent": 4.0, "productUsage": [{ "product": "Api", "usagePercent": 4.0 }, { "product": "GrokChat", "usagePercent": null }],
            "onDemandUsed": { "val": 0 } }),
        );
        let read = share(&told).unwrap();
        assert_eq!((read.used, read.span, read.ends), (4.0, Span::Week, Some(1_784_002_654)));
        assert_eq!(read.products, [("Api".to_string(), 4.0)], "what is null is not told");
        assert_eq!(share(&told["config"]).map(|share| share.used), Some(4.0), "the fields may stand at the top");
        assert_eq!(share(&week(json!({ "creditUsagePercent": "38.5" }))).map(|share| share.used), Some(38.5));
        assert_eq!(share(&week(json!({ "creditUsagePercent": 140 }))).map(|share| share.used), Some(100.0));
    }

    #[test]
    fn zero_is_believed_only_where_nothing_says_otherwise() {
        let billed = json!({ "billingPeriodStart": START, "billingPeriodEnd": END });
        assert_eq!(share(&week(billed.clone())).map(|share| share.used), Some(0.0));
        assert_eq!(share(&week(json!({}))), None, "another period than the billed one");
        assert_eq!(share(&week(json!({ "billingPeriodStart": START, "billingPeriodEnd": "2026-08-07T04:17:34Z" }))), None);
        let mut used = billed.clone();
        used["productUsage"] = json!([{ "product": "GrokBuild", "usagePercent": 3 }]);
        assert_eq!(share(&week(used)), None, "something was used");
        let mut wrong = billed;
        wrong["creditUsagePercent"] = json!("many");
        assert_eq!(share(&week(wrong)), None, "what can't be read is not zero");
        for nothing in [json!(null), json!([]), json!("x"), json!({ "config": 4 }), json!({})] {
            assert_eq!((share(&nothing), limit(&nothing)), (None, None), "{nothing}");
        }
    }

    #[test]
    fn a_limit_says_how_much_is_used_and_a_limit_of_zero_nothing() {
        let of =
            |limit: Value, used: Value| super::limit(&json!({ "monthlyLimit": { "val": limit }, "used": { "val": used } })).map(|s| s.used);
        assert_eq!(of(json!(200), json!("50")), Some(25.0));
        assert_eq!(of(json!("200"), json!(400)), Some(100.0));
        assert_eq!(of(json!(0), json!(0)), None);
        assert_eq!(limit(&json!({ "config": { "monthlyLimit": { "val": 10 } } })).map(|s| (s.used, s.span)), Some((0.0, Span::Month)));
    }
}
