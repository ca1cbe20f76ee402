//! What is done while a server is connected: its list is read again when it has changed, and abandoned requests are called off. All of
//! it goes on side by side, as a server that reads nothing would hold up each of them.

use super::{
    definition::Definition,
    offer::Offer,
    session::{Client, Link},
};
use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use rmcp::model::{CancelledNotificationParam, RequestId};
use std::time::Duration;
use tokio::{
    sync::mpsc::UnboundedReceiver,
    time::{sleep, timeout},
};

/// What comes between two readings of a list, whatever the server says.
const BETWEEN: Duration = Duration::from_millis(300);

/// The tools, or why they are not known.
pub(super) type List = Result<Vec<Offer>, String>;

/// Does all of it, without end. `listed` gets each new list, or why there is none.
pub(super) async fn run(
    definition: &Definition,
    link: &Link,
    client: &Client,
    mut abandoned: UnboundedReceiver<RequestId>,
    mut listed: impl FnMut(List),
) {
    let mut chores: FuturesUnordered<BoxFuture<'_, Option<List>>> = FuturesUnordered::new();
    let mut is_listing = false;
    loop {
        tokio::select! {
            () = client.changed.notified(), if !is_listing => {
                is_listing = true;
                chores.push(list_again(definition, link).map(Some).boxed());
            }
            Some(id) = abandoned.recv() => chores.push(call_off(link, id).map(|()| None).boxed()),
            Some(done) = chores.next(), if !chores.is_empty() => {
                if let Some(list) = done {
                    is_listing = false;
                    listed(list);
                }
            }
        }
    }
}

async fn list_again(definition: &Definition, link: &Link) -> List {
    sleep(BETWEEN).await;
    timeout(definition.connect, link.list(definition)).await.unwrap_or_else(|_| Err("it did not answer".into()))
}

async fn call_off(link: &Link, id: RequestId) {
    let reason = Some("nobody waits for the answer any more".to_string());
    // a server that has gone needs not be told
    let _ = link.peer.notify_cancelled(CancelledNotificationParam::new(Some(id), reason)).await;
}
