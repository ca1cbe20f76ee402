use super::*;
use crate::{
    domain::catalog::{Login, Provider, Transport},
    http::told::Told,
};

static XAI: Provider = Provider {
    id: "xai-oauth",
    aliases: &[],
    title: "xAI",
    address: "https://api.x.ai/v1",
    address_variables: &[],
    login: Login::OAuth,
    transport: Transport::Responses,
    default_model: "grok-4.3",
    catalog: "xai",
    id_signs: "",
    local: false,
};

fn told(status: u16, body: &str) -> Trouble {
    Error::Refused(Refusal::read(status, None, body).into()).trouble(Asked { provider: &XAI, model: "grok-4.3", again: false })
}

#[test]
fn refusals_are_told_apart_by_what_they_say() {
    for (status, body, want) in [
        (401, r#"{"code":"unauthenticated","error":"The OAuth2 access token could not be validated."}"#, "key_refused"),
        (
            403,
            r#"{"code":"permission-denied","error":"The OAuth2 access token could not be validated. [WKE=unauthenticated:bad-credentials]"}"#,
            "key_refused",
        ),
        (403, r#"{"code":"unauthenticated:bad-credentials","error":"Bad."}"#, "key_refused"),
        (
            400,
            r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]"#,
            "key_refused",
        ),
        (
            403,
            r#"{"code":"The caller does not have permission","error":"You have either run out of available resources or do not have an active Grok subscription."}"#,
            "plan_refused",
        ),
        (403, r#"{"code":"personal-team-blocked:spending-limit","error":"Your team has reached its spending limit."}"#, "quota_spent"),
        (402, "", "quota_spent"),
        (429, r#"{"error":"Your team has used all available credits or reached its monthly spending limit."}"#, "quota_spent"),
        (
            429,
            r#"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","code":"insufficient_quota"}}"#,
            "quota_spent",
        ),
        (
            429,
            r#"{"error":{"message":"Quota exceeded for requests per minute. Check your plan and billing details. Please retry in 21s."}}"#,
            "rate_limited",
        ),
        (403, "<html><title>Just a moment...</title></html>", "intercepted"),
        (403, "Forbidden", "request_refused"),
        (
            400,
            r#"{"code":"invalid-argument","error":"This model's maximum prompt length is 1000000 but the request contains 1000321 tokens."}"#,
            "context_full",
        ),
        (
            400,
            r#"{"error":{"message":"the request exceeds the available context size (4096 tokens)","type":"exceed_context_size_error"}}"#,
            "context_full",
        ),
        (404, r#"{"code":"not-found","error":"Model not found: grok-9"}"#, "model_unknown"),
        (404, r#"{"error":{"message":"model 'x' not found, try pulling it first"}}"#, "model_unknown"),
        (400, r#"{"error":{"message":"x is not a valid model ID","code":400}}"#, "model_unknown"),
        (404, "<html><title>404 Not Found</title></html>", "request_refused"),
        (400, r#"{"code":"invalid-argument","error":"The image could not be validated."}"#, "request_refused"),
        (429, r#"{"code":"rate_limit_exceeded","error":"Too many requests"}"#, "rate_limited"),
        (503, "<html><head><title>Service Unavailable</title></head></html>", "server_error"),
        (400, r#"{"error":{"message":"Bad.","code":"x"}}"#, "request_refused"),
        (302, "", "redirected"),
        (407, "", "proxy_refused"),
        (511, "<title>Hotel</title>", "intercepted"),
        (204, "", "answer_empty"),
        (200, "<html><title>Sign in to the Wi-Fi</title>", "intercepted"),
    ] {
        assert_eq!(told(status, body).code, want, "{status} {body}");
    }
}

#[test]
fn the_servers_own_words_are_in_the_sentence() {
    for (status, body, words) in [
        (
            400,
            r#"{"error":{"message":"Provider returned error","metadata":{"raw":"{\"error\":{\"message\":\"This model supports at most 1 image.\"}}","provider_name":"Foo"}}}"#,
            "this model supports at most 1 image (said by Foo)",
        ),
        (
            403,
            r#"{"code":"x","error":"You have either run out of available resources."}"#,
            "you have either run out of available resources (no plan, a plan without `grok-4.3`",
        ),
        (403, r#"{"code":"personal-team-blocked:spending-limit","error":"Used all."}"#, "bills the xAI API and not the plan"),
        (429, r#"{"error":"Slow down a bit."}"#, "slow down a bit"),
        (401, r#"{"error":"Key revoked."}"#, "key revoked"),
        (403, "<title>Just a moment...</title>", "a page “Just a moment...” (status 403)"),
        (503, "<title>Maintenance</title>", "a page “Maintenance”"),
        (500, r#"{"error":"Broken pipe to the model."}"#, "status 500: broken pipe to the model"),
    ] {
        assert!(told(status, body).message.contains(words), "{}", told(status, body).message);
    }
    // "also after trying again" is said only where it was tried
    assert!(!told(503, "").message.contains("again"));
    let again = Error::Refused(Refusal::read(503, None, "").into()).trouble(Asked { provider: &XAI, model: "m", again: true });
    assert!(again.message.ends_with("also after trying again"), "{}", again.message);
}

#[test]
fn a_failure_in_the_middle_of_an_answer_has_the_sentence_of_its_kind() {
    let code = |message: &str, status| {
        let refusal = Refusal::told(Told { message: message.into(), status, ..Told::default() });
        Error::Failed(refusal.into()).trouble(Asked { provider: &XAI, model: "m", again: false }).code
    };
    assert_eq!(code("This model's maximum context length is 4096 tokens.", Some(400)), "context_full");
    assert_eq!(code("Rate limit reached", Some(429)), "rate_limited");
    assert_eq!((code("Oops", Some(500)), code("Oops", None), code("", None)), ("server_error", "server_error", "server_error"));
}

#[test]
fn only_what_was_refused_before_it_began_is_tried_again() {
    let refusal = |status, body: &str| Error::Refused(Refusal::read(status, None, body).into()).is_passing();
    assert!(refusal(429, "{}") && refusal(503, "") && refusal(529, "") && refusal(408, ""));
    assert!(!refusal(429, r#"{"code":"insufficient_quota"}"#) && !refusal(400, "") && !refusal(403, "") && !refusal(501, ""));
    assert!(!refusal(511, "") && !refusal(407, "") && !refusal(302, ""));
    assert!(!Error::Failed(Refusal::read(500, None, "").into()).is_passing(), "what came inside an answer had begun");
}
