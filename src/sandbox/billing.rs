//! What is left of the plan, in each of the shapes that the service answers in.

use super::{
    faults::{Fault, Shape},
    refusals::Refusal,
    reply::refusal,
    shared::Shared,
};
use axum::{
    Json,
    extract::{Query, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Arc};

/// `GET /v1/billing`
pub(super) async fn left(State(shared): State<Arc<Shared>>, Query(query): Query<HashMap<String, String>>, headers: HeaderMap) -> Response {
    if headers.get("x-xai-token-auth").is_none_or(|value| value != "xai-grok-cli") {
        return refusal(&Refusal { status: 404, code: "not-found", error: "There is nothing here.".into() });
    }
    let shape = shared.faults().iter().find_map(|fault| if let Fault::Plan(shape) = fault { Some(*shape) } else { None });
    let in_credits = query.get("format").is_some_and(|format| format == "credits");
    Json(answer(shape.unwrap_or(Shape::Week), in_credits, Utc::now())).into_response()
}

fn answer(shape: Shape, in_credits: bool, now: DateTime<Utc>) -> Value {
    let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Micros, false);
    let (start, end) = (text(now - Duration::days(3)), text(now + Duration::days(4)));
    if !in_credits {
        let limit = if shape == Shape::Limit { "15000" } else { "0" };
        return json!({ "config": { "monthlyLimit": { "val": limit }, "used": { "val": "6300" }, "billingPeriodEnd": end } });
    }
    let mut config = json!({
        "currentPeriod": { "type": "USAGE_PERIOD_TYPE_WEEKLY", "start": start, "end": end },
        "onDemandCap": { "val": 0 }, "onDemandUsed": { "val": 0 }, "prepaidBalance": { "val": 0 }, "isUnifiedBillingUser": true,
    });
    let products = |chat: f64, build: f64| json!([{ "product": "GrokChat", "usagePercent": chat }, { "product": "GrokBuild", "usagePercent": build }, { "product": "Api", "usagePercent": null }]);
    match shape {
        Shape::Week | Shape::Flat => {
            config["creditUsagePercent"] = json!(38.0);
            config["productUsage"] = products(30.0, 8.0);
        }
        Shape::NearlySpent => {
            config["creditUsagePercent"] = json!(91.0);
            config["productUsage"] = products(11.0, 80.0);
        }
        Shape::Unused => {
            config["billingPeriodStart"] = json!(start);
            config["billingPeriodEnd"] = json!(end);
        }
        Shape::Limit | Shape::Nothing => {}
    }
    if shape == Shape::Flat { config } else { json!({ "config": config }) }
}
