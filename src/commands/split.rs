//! `/split`

use super::{Command, When};
use crate::{
    domain::panes::Way,
    flow::{intent::Intent, screen::Reply},
};

pub(super) static COMMAND: Command = Command {
    name: "split",
    also: "pane window beside below",
    takes: "[below]",
    about: "Another chat beside this one, or below it",
    when: When::Always,
    choices: |_| ["beside", "below"].map(String::from).to_vec(),
    run: |way, _| match way {
        "" | "beside" => Reply::intent(Intent::Split(Way::Beside)),
        "below" => Reply::intent(Intent::Split(Way::Below)),
        other => Reply::intent(Intent::Tell(format!("A chat can be opened `beside` or `below`, not `{other}`"))),
    },
};
