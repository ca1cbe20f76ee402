//! A connection to a server: the greeting, its tools, its calls.

use super::{
    answer::Answer,
    definition::Definition,
    offer::{Offer, offers},
    reason,
};
use rmcp::{
    ClientHandler, RoleClient,
    model::{
        CallToolRequest, CallToolRequestParams, ClientCapabilities, ClientConfig, ClientRequest, ErrorCode, Implementation,
        ListToolsRequest, PaginatedRequestParams, RequestId,
    },
    service::{NotificationContext, Peer, PeerRequestOptions, ServiceError},
};
use serde_json::{Map, Value};
use std::{collections::HashSet, sync::Arc};
use tokio::sync::{Notify, mpsc::UnboundedSender};

/// Tools of one server.
const MOST_TOOLS: usize = 1_000;
/// Pages of its list: an empty page may have a next one, too.
const MOST_PAGES: usize = 1_000;

/// What we are to a server: somebody who uses tools, and offers nothing.
#[derive(Clone, Default)]
pub(super) struct Client {
    /// Its tools have changed.
    pub changed: Arc<Notify>,
}

impl ClientHandler for Client {
    fn get_info(&self) -> ClientConfig {
        ClientConfig::new(ClientCapabilities::default(), Implementation::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")))
    }

    async fn on_tool_list_changed(&self, _context: NotificationContext<RoleClient>) {
        self.changed.notify_one();
    }
}

/// Where requests to a server go, side by side.
#[derive(Clone)]
pub(super) struct Link {
    pub peer: Peer<RoleClient>,
    /// Requests whose answers nobody waits for any more.
    pub abandoned: UnboundedSender<RequestId>,
}

/// Why a call has no answer.
#[derive(Debug)]
pub(super) enum Failed {
    /// The server has gone; its keeper knows why.
    Gone,
    /// The end of a sentence.
    Because(String),
}

impl Link {
    /// All tools that are wanted.
    pub async fn list(&self, definition: &Definition) -> Result<Vec<Offer>, String> {
        let (mut tools, mut names, mut cursor) = (vec![], HashSet::new(), None);
        for _ in 0..MOST_PAGES {
            let params = cursor.clone().map(|cursor| PaginatedRequestParams::default().with_cursor(Some(cursor)));
            let request = ListToolsRequest { method: Default::default(), params, extensions: Default::default() };
            let page = match self.ask(ClientRequest::ListToolsRequest(request)).await {
                Ok(page) => page,
                // a server of prompts and resources alone
                Err(ServiceError::McpError(error)) if error.code == ErrorCode::METHOD_NOT_FOUND => break,
                Err(error) => return Err(reason::of_request(&error)),
            };
            if !page.get("tools").is_some_and(Value::is_array) {
                return Err("its list of tools could not be understood".into());
            }
            tools.extend(offers(&page, definition).filter(|offer| names.insert(offer.name.clone())).take(MOST_TOOLS - tools.len()));
            let next = page.get("nextCursor").and_then(Value::as_str).map(str::to_string);
            if next.is_none() || next == cursor || tools.len() >= MOST_TOOLS {
                break;
            }
            cursor = next;
        }
        Ok(tools)
    }

    /// Calls a tool. Giving up the waiting tells the server that the answer isn't wanted any more.
    pub async fn call(&self, tool: &str, arguments: Map<String, Value>) -> Result<Answer, Failed> {
        let params = CallToolRequestParams::new(tool.to_string()).with_arguments(arguments);
        match self.ask(ClientRequest::CallToolRequest(CallToolRequest::new(params))).await {
            Ok(result) => Answer::read(&result).map_err(Failed::Because),
            Err(ServiceError::TransportClosed) => Err(Failed::Gone),
            Err(error) => Err(Failed::Because(reason::of_request(&error))),
        }
    }

    /// The result as it came: the SDK's types would lose all tools over one that is malformed.
    async fn ask(&self, request: ClientRequest) -> Result<Value, ServiceError> {
        let handle = self.peer.send_request_with_option(request, PeerRequestOptions::no_options()).await?;
        let mut waiting = Waiting { link: self, id: Some(handle.id.clone()) };
        let result = handle.await_response().await;
        waiting.id = None;
        serde_json::to_value(result?).map_err(|_| ServiceError::UnexpectedResponse)
    }
}

/// A request under way.
struct Waiting<'a> {
    link: &'a Link,
    id: Option<RequestId>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(id) = self.id.take() {
            // nobody listens any more when the connection has ended
            let _ = self.link.abandoned.send(id);
        }
    }
}
